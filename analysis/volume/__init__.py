"""How much of the box is good: the share of it in which a draw is worth at least so much, however small that is."""
