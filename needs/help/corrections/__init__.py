"""Corrections of needs and encounters. A correction updates the row; the history keeps the old and the new values.

Start with ``correcting``.
"""
