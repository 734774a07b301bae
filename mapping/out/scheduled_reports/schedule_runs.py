"""The work of the scheduler: store due runs, make their reports, send their mails.

Each step of a run can be repeated safely. Database constraints allow one run per due date, and one mail per recipient
and run. Runs and mails are claimed in the same way as notifications (volunteers.people.notifications.delivery).
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from mapping.enums import ExportFormat, OverReason, ScheduledContent
from mapping.models import Export, ReportMail, ReportRun, ReportSchedule, ScheduleRecipient
from mapping.out.exports import export_jobs
from mapping.out.report_figures.report_period import Period
from mapping.out.scheduled_reports import due_days, report_mails, schedule_changes
from mapping.out.zone_reports.compose import make_report
from mapping.out.zone_reports.external.external_report import NothingPublished, external_report
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications import delivery
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable

log = logging.getLogger(__name__)


def run_due(now: datetime | None = None) -> int:
    """Store the runs that are due, make all waiting runs, and send all waiting mails. Return the number of mails
    sent."""
    moment = now or timezone.now()
    store_due(moment)
    runs = ReportRun.objects.select_related("schedule__territory", "schedule__author").order_by("due_at")
    while claimed := delivery.claim(runs, moment, most=1):
        for run in claimed:
            make(run)
    delivery.give_up_on_lost(ReportRun.objects.all(), moment)
    return report_mails.send_waiting(max(moment, timezone.now()))


def store_due(now: datetime) -> int:
    """Store one run for each due schedule and move its next due date; return the number of runs.

    If several dates were missed, only the latest gets a run. A schedule ends when its last day has passed.
    """
    number = 0
    for key in list(ReportSchedule.objects.due(now).values_list("pk", flat=True)):
        with transaction.atomic():
            schedule = ReportSchedule.objects.due(now).select_for_update(skip_locked=True).filter(pk=key).first()
            if schedule is None or schedule.next_at is None:
                continue
            due = due_days.last_due(schedule.rhythm, schedule.day, schedule.hour, now, schedule.next_at)
            period = due_days.covered(schedule.content, schedule.rhythm, schedule.day, timezone.localdate(due))
            ReportRun.objects.get_or_create(
                schedule=schedule, due_at=due, defaults={"start": period.start, "end": period.end, "not_before": now}
            )
            schedule.next_at = schedule_changes.next_of(schedule, max(now, due))
            schedule.save(update_fields=["next_at"])
            number += 1
    ended = ReportSchedule.objects.filter(over_at=None, ends_on__lt=timezone.localdate(now)).select_related("territory")
    for schedule in ended:
        schedule_changes.stop(schedule, OverReason.END, None)
    return number


def make(run: ReportRun) -> bool:
    """Make the report of a claimed run and store one mail per recipient; return whether it was made."""
    try:
        _make(run)
    except NotDelivered as refusal:
        return delivery.note(run, refusal)
    except Exception as error:
        log.error("a scheduled report failed with %s", type(error).__name__)
        return delivery.note(run, NotDelivered(type(error).__name__))
    return True


def _make(run: ReportRun) -> None:
    schedule = run.schedule
    if not schedule_changes.may_send(schedule):
        schedule_changes.stop(schedule, OverReason.DUTY, None)
        raise Undeliverable("duty")
    if schedule.halted:
        raise Undeliverable("paused")
    if not schedule.recipients.filter(stopped_at=None).exists():
        raise Undeliverable("nobody")
    period = Period(run.start, run.end)
    with translation.override(schedule.language):
        if schedule.content == ScheduledContent.EXTERNAL:
            try:
                run.pdf = external_report(schedule.territory, period, schedule.language, schedule.addressee)
            except NothingPublished:
                raise Undeliverable("nothing published") from None
        elif schedule.content == ScheduledContent.INTERNAL:
            run.report = make_report(schedule.territory, period, schedule.author)
        _store_mails(run, period)


def _store_mails(run: ReportRun, period: Period) -> None:
    """Store the mails and mark the run as made, in one transaction, unless another worker has done so."""
    schedule, now = run.schedule, timezone.now()
    with transaction.atomic():
        if ReportRun.objects.select_for_update().filter(pk=run.pk, sent_at=None, failed_at=None).first() is None:
            return
        mails = [
            ReportMail(run=run, recipient=each, export=_export_for(each, schedule, period))
            for each in schedule.recipients.filter(stopped_at=None).select_related("user")
        ]
        ReportMail.objects.bulk_create(mails, ignore_conflicts=True)
        run.sent_at, run.failure = now, ""
        run.save(update_fields=["sent_at", "failure", "report", "pdf"])
        recording.record(
            schedule.author, Verb.REPORT_MAILED, "schedule", schedule.pk, purpose=Purpose.STATISTICS,
            scope=schedule.territory.slug, details={"content": schedule.content, "mails": len(mails), "days": period.days},
        )  # fmt: skip


def _export_for(recipient: ScheduleRecipient, schedule: ReportSchedule, period: Period) -> Export | None:
    """If the schedule sends files, request a file in the name of the recipient, because only the person who requests a
    file can open it."""
    if schedule.content != ScheduledContent.ROWS or recipient.user is None:
        return None
    return export_jobs.ask_for_rows(schedule.territory, period, ExportFormat(schedule.format), recipient.user)
