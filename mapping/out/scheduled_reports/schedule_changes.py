"""Changes of schedules: set, change, pause, resume, stop, renew and send by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.enums import OverReason
from mapping.models import ReportRun, ReportSchedule
from mapping.out.scheduled_reports import due_days, report_recipients
from mapping.out.scheduled_reports.report_recipients import Person
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.people.roles.second_factor import may_work
from volunteers.places.territories import duties

MOST_SCHEDULES = 20  # maximum number of unfinished schedules that one person has set
LONGEST = timedelta(days=366)
BY_HAND = timedelta(hours=1)  # minimum time between two mails sent by hand


@dataclass(frozen=True, slots=True)
class Wanted:
    """The answers of the form. See ReportSchedule for their meaning."""

    territory: Territory
    content: str
    format: str
    rhythm: str
    day: int
    hour: int
    language: str
    addressee: str
    ends_on: date
    people: Sequence[Person]

    @property
    def columns(self) -> dict[str, Any]:
        names = ("territory", "content", "format", "rhythm", "day", "hour", "language", "addressee", "ends_on")
        return {name: getattr(self, name) for name in names}


class TooManySchedules(Exception):
    """The person has MOST_SCHEDULES schedules."""


def schedules_of(viewer: Viewer) -> QuerySet[ReportSchedule]:
    """Return the schedules of the territories that the viewer coordinates."""
    return (
        ReportSchedule.objects.filter(territory__in=Territory.objects.coordinated_by(viewer).values("pk"))
        .select_related("territory", "author")
        .defer("territory__polygon")
    )


def schedule_for(viewer: Viewer, key: UUID) -> ReportSchedule:
    """Return a schedule of a territory that the viewer coordinates; raise Http404 otherwise."""
    return get_object_or_404(schedules_of(viewer), pk=key)


def set_up(wanted: Wanted, by: User) -> ReportSchedule:
    """Store a new schedule. Raise TooManySchedules, or report_recipients.TooManyNew."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if ReportSchedule.objects.filter(author=by, over_at=None).count() >= MOST_SCHEDULES:
            raise TooManySchedules
        schedule = ReportSchedule(author=by, **wanted.columns)
        schedule.next_at = _next(schedule)
        schedule.save()
        report_recipients.keep(schedule, wanted.people, by)
        _record(schedule, by, "set")
    return schedule


def change(schedule: ReportSchedule, wanted: Wanted, by: User) -> None:
    """Change a schedule. From now on, it has the rights of the person who changed it. A schedule that is over begins
    again. Raise report_recipients.TooManyNew."""
    with transaction.atomic():
        own = _locked(schedule)
        for name, value in wanted.columns.items():
            setattr(own, name, value)
        own.author, own.over_at, own.over_reason = by, None, ""
        own.next_at = None if own.paused_at else _next(own)
        own.save()
        report_recipients.keep(own, wanted.people, by)
        _record(own, by, "changed")


def renew(schedule: ReportSchedule, by: User) -> None:
    """Extend a schedule to a year from today, with the rights of the person who renews it."""
    with transaction.atomic():
        own = _locked(schedule)
        own.author, own.ends_on = by, timezone.localdate() + LONGEST
        own.over_at, own.over_reason, own.paused_at = None, "", None
        own.next_at = _next(own)
        own.save()
        _record(own, by, "renewed")


def pause(schedule: ReportSchedule, by: User) -> None:
    """Send nothing until somebody resumes the schedule. Mails that wait are not sent either. Idempotent."""
    with transaction.atomic():
        own = _locked(schedule)
        if own.over_at is None and own.paused_at is None:
            own.paused_at, own.next_at = timezone.now(), None
            own.save(update_fields=["paused_at", "next_at"])
            _record(own, by, "paused")


def resume(schedule: ReportSchedule, by: User) -> None:
    """Start sending again on the next due date; missed dates are left out. Idempotent."""
    with transaction.atomic():
        own = _locked(schedule)
        if own.over_at is None and own.paused_at is not None:
            own.paused_at = None
            own.next_at = _next(own)
            own.save(update_fields=["paused_at", "next_at"])
            _record(own, by, "resumed")


def stop(schedule: ReportSchedule, reason: OverReason, by: User | None) -> None:
    """End a schedule. If its author lost the duty, the other coordinators are notified. Idempotent."""
    with transaction.atomic():
        own = _locked(schedule)
        if own.over_at is not None:
            return
        own.over_at, own.over_reason, own.next_at = timezone.now(), reason, None
        own.save(update_fields=["over_at", "over_reason", "next_at"])
        if reason == OverReason.DUTY:
            _tell(own)
        _record(own, by, f"over_{reason}")


def _tell(schedule: ReportSchedule) -> None:
    people = duties.coordinators_of(schedule.territory)
    notify(people, Topic.DESK, f"report-schedule-over:{schedule.pk}:{schedule.over_at}"[:120], lambda: Message(
        title=_("A scheduled report has stopped"),
        body=_("The person who set it no longer coordinates the territory. Renew it if it is still needed."),
        path=reverse("mapping:report_schedule", args=[schedule.pk]),
    ))  # fmt: skip


def send_by_hand(schedule: ReportSchedule, by: User) -> ReportRun | None:
    """Queue today's report once. Return None if a report was sent by hand less than BY_HAND ago, or if the schedule is
    paused or over.

    The schedule keeps its author. A coordinator may send the report only while the author may still make it.
    """
    now = timezone.now()
    with transaction.atomic():
        own = _locked(schedule)
        if own.over_at or own.paused_at or own.runs.filter(by_hand=True, due_at__gt=now - BY_HAND).exists():
            return None
        day = due_days.by_hand(own.content, timezone.localtime(now))
        period = due_days.covered(own.content, own.rhythm, own.day, day)
        run = ReportRun.objects.create(schedule=own, due_at=now, by_hand=True, start=period.start, end=period.end)
        _record(own, by, "by_hand")
    return run


def may_send(schedule: ReportSchedule) -> bool:
    """Whether the author may still make reports of the territory."""
    author = schedule.author
    return may_work(author) and report_recipients.may_open(author, schedule.territory)


def next_of(schedule: ReportSchedule, after: datetime) -> datetime | None:
    """Return the first due datetime after a datetime; None if the schedule ends before."""
    return due_days.next_due(schedule.rhythm, schedule.day, schedule.hour, after, schedule.ends_on)


def _next(schedule: ReportSchedule) -> datetime | None:
    return next_of(schedule, timezone.now())


def _locked(schedule: ReportSchedule) -> ReportSchedule:
    rows = ReportSchedule.objects.select_for_update(of=("self",)).select_related("territory", "author")
    return rows.defer("territory__polygon").get(pk=schedule.pk)


def _record(schedule: ReportSchedule, by: User | None, step: str) -> None:
    recording.record(
        by, Verb.SCHEDULE_CHANGED, "schedule", schedule.pk, purpose=Purpose.STATISTICS, scope=schedule.territory.slug,
        details={"step": step, "content": schedule.content},
    )  # fmt: skip
