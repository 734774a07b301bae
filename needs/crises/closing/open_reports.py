"""Counts of an event's reports: all, handled, open and closed, and the age of the oldest report.

The desk sees the same counts as in the lists with the same filter. The public sees rounded counts as of the last
midnight.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.utils import timezone

from needs.enums import UNFINISHED_STATES, NeedState
from needs.models import Crisis, Need, NeedQuerySet
from solidarity.lib import cache

HANDLED = (NeedState.COMMITTED,)
OPEN = tuple(state for state in UNFINISHED_STATES if state not in HANDLED)
CLOSED = tuple(state for state in NeedState if state not in UNFINISHED_STATES)
STEP = 5
"""The public counts are rounded down to a multiple of STEP."""
LEAST = 10
"""Smaller public counts are not shown."""
KEPT_SECONDS = 26 * 3600


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports of an event. handled: number of reports that somebody is taking care of; open: number of reports that
    nobody is taking care of.

    oldest: the time at which the oldest open report came in.
    """

    total: int
    handled: int
    open: int
    closed: int
    oldest: datetime | None

    @property
    def left(self) -> int:
        """Reports that are not closed."""
        return self.handled + self.open


def counts_of(reports: NeedQuerySet) -> Counts:
    """Return the counts of some reports."""
    row = reports.order_by().aggregate(
        total=Count("pk"),
        handled=Count("pk", filter=Q(state__in=HANDLED)),
        open=Count("pk", filter=Q(state__in=OPEN)),
        closed=Count("pk", filter=Q(state__in=CLOSED)),
        oldest=Min("at", filter=Q(state__in=UNFINISHED_STATES)),
    )
    return Counts(**row)


def filters() -> dict[str, str]:
    """Return the filter of the list behind each count, as a query string."""
    groups = {"handled": HANDLED, "open": OPEN, "closed": CLOSED}
    return {name: urlencode([("states", state.value) for state in states]) for name, states in groups.items()}


def left_of(crisis: Crisis) -> NeedQuerySet:
    """Return the reports of an event that are not closed, the oldest first."""
    return Need.objects.live().filter(crisis=crisis, state__in=UNFINISHED_STATES).order_by("at", "pk")


@dataclass(frozen=True, slots=True)
class PublicCounts:
    """Counts that everybody may read; None for a number below LEAST.

    longest: the largest number of whole days that a report has been open.
    """

    total: int
    handled: int | None
    closed: int | None
    longest: int | None


def public_counts(crisis: Crisis) -> PublicCounts | None:
    """Return the rounded counts of the last midnight; None below LEAST reports.

    Reports that wait for a moderator are left out. The counts stay the same all day, so that frequent requests reveal
    nothing more.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    key = f"event-counts:{crisis.pk}:{midnight:%Y-%m-%d}"
    known = cache.get(key)
    if known is None:
        reports = Need.objects.live().filter(crisis=crisis, filed_at__lt=midnight).exclude(state=NeedState.HELD)
        known = _public(counts_of(reports), midnight)
        cache.put(key, known, KEPT_SECONDS)
    return PublicCounts(*known) if known else None


def _public(counts: Counts, midnight: datetime) -> tuple[int | None, ...]:
    """Return the fields of PublicCounts; empty if there are too few reports."""
    if counts.total < LEAST:
        return ()
    longest = (midnight - counts.oldest).days if counts.oldest and counts.left >= LEAST else None
    return (_rounded(counts.total), _rounded(counts.handled), _rounded(counts.closed), longest)


def _rounded(number: int) -> int | None:
    return number // STEP * STEP if number >= LEAST else None
