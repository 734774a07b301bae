"""Shared parts of the tests of scheduled reports: the answers of the form, a schedule, and runs at a given time."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from mapping.enums import ScheduledContent
from mapping.models import ReportMail, ReportRun, ReportSchedule
from mapping.out.scheduled_reports import schedule_changes
from mapping.out.scheduled_reports.report_recipients import Person
from mapping.out.scheduled_reports.schedule_changes import Wanted
from tests.support import City
from volunteers.models import User

LIST = "/map/schedules/"
NEW = "/map/schedules/new/"
PDF = b"%PDF-1.7 published figures"


def answers(**changed: Any) -> dict[str, Any]:
    """The answers of a valid form."""
    today = timezone.localdate()
    return {
        "territory": "nord", "content": "external", "when": "week:0", "hour": "8", "language": "fr",
        "recipients": "Préfecture <cabinet@pref.example>\nAna Silva ana@mairie.example", "addressee": "Préfecture",
        "ends_on": (today + timedelta(days=90)).isoformat(), **changed,
    }  # fmt: skip


def scheduled(city: City, by: User, *people: Person, **changed: Any) -> ReportSchedule:
    """Store a schedule of Nord; by default a weekly link to the full report, for the person who sets it."""
    values = {
        "territory": city.nord, "content": ScheduledContent.INTERNAL, "format": "", "rhythm": "week", "day": 0,
        "hour": 8, "language": "en", "addressee": "", "ends_on": timezone.localdate() + timedelta(days=90),
        "people": people or [Person(str(by), by.email, by)], **changed,
    }  # fmt: skip
    return schedule_changes.set_up(Wanted(**values), by)


def due_of(schedule: ReportSchedule) -> datetime:
    assert schedule.next_at is not None
    return schedule.next_at


def made(city: City, by: User, *people: Person) -> ReportRun:
    """Store an external schedule with a run whose PDF is made and whose mails wait."""
    schedule = scheduled(city, by, *people, content=ScheduledContent.EXTERNAL)
    now, today = timezone.now(), timezone.localdate()
    run = ReportRun.objects.create(schedule=schedule, due_at=now, start=today, end=today, sent_at=now, pdf=PDF)
    ReportMail.objects.bulk_create(ReportMail(run=run, recipient=each) for each in schedule.recipients.all())
    return run


def outside(number: int = 1) -> Person:
    """A person without an account."""
    return Person(f"Person {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number]}", f"person{number}@outside.example")
