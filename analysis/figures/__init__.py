"""What a run looks like: ``python -m analysis.figures results/``."""
