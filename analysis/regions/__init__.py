"""How many separate regions of good draws there are: ``python -m analysis.regions results/``."""
