"""What the apps above hear of people."""

from django.dispatch import Signal

membership_ended = Signal()
"""``membership`` (just ended, or without the role of dispatcher any more) and ``gone`` (False: only the role is).
Sent inside the transaction that does it."""
