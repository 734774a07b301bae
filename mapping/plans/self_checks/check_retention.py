"""Retention rules of the self-checks (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.models import CheckedAssociation, CheckedDay, Prediction, SelfCheckNotice
from needs.base.retention_rules.registry import Due, RowRule, register

PREDICTIONS_KEPT = timedelta(days=10)
SUMS_KEPT = timedelta(days=62)


def _sums(now: datetime) -> Sequence[Due]:
    limit = timezone.localdate(now - SUMS_KEPT)
    return [(model.objects.filter(day__lt=limit), None) for model in (CheckedDay, CheckedAssociation)]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "predictions",
            _("What the map predicted for a day is deleted once tours are compared with it, after 10 days at the latest."),
            "",
            ("mapping.Prediction",),
            lambda now: [(Prediction.objects.filter(day__lt=timezone.localdate(now - PREDICTIONS_KEPT)), None)],
        ),
        RowRule(
            "checked_days",
            _("The sums that compare predictions with tours are deleted after 62 days. They contain no place."),
            "",
            ("mapping.CheckedDay", "mapping.CheckedAssociation"),
            _sums,
        ),
        RowRule(
            "check_findings",
            _("Findings of the self-checks about associations, and the answers to them, are deleted 62 days after the finding ended."),
            "",
            ("mapping.SelfCheckNotice",),
            lambda now: [(SelfCheckNotice.objects.filter(found_on__lt=timezone.localdate(now - SUMS_KEPT)), None)],
        ),
    )  # fmt: skip
