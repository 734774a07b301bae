"""Corrections of needs and encounters: the row is updated, the history keeps old and new values.

Start with ``correcting``.
"""
