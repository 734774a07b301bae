"""Loans of items: from the request to the return.
Start in models.py."""
