"""The retention rules of events (docs/retention.md)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from needs.base.retention_rules.registry import RowRule, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.models import EventException, EventSeat, LocalEvent

SEATS_KEPT = timedelta(days=3)
"""Time after the start of an occurrence after which the places of people who joined are deleted."""


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "event_seats",
            _(
                "The list of people who joined an event, or waited for a place, is deleted three days after that "
                "day of the event."
            ),
            "",
            ("needs.EventSeat",),
            lambda now: [(EventSeat.objects.filter(occurrence__lt=now - SEATS_KEPT), None)],
        ),
        RowRule(
            "local_events",
            _(
                "Events are deleted like reports, once their last day is past. The messages about single days are "
                "deleted in the same way."
            ),
            "REPORT_DAYS",
            ("needs.LocalEvent", "needs.RoundStop", "needs.EventException"),
            lambda now: [
                (LocalEvent.objects.filter(over_at__lt=now - PERIODS["REPORT_DAYS"].length), None),
                (EventException.objects.filter(occurrence__lt=now - PERIODS["REPORT_DAYS"].length), None),
            ],
        ),
    )
