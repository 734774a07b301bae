"""Words for schedules: their due days, the content that they send, and the outcome of each due date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from django.conf import settings
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.enums import ExportFormat, Rhythm, ScheduledContent
from mapping.models import ReportMail, ReportRun, ReportSchedule
from mapping.out.scheduled_reports import due_days
from mapping.out.zone_reports.report_wording import period_words


def when_words(rhythm: str, day: int) -> str:
    """Name the days on which a schedule is due."""
    if rhythm == Rhythm.WEEK:
        return _("every week on %(weekday)s") % {"weekday": WEEKDAYS[day]}
    if day == 1:
        return _("on the first day of each month")
    if day == 31:
        return _("on the last day of each month")
    if day > 28:
        return _("on day %(day)s of each month, or its last day") % {"day": day}
    return _("on day %(day)s of each month") % {"day": day}


def hour_words(hour: int) -> str:
    """Name an hour of the site's time zone."""
    return time_format(time(hour), "TIME_FORMAT")


def content_words(schedule: ReportSchedule) -> str:
    """Name what a schedule sends."""
    label = str(ScheduledContent(schedule.content).label)
    if schedule.content == ScheduledContent.ROWS:
        return f"{ExportFormat(schedule.format).label} – {label}"
    return label


def next_days(schedule: ReportSchedule) -> str:
    """Name the days that the next report covers; "" while nothing is due."""
    if schedule.next_at is None:
        return ""
    period = due_days.covered(schedule.content, schedule.rhythm, schedule.day, timezone.localdate(schedule.next_at))
    return period_words(period.start, period.end)


def zone() -> str:
    """Return the site's time zone, for the form."""
    return settings.TIME_ZONE.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a run. tag: "ok" or "warn", or "" while the run waits. problems: a line for each person who got
    nothing."""

    run: ReportRun
    days: str
    words: str
    tag: str
    problems: Sequence[str] = ()


_FAILURES = {
    "duty": lambda: _("not sent: the person who set it no longer coordinates the territory"),
    "paused": lambda: _("not sent: it was paused or stopped"),
    "nobody": lambda: _("not sent: nobody is on the list"),
    "nothing published": lambda: _("not sent: no figures of these days are published for this territory"),
}


_NOT_DELIVERED = {
    **_FAILURES,
    "stopped": lambda: _("stopped the mails"),
    "no access": lambda: _("no longer coordinates the territory"),
    "too many": lambda: _("got too many such mails that day"),
    "the address is refused": lambda: _("the address is refused"),
}


def _problem(mail: ReportMail) -> str:
    known = _NOT_DELIVERED.get(mail.failure)
    return f"{mail.recipient.name}: {known() if known else _('the mail could not be delivered')}"


def outcome_of(run: ReportRun) -> Outcome:
    """Describe a run; its mails and their recipients are already fetched."""
    days = period_words(run.start, run.end)
    if run.failed_at is not None:
        known = _FAILURES.get(run.failure)
        return Outcome(run, days, known() if known else _("failed: the report could not be made"), "warn")
    mails = list(run.mails.all())
    if run.sent_at is None or any(mail.sent_at is None and mail.failed_at is None for mail in mails):
        return Outcome(run, days, _("waiting to be sent"), "")
    sent, number = sum(mail.sent_at is not None for mail in mails), len(mails)
    words = ngettext(
        "sent to %(sent)s of %(number)s person", "sent to %(sent)s of %(number)s people", number
    ) % {"sent": sent, "number": number}  # fmt: skip
    problems = [_problem(mail) for mail in mails if mail.failed_at is not None]
    return Outcome(run, days, words, "warn" if problems else "ok", problems)
