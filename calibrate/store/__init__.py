"""The run on disk: parts that are sealed and never changed, run.json, summary.json, and the check of all of it."""
