"""Loans of items: from the question to the return.
Start in models.py."""
