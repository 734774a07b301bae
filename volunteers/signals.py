"""Signals about people, for the apps above."""

from django.dispatch import Signal

membership_ended = Signal()
"""A membership or its dispatcher role ended, in the same transaction. gone: False if only the role ended."""
