"""Records that were never fitted: ``python -m analysis.unseen results/``."""
