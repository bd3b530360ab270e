"""What the paper reports beside what a run finds: ``python -m analysis.reproduction results/``."""
