"""The compiled model, a week at a time; run.py has the order of the week. It knows numbers only, no scenario."""
