"""What the commands take from a run: its draws, good ones ranked fairly, and what people believed."""
