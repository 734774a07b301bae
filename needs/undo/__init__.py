"""Undoing an action that removes something, for ten seconds. Start at offering.py, then undoing.py."""
