"""Overrides, with which a team on site contests a status, and field notes.

Start with override_filing.py.
"""
