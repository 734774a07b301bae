"""Retention rule of digests (docs/retention.md)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.models import Digest
from needs.base.retention_rules.registry import RowRule, register

KEPT = timedelta(days=60)


def register_rules() -> None:
    """Register the rule; called when the apps are ready."""
    register(
        RowRule(
            "digests",
            _("The list of people who got a digest, with the date, is deleted after two months. It contains no text."),
            "",
            ("mapping.Digest",),
            lambda now: [(Digest.objects.filter(period__lt=timezone.localdate(now - KEPT)), None)],
        )
    )
