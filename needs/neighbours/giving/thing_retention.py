"""The retention rules for things to borrow, loans and things given away (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from needs.base.retention_rules.registry import Due, RowRule, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.models import ConditionNote, Item, Loan, Offer, StockMove, Wish


def _things(now: datetime) -> Sequence[Due]:
    """Return the rows to delete: removed things, and wishes and offers that are over.

    Things that are lent stay until they are returned.
    """
    limit, old = now - PERIODS["FREE_TEXT_DAYS"].length, now - PERIODS["REPORT_DAYS"].length
    removed = Item.objects.filter(removed_at__lt=limit, loans=None)
    moved = StockMove.objects.filter(at__lt=old).exclude(author=None)
    return [
        (removed, None),
        (Wish.objects.filter(Q(closed_at__lt=limit) | Q(until__lt=limit)), None),
        (Offer.objects.filter(Q(closed_at__lt=limit) | Q(expires_at__lt=limit)), None),
        (moved, {"author": None}),
    ]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "things",
            _("Things that were removed, and wishes and offers that are over, are deleted with photos and requests."),
            "FREE_TEXT_DAYS",
            ("needs.Item", "needs.ItemPhoto", "needs.Wish", "needs.Offer", "needs.OfferRequest", "needs.StockMove"),
            _things,
        ),
        RowRule(
            "condition_notes",
            _("Notes and photos of the condition of things are deleted when their loan has been over for this time."),
            "PHOTO_DAYS",
            ("needs.ConditionNote.text", "needs.ConditionNote.photo"),
            lambda now: [(ConditionNote.objects.filter(loan__ended_at__lt=now - PERIODS["PHOTO_DAYS"].length), None)],
        ),
        RowRule(
            "loans",
            _("Loans are deleted when they have been over for this time."),
            "REPORT_DAYS",
            ("needs.Loan",),
            lambda now: [(Loan.objects.filter(ended_at__lt=now - PERIODS["REPORT_DAYS"].length), None)],
        ),
    )
