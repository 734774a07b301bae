"""The retention rules of the guide of places (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from needs.base.retention_rules.registry import Due, RowRule, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.models import PlaceMistake, PlaceNotice, Reservation, Signposting

RESERVATIONS_KEPT = timedelta(days=7)


def _guide_texts(now: datetime) -> Sequence[Due]:
    limit, forgotten = now - PERIODS["FREE_TEXT_DAYS"].length, now - 2 * PERIODS["FREE_TEXT_DAYS"].length
    return [
        (PlaceNotice.objects.filter(end__lt=limit), None),
        (PlaceMistake.objects.filter(handled_at__lt=limit), None),
        (PlaceMistake.objects.filter(handled_at=None, at__lt=forgotten), None),
    ]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "guide_texts",
            _(
                "Notices of places are deleted after their end. Mistakes that readers report are deleted after "
                "somebody has looked at them, or after twice this time."
            ),
            "FREE_TEXT_DAYS",
            ("needs.PlaceNotice", "needs.PlaceMistake"),
            _guide_texts,
        ),
        RowRule(
            "reservations",
            _("Reservations of beds are deleted after a week. They name nobody who needs the bed."),
            "",
            ("needs.Reservation",),
            lambda now: [(Reservation.objects.filter(made_at__lt=now - RESERVATIONS_KEPT), None)],
        ),
        RowRule(
            "signpostings",
            _("The records of who was told about which place are deleted like reports."),
            "REPORT_DAYS",
            ("needs.Signposting",),
            lambda now: [(Signposting.objects.filter(at__lt=now - PERIODS["REPORT_DAYS"].length), None)],
        ),
    )
