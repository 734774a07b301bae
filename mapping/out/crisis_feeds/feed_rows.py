"""Public figures about the reports of an event: sums by commune and category.

The feeds follow the strictest rule of docs/privacy.md. The figures change only with the weekly public release and end
at its ``as_of``, a week before the release was published. The place is a commune, the coarsest level of the public map.
A row is shown only if it has LEAST reports from SOURCES sources, and its numbers are lower ends of BANDS. All reports that
nobody confirmed, from senders without an account that counts, are one source: cookies and new accounts cost nothing. Totals are
not published, so nobody can compute a small number by subtraction. The words of reporters, held reports and reports of
danger to life are left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from mapping.map.releases.public import public_page
from mapping.map.releases.public.latest import digest_of
from mapping.models import Release
from needs.crises.closing.open_reports import CLOSED, HANDLED
from needs.crises.crisis_events import Phase, phase_of
from needs.enums import SILENT_STATES, NeedState
from needs.models import Crisis, CrisisCategory, Need, NeedStep
from solidarity.lib import cache
from volunteers.models import Cell, Territory

LEAST, SOURCES = 10, 3
CONFIRMED = (NeedState.VERIFIED, NeedState.OPEN, NeedState.COMMITTED, NeedState.PARTLY_MET, NeedState.MET)
BANDS = (1000, 500, 200, 100, 50, 20, 10)
KEPT_SECONDS = 8 * 24 * 3600


@dataclass(frozen=True, slots=True)
class FeedRow:
    """The reports of one category in one commune, each number as the lower end of its band; None below LEAST.

    category: key of the CrisisCategory. area: primary key of the territory.
    """

    area: int
    category: int
    reports: int
    handled: int | None
    closed: int | None


@dataclass(frozen=True, slots=True)
class Feed:
    """The rows of an event, computed from the reports until ``as_of``. as_of: time of the figures; None without a
    public release. digest: the digest of the release from which the feed is made."""

    crisis: Crisis
    as_of: datetime | None
    digest: str
    rows: Sequence[FeedRow]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row with the names of its commune and category in the active language."""

    row: FeedRow
    area: Territory
    category: CrisisCategory


def feed_of(crisis: Crisis, now: datetime) -> Feed | None:
    """Return the feed of an event; None if the event is not running. The rows are cached until the next release."""
    if phase_of(crisis, now) is not Phase.RUNNING:
        return None
    release = public_page.latest()
    if release is None:
        return Feed(crisis, None, "none", ())
    digest = f"{digest_of(release)}-{release.pk}"
    key = f"event-feed:{crisis.pk}:{digest}:{settings.SITE_URL}"
    rows: tuple[FeedRow, ...] | None = cache.get(key)
    if rows is None:
        rows = tuple(_rows(crisis, release))
        cache.put(key, rows, KEPT_SECONDS)
    return Feed(crisis, release.as_of, digest, rows)


def named(feed: Feed) -> list[NamedRow]:
    """Return the rows with their names, by commune and category. A deleted area or category has no row."""
    areas = Territory.objects.in_bulk([row.area for row in feed.rows])
    categories = CrisisCategory.objects.in_bulk([row.category for row in feed.rows])
    rows = [
        NamedRow(row, areas[row.area], categories[row.category])
        for row in feed.rows
        if row.area in areas and row.category in categories
    ]
    return sorted(rows, key=lambda each: (each.area.name, each.category.order, each.category.pk))


def _rows(crisis: Crisis, release: Release) -> list[FeedRow]:
    """Count the reports as they were at the release's ``as_of``."""
    then = NeedStep.objects.filter(need=OuterRef("pk"), at__lte=release.as_of).order_by("-at", "-pk")
    area = Cell.objects.filter(cell=OuterRef("cell")).values("territory")[:1]
    found = (
        Need.objects.live()
        .filter(crisis=crisis, filed_at__lte=release.as_of, crisis_category__isnull=False, cell__isnull=False)
        .exclude(state__in=SILENT_STATES)
        .filter(danger_alarm=None)
        .annotate(then=Subquery(then.values("state")[:1]), area=Subquery(area))
        .exclude(Q(then=None) | Q(then__in=SILENT_STATES) | Q(area=None))
        .values_list("area", "crisis_category", "then", "source", "with_account", named=True)
    )
    groups: dict[tuple[int, int], list[tuple[str, object]]] = defaultdict(list)
    for row in found.order_by().iterator(chunk_size=10_000):
        known = row.with_account or row.then in CONFIRMED
        groups[row.area, row.crisis_category].append((row.then, row.source if known else ""))
    return [
        FeedRow(place, category, band, _band(_number(reports, HANDLED)), _band(_number(reports, CLOSED)))
        for (place, category), reports in sorted(groups.items())
        if (band := _band(len(reports))) and len({source for _state, source in reports}) >= SOURCES
    ]


def _number(reports: list[tuple[str, object]], states: Sequence[str]) -> int:
    return sum(state in states for state, _source in reports)


def _band(number: int) -> int | None:
    """Return the lower end of the number's band; None below LEAST."""
    return next((least for least in BANDS if number >= least), None)
