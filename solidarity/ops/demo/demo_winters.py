"""Two winters of monthly sums: the whole months of the story, and made-up months before them."""

from datetime import date, datetime, timedelta

from mapping.coverage.unseen.unseen_estimate import SPANS
from mapping.models import MonthlySum, UnseenFigure
from mapping.out.winters import monthly_sums
from mapping.plans.recurring_needs.monthly_counts import months_until
from solidarity.ops.demo.narrative.story import PARIS
from volunteers.models import Territory

MONTHS = 20
SEASON = {10: 0.75, 11: 0.9, 12: 1.0, 1: 1.1, 2: 1.05, 3: 0.9, 4: 0.75}
SUMMER = 0.6
"""Reports of a month, relative to those of December."""
GROWTH = 1.12
"""Reports of a winter, relative to those of the winter before."""
MORE_PEOPLE = 1.04
"""People of a winter, relative to those of the winter before."""


def enter(paris: Territory, days: int, until: datetime) -> int:
    """Store the monthly sums of the winters before the end of the story; return their number. Store none if the story has
    no whole month, or if there are other territories, whose sums are real."""
    today = until.astimezone(PARIS).date()
    months = months_until(today, MONTHS)[:-1]
    told = [month for month in months if month >= today - timedelta(days=days - 1)]
    if not told or Territory.objects.zoned().exclude(path__startswith=paris.path).exists():
        return 0
    MonthlySum.objects.all().delete()
    people = _expected()
    sums_of = {month: monthly_sums.exact_sums(month, until) for month in told}
    last = sums_of[told[-1]]
    number = 0
    for month in months:
        part = _reports(month) / _reports(told[-1])
        sums = sums_of.get(month) or {
            name: {pk: float(round(part * value)) for pk, value in of.items()} for name, of in last.items()
        }
        fewer = MORE_PEOPLE ** (_winter(month) - _winter(told[-1]))
        sums["expected"] = {pk: fewer * value for pk, value in people.items()}
        number += monthly_sums.store(month, sums)
    return number


def _expected() -> dict[int, float]:
    figures = UnseenFigure.objects.filter(days=SPANS[0]).exclude(expected=None).order_by("territory_id", "-day")
    return {row.territory_id: row.expected or 0.0 for row in figures.distinct("territory_id")}


def _winter(month: date) -> int:
    return month.year if month.month >= monthly_sums.WINTER[0] else month.year - 1


def _reports(month: date) -> float:
    return SEASON.get(month.month, SUMMER) * GROWTH ** (_winter(month) - 2000)
