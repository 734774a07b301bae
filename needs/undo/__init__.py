"""Undo for ten seconds after an action that removes something. Start at offering.py, then undoing.py."""
