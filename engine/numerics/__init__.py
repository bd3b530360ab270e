"""Compiled mathematics that knows nothing of the model: random streams, distributions, the Beta distribution function."""
