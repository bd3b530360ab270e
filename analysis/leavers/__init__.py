"""Who leaves: ``python -m analysis.leavers results/``."""
