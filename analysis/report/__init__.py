"""All there is to see of a run on one page: ``python -m analysis.report results/``."""
