"""Forking paths: random combinations of the readings that the paper leaves open, and what each leads to."""
