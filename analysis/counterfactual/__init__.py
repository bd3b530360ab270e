"""What could have been: the same points, on the same chance, in a world in which something was otherwise."""
