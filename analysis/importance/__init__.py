"""Which parameters decide the score: ``python -m analysis.importance results/``."""
