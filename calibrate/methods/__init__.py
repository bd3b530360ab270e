"""Ways to choose the next point. A new one is a file here, a class as in base.py, and a line in registry.py."""
