"""The command line of ``python -m engine``, and what the commands of all packages share."""
