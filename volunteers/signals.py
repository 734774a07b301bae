"""Signals about people, for the apps above."""

from django.dispatch import Signal

membership_ended = Signal()
"""``membership`` (just ended, or without the role of dispatcher any more) and ``gone`` (False: only the role is).
Sent inside the transaction that does it."""
