"""Does another rule than the likelihood come to the same? The energy score, its weight, and where the two disagree."""
