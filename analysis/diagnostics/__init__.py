"""How the chains walked: ``python -m analysis.diagnostics results/``."""
