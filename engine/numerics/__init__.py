"""Compiled mathematics that knows nothing of the model: streams of random numbers, distributions, the Beta function."""
