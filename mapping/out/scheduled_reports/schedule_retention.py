"""Retention rules of scheduled reports and calendar feeds (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mapping.models import CalendarFeed, ReportRun, ReportSchedule, ScheduleRecipient
from mapping.out.scheduled_reports.report_recipients import addresses_to_delete
from needs.base.retention_rules.registry import Due, RowRule, keep_with_reason, register

RUNS_KEPT = timedelta(days=400)


def _recipients(now: datetime) -> Sequence[Due]:
    limit = now - timedelta(days=settings.CONTACT_DAYS)
    return [
        (ScheduleRecipient.objects.filter(addresses_to_delete(now)), {"address": None, "name": ""}),
        (ReportSchedule.objects.filter(over_at__lt=limit), None),
        (ReportRun.objects.filter(due_at__lt=now - RUNS_KEPT), None),
    ]


def _feeds(now: datetime) -> Sequence[Due]:
    return [(CalendarFeed.objects.filter(revoked_at__lt=now - timedelta(days=settings.CONTACT_DAYS)), None)]


def register_rules() -> None:
    """Register the rules; called when the apps are ready."""
    register(
        RowRule(
            "report_recipients",
            _("Names and addresses of people who got scheduled reports are deleted after they or a coordinator stopped them."),
            "CONTACT_DAYS",
            ("mapping.ScheduleRecipient.name", "mapping.ScheduleRecipient.address", "mapping.ReportSchedule.addressee"),
            _recipients,
        ),
        RowRule(
            "calendar_feeds", _("Revoked calendar addresses are deleted."), "CONTACT_DAYS",
            ("mapping.CalendarFeed.digest",), _feeds,
        ),
    )  # fmt: skip
    keep_with_reason(
        {
            "mapping.ScheduleRecipient.digest": "a keyed hash; deleted with its recipient",
            "mapping.StoppedMailbox": "a keyed hash of a mailbox whose owner does not want scheduled reports",
            "mapping.ReportRun.pdf": "the external report: published figures; deleted after the last mail",
            "mapping.ReportRun.failure": "a code without a name or an address",
            "mapping.ReportMail": "states of a mail; deleted with its recipient",
        }
    )
