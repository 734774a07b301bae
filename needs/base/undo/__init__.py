"""Actions that remove something can be undone for ten seconds. Start at offering.py, then undoing.py."""
