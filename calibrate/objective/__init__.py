"""What a draw is worth: the paper's score, and the compiled step from a point to its record."""
