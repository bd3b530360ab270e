"""What a draw is worth: the paper's score, a likelihood, and the compiled step from a point to its record."""
