"""What utility the record would need, given what people could know: turns "did not fit" into "cannot fit"."""
