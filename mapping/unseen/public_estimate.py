"""The public unseen estimate (docs/adr/0013): rounded, for a whole deployment, once a week.

Nothing here is live. The week shown ended eight days before the last Monday at schedule.PUBLIC_HOUR; by then its figures have
stopped changing (unseen_estimate.SETTLING_DAYS), so that the page is the same until the next Monday, whatever is reported meanwhile.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from mapping.releases.public.release_schedule import week_of
from mapping.unseen import unseen_estimate
from mapping.unseen.estimate_presenter import share
from volunteers.models import Territory

LEAST = 10  # people; below that nothing is said of how many
BASE = 5


@dataclass(frozen=True, slots=True)
class PublicSpan:
    """days: without search. persons, low, high: to base 5, the interval rounded outwards; None when they are too few.
    share: of the places, whole per cent."""

    days: int
    persons: int | None
    low: int
    high: int
    share: int


@dataclass(frozen=True, slots=True)
class PublicUnseenEstimate:
    """name: of the whole territory. day: the last day that the figures know of."""

    name: str
    day: date
    spans: list[PublicSpan]

    @property
    def hidden(self) -> bool:
        """Whether no number of people is shown."""
        return all(span.persons is None for span in self.spans)


def public_day(now: datetime) -> date:
    """The Sunday whose figures everybody reads at a moment."""
    return week_of(now).date() - timedelta(days=8)


def public_unseen_estimates(now: datetime | None = None) -> list[PublicUnseenEstimate]:
    """One for each territory that lies in no other and has figures for the week; none where a deployment wants none."""
    if not settings.PUBLIC_UNSEEN_ESTIMATE:
        return []
    day = public_day(now or timezone.now())
    found = []
    for root in Territory.objects.filter(parent=None, unseen__day=day).defer("polygon").distinct().order_by("name"):
        spans = _spans(root, day)
        if spans:
            found.append(PublicUnseenEstimate(root.name, day, spans))
    return found


def _spans(root: Territory, day: date) -> list[PublicSpan]:
    of = unseen_estimate.cells_of(root)
    found: list[PublicSpan] = []
    shown: float | None = None
    for days in unseen_estimate.SPANS:
        rows = unseen_estimate.series(root, days, [day, day - timedelta(days=7)])
        if day not in rows:
            return []
        row = rows[day]
        # Two weeks in a row, so that a figure near the limit does not flicker; and not so near the one before that
        # their difference speaks of a few.
        steady = len(rows) == 2 and min(one.persons for one in rows.values()) >= LEAST
        apart = shown is None or shown - row.persons >= LEAST
        fits = steady and apart
        if fits:
            shown = row.persons
        found.append(
            PublicSpan(
                days,
                _base(row.persons) if fits else None,
                int(row.low // BASE) * BASE,
                -int(-row.high // BASE) * BASE,
                share(row.cells, of),
            )
        )
    return found


def _base(persons: float) -> int:
    return BASE * round(persons / BASE)
