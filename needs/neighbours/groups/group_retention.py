"""The retention rules for groups and requests to join (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from needs.base.retention_rules.registry import Due, RowRule, keep_with_reason, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.models import Group, JoinRequest


def _requests(now: datetime) -> Sequence[Due]:
    words, old = now - PERIODS["FREE_TEXT_DAYS"].length, now - PERIODS["REPORT_DAYS"].length
    return [
        (JoinRequest.objects.filter(asked_at__lt=words).exclude(word=""), {"word": ""}),
        (JoinRequest.objects.filter(asked_at__lt=old), None),
    ]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "join_requests",
            _("The texts of requests to join are deleted. Requests and closed groups are deleted like reports."),
            "FREE_TEXT_DAYS",
            ("needs.JoinRequest", "needs.Group"),
            lambda now: [
                *_requests(now),
                (Group.objects.filter(closed_at__lt=now - PERIODS["REPORT_DAYS"].length), None),
            ],
        )
    )
    keep_with_reason(
        {"needs.GroupMember": "belongs to the account; deleted when the person leaves or the group closes"}
    )
