"""Hindcasts: what the map said before people were counted, next to what the count found.

A hindcast is stored when a new count is entered. It compares the number of people expected in the whole territory at the
end of the day before the count, as it was stored then, with the number that was counted. Estimates by teams are no
counts, so they have no hindcast.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from mapping.coverage.unseen import unseen_estimate
from mapping.coverage.unseen.estimate_rounding import LEAST, outwards, rounded
from mapping.models import Hindcast, UnseenFigure
from needs.base.retention_rules.retention_periods import PERIODS
from volunteers.enums import CountKind
from volunteers.models import Territory
from volunteers.places.territories import people_counts
from volunteers.places.territories.people_counts import PeopleCount

COUNTED = (CountKind.COUNT, CountKind.OFFICIAL)


def note(territory: Territory, count: PeopleCount) -> Hindcast | None:
    """Store what the map said before a new count. Call this before the count is stored in the territory, so that the map
    does not know it. Return None if there is nothing to compare: no day, no earlier count with a source, or no figure of
    that day."""
    known = people_counts.count_in_force(territory)
    if count.kind not in COUNTED or not count.persons or count.counted_on is None or known is None:
        return None
    if known.count.counted_on is not None and known.count.counted_on >= count.counted_on:
        return None  # a correction of the same count, or an older count
    said = _figure(territory, count.counted_on - timedelta(days=1))
    if said is None or said.expected is None or said.expected_low is None or said.expected_high is None:
        return None
    values = {
        "said": said.expected, "low": said.expected_low, "high": said.expected_high, "found": count.persons,
        "kind": count.kind, "entered_at": timezone.now(),
    }  # fmt: skip
    return Hindcast.objects.update_or_create(territory=territory, day=said.day, defaults=values)[0]


def _figure(territory: Territory, day: date) -> UnseenFigure | None:
    """Return the figure of a day. If it is not stored, compute it as long as the reports of that time are stored."""
    days = unseen_estimate.SPANS[0]
    stored = UnseenFigure.objects.filter(territory=territory, day=day, days=days).exclude(expected_low=None).first()
    oldest = timezone.localdate() - PERIODS["REPORT_DAYS"].length
    if stored is not None or not oldest < day <= unseen_estimate.last_day(timezone.now()):
        return stored
    computed = unseen_estimate.figures_of_day(day)
    return next((row for row in computed if (row.territory_id, row.days) == (territory.pk, days)), None)


@dataclass(frozen=True, slots=True)
class PublicHindcast:
    """A hindcast as everybody may read it: what the map said in multiples of 5. day: the day of the count. inside: whether
    the count lies in the range."""

    name: str
    day: date
    said: int
    low: int
    high: int
    found: int
    kind: str

    @property
    def inside(self) -> bool:
        return self.low <= self.found <= self.high


def public_hindcasts() -> list[PublicHindcast]:
    """Return the hindcasts of the topmost territories, the latest count first. Numbers below LEAST are left out. Return
    none if the site publishes no unseen estimate."""
    if not settings.PUBLIC_UNSEEN_ESTIMATE:
        return []
    return _public(Hindcast.objects.filter(territory__parent=None, said__gte=LEAST, found__gte=LEAST))


def below(territory: Territory) -> list[PublicHindcast]:
    """Return the hindcasts of a territory and of all below it, for its coordinators."""
    return _public(Hindcast.objects.filter(territory__path__startswith=territory.path))


def _public(rows: QuerySet[Hindcast]) -> list[PublicHindcast]:
    return [
        PublicHindcast(
            row.territory.name, row.day + timedelta(days=1), rounded(row.said), *outwards(row.low, row.high), round(row.found),
            row.get_kind_display(),
        )
        for row in rows.select_related("territory").defer("territory__polygon").order_by("-day", "territory__name")
    ]  # fmt: skip
