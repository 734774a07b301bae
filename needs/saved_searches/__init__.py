"""Saved searches, and alerts on what is new in them.

Start in ``alerts``; ``need_filters`` is the vocabulary of all searches for needs.
"""
