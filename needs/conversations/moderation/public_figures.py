"""The public figures of moderation: monthly figures for the whole site, never about a person or an association.

Small numbers are not shown: a figure below LEAST reads "fewer than 5", and other figures are rounded to BASE. A month
is published when it is over, and is counted every night as long as all its cases exist.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.moderated_texts.moderation_codes import AppealOutcome, Outcome
from needs.models import ModerationCase, ModerationMonth

LEAST = BASE = 5
MONTHS = 24


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """A month as the public reads it. outcomes: pairs of label and figure. hours: the median number of hours; "" if too
    few cases were decided."""

    month: date
    reported: str
    held: str
    outcomes: list[tuple[str, str]]
    appeals: str
    hours: str


def count(now: datetime | None = None) -> int:
    """Store the figures of the months that are over and whose cases all still exist; return their number."""
    now = now or timezone.now()
    first = timezone.localtime(now - timedelta(days=settings.REPORT_DAYS)).date()
    month = first if first.day == 1 else _next(first)
    number = 0
    while _next(month) <= timezone.localtime(now).date().replace(day=1):
        ModerationMonth.objects.update_or_create(month=month, defaults=_figures(month))
        month, number = _next(month), number + 1
    return number


def published() -> list[PublishedMonth]:
    """Return the months that are over, the latest first."""
    return [_published(row) for row in ModerationMonth.objects.all()[:MONTHS]]


def _next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _figures(month: date) -> dict[str, object]:
    start, end = _midnight(month), _midnight(_next(month))
    opened = ModerationCase.objects.filter(opened_at__gte=start, opened_at__lt=end)
    decided = list(
        ModerationCase.objects.filter(decided_at__gte=start, decided_at__lt=end).values_list(
            "outcome", "opened_at", "decided_at"
        )
    )
    appealed = ModerationCase.objects.filter(appealed_at__gte=start, appealed_at__lt=end)
    hours = [(at - opened_at).total_seconds() / 3600 for _outcome, opened_at, at in decided if at is not None]
    return {
        # A case counts only once, even if many people reported the text.
        "reported": opened.exclude(reports=None).distinct().count(),
        "held": opened.exclude(held_at=None).count(),
        "outcomes": dict(Counter(outcome for outcome, _opened, _at in decided)),
        "passed_on": ModerationCase.objects.filter(passed_on_at__gte=start, passed_on_at__lt=end).count(),
        "appeals": appealed.count(),
        "overturned": appealed.filter(appeal_outcome=AppealOutcome.OVERTURNED).count(),
        "median_hours": median(hours) if hours else None,
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _published(row: ModerationMonth) -> PublishedMonth:
    numbers = {**row.outcomes, Outcome.PASSED_ON: row.passed_on}
    outcomes = [(str(each.label), _rounded(int(numbers.get(each.value, 0)))) for each in Outcome]
    decided = sum(int(number) for number in row.outcomes.values())
    hours = _hours(row.median_hours) if row.median_hours is not None and decided >= LEAST else ""
    return PublishedMonth(row.month, _rounded(row.reported), _rounded(row.held), outcomes, _rounded(row.appeals), hours)


def _rounded(number: int) -> str:
    if number < LEAST:
        return _("fewer than 5")
    return _("about %(number)s") % {"number": BASE * round(number / BASE)}


def _hours(hours: float) -> str:
    if hours < 1:
        return _("less than 1 h")
    return _("%(number)s h") % {"number": round(hours)}
