"""The beginning of a country of one's own: ``python -m calibrate init NAME``."""
