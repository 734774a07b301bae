"""The public unseen estimate (docs/adr/0013): rounded figures for the whole deployment, updated once a week.

No figure is live. The page shows a week that ended eight days before the last Monday at release_schedule.PUBLIC_HOUR.
After these eight days, the week's figures no longer change (unseen_estimate.SETTLING_DAYS). New reports therefore do
not change the page before the next Monday.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from mapping.coverage.unseen import unseen_estimate
from mapping.coverage.unseen.estimate_rounding import LEAST, outwards, rounded
from mapping.map.estimates.estimate_presenter import share
from mapping.map.releases.public.release_schedule import week_of
from volunteers.models import Territory


@dataclass(frozen=True, slots=True)
class PublicSpan:
    """One public figure. days: number of days without a search. persons, low, high: multiples of 5; the interval is
    rounded outwards. persons is None if the number may not be shown. share: the share of places that were not searched,
    in whole per cent."""

    days: int
    persons: int | None
    low: int
    high: int
    share: int


@dataclass(frozen=True, slots=True)
class PublicUnseenEstimate:
    """Public figures of a territory. name: name of the territory. day: the last day that the figures include."""

    name: str
    day: date
    spans: list[PublicSpan]

    @property
    def hidden(self) -> bool:
        """Whether all numbers of people are hidden."""
        return all(span.persons is None for span in self.spans)


def public_day(now: datetime) -> date:
    """Return the Sunday that the public figures describe at a datetime."""
    return week_of(now).date() - timedelta(days=8)


def public_unseen_estimates(now: datetime | None = None) -> list[PublicUnseenEstimate]:
    """Return the estimates for those top-level territories that have figures for the week; none if the setting is
    off."""
    if not settings.PUBLIC_UNSEEN_ESTIMATE:
        return []
    day = public_day(now or timezone.now())
    found = []
    for root in Territory.objects.filter(parent=None, unseen__day=day).defer("polygon").distinct().order_by("name"):
        spans = public_spans(root, day)
        if spans:
            found.append(PublicUnseenEstimate(root.name, day, spans))
    return found


def public_spans(root: Territory, day: date) -> list[PublicSpan]:
    """Return the figures of a top-level territory for a Sunday that public pages show or have shown; none without
    figures, or if the setting is off."""
    if not settings.PUBLIC_UNSEEN_ESTIMATE:
        return []
    of = unseen_estimate.cells_of(root)
    found: list[PublicSpan] = []
    shown: float | None = None
    for days in unseen_estimate.SPANS:
        rows = unseen_estimate.series(root, days, [day, day - timedelta(days=7)])
        if day not in rows:
            return []
        row = rows[day]
        # The number must reach LEAST in two consecutive weeks, so that it does not appear and disappear. Two shown
        # numbers must differ by at least LEAST, so that their difference does not reveal a few people.
        steady = len(rows) == 2 and min(one.persons for one in rows.values()) >= LEAST
        apart = shown is None or shown - row.persons >= LEAST
        fits = steady and apart
        if fits:
            shown = row.persons
        found.append(
            PublicSpan(
                days,
                rounded(row.persons) if fits else None,
                *outwards(row.low, row.high),
                share(row.cells, of),
            )
        )
    return found
