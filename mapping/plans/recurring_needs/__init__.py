"""Needs that come back month after month, counted without identities.

Start with monthly_counts.py.
"""
