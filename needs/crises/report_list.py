"""Reports for the map and the list of an event, under the same filter.

The map downloads all reports at once in binary form and filters them in the browser. ``CrisisFilter`` applies the same
filter on the server, for the list and for browsers without scripts. Each report is shown at the centre of its cell.
Lists and maps contain no exact places, not even for dispatchers (docs/privacy.md); only the page of a need shows one.
"""

import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.gis.geos import Point, Polygon
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils import timezone

from needs.base.event_rights import event_agreements
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import NeedState, Urgency
from needs.models import Crisis, Need, NeedPhoto, NeedQuerySet
from solidarity.lib import datetimes, grid

PAGE_SIZE = 25
URGENCIES = tuple(Urgency.values)
STATES = tuple(NeedState.values)
OUTSIDE, AREA_ONLY, PHOTO, NO_PLACE = 1, 2, 4, 8
ROW = struct.Struct("<16siiIHBBB")
"""A report: id, longitude and latitude in 10⁻⁶ degrees, seconds since 1970, category, urgency, state, flags."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CrisisFilter:
    """Filter of an event's reports.

    start, end: the earliest and the latest time of a report, both inclusive. box: west, south, east, north in degrees.
    """

    search: SearchQuery = field(default_factory=SearchQuery)
    start: datetime | None = None
    end: datetime | None = None
    box: Box | None = None

    @property
    def querystring(self) -> str:
        """The filter as a query string; empty without restrictions."""
        own = {name: _minute(value) for name, value in (("start", self.start), ("end", self.end)) if value}
        if self.box:
            own["box"] = ",".join(f"{value:.6f}" for value in self.box)
        return "&".join(part for part in (self.search.to_querystring(), urlencode(own)) if part)

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        """Return the filter of a query string; unreadable values are ignored."""
        given = SearchQuery.from_querystring(query)
        search = SearchQuery(urgency=given.urgency, states=given.states, topics=given.topics)
        return cls(search, _moment(query.get("start")), _moment(query.get("end"), last=True), _box(query.get("box")))

    def apply(self, needs: NeedQuerySet, now: datetime) -> NeedQuerySet:
        """Return the reports that match the filter. The filter's box is not applied."""
        needs = self.search.apply(needs, now)
        if self.start:
            needs = needs.filter(at__gte=self.start)
        return needs.filter(at__lte=self.end) if self.end else needs


def _minute(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def _moment(text: str | None, *, last: bool = False) -> datetime | None:
    """Parse a date and time, and return the start of its minute. Text without an offset is in local time.

    last: if True, return the last microsecond of the minute instead.
    """
    moment = datetimes.read(text or "")
    if moment is None:
        return None
    minute = moment.replace(second=0, microsecond=0)
    return minute + timedelta(seconds=59, microseconds=999_999) if last else minute


def _box(text: str | None) -> Box | None:
    try:
        west, south, east, north = (float(part) for part in (text or "").split(","))
    except ValueError:
        return None
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None


# --- places of reports -----------------------------------------------------------------------------------------------


class _CellCentres:
    """Cache of cell centres. For each centre, it also stores whether the centre is outside an area."""

    def __init__(self, crisis: Crisis) -> None:
        self.area = event_agreements.area_in_force(crisis).prepared
        self.cache: dict[int, tuple[float, float, bool]] = {}

    def place(self, cell: int) -> tuple[float, float, bool]:
        """Return (longitude, latitude, outside)."""
        if cell not in self.cache:
            latitude, longitude = grid.centre(cell)
            outside = not self.area.covers(Point(longitude, latitude, srid=4326))
            self.cache[cell] = (longitude, latitude, outside)
        return self.cache[cell]


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """The position of a report on the map: the centre of its cell. longitude: the longitude in degrees, None without a
    place."""

    longitude: float | None
    latitude: float | None
    flags: int


def _shown_place(cell: int | None, has_photo: bool, cells: _CellCentres) -> ShownPlace:
    flags = PHOTO if has_photo else 0
    if cell is None:
        return ShownPlace(None, None, flags | NO_PLACE)
    longitude, latitude, outside = cells.place(cell)
    return ShownPlace(longitude, latitude, flags | AREA_ONLY | (OUTSIDE if outside else 0))


def _with_photos(reports: NeedQuerySet) -> QuerySet[Any, Any]:
    return reports.annotate(has_photo=Exists(NeedPhoto.objects.filter(need=OuterRef("pk"))))


def shown_places(reports: NeedQuerySet, crisis: Crisis) -> dict[uuid.UUID, ShownPlace]:
    """Return the position of each report on the map."""
    cells = _CellCentres(crisis)
    rows = _with_photos(reports).values_list("pk", "cell", "has_photo")
    return {key: _shown_place(cell, has_photo, cells) for key, cell, has_photo in rows}


def matching_keys(reports: NeedQuerySet, crisis: Crisis, wanted: CrisisFilter, now: datetime) -> list[uuid.UUID]:
    """Return the keys of the matching reports of an event, in their order."""
    found = wanted.apply(reports, now)
    if wanted.box is None:
        return list(found.values_list("pk", flat=True))
    west, south, east, north = (micro(value) for value in wanted.box)
    return [
        key
        for key, spot in shown_places(found, crisis).items()
        if spot.longitude is not None
        and spot.latitude is not None
        and west <= micro(spot.longitude) <= east
        and south <= micro(spot.latitude) <= north
    ]


def micro(degrees: float) -> int:
    """Return degrees as whole millionths, as the map receives them."""
    return round(degrees * 1e6)


@dataclass(frozen=True, slots=True)
class ListedReport:
    """A report in the list. mine: True if the reader works on the need; the list then shows its words and links to its
    page."""

    need: Need
    place: ShownPlace
    mine: bool = False

    @property
    def outside(self) -> bool:
        return bool(self.place.flags & OUTSIDE)

    @property
    def area_only(self) -> bool:
        return bool(self.place.flags & AREA_ONLY)

    @property
    def no_place(self) -> bool:
        return bool(self.place.flags & NO_PLACE)


def listed_reports(
    reports: NeedQuerySet, crisis: Crisis, keys: Sequence[uuid.UUID], mine: NeedQuerySet
) -> list[ListedReport]:
    """Return the reports with these keys, in their order; at most PAGE_SIZE. mine: needs that the reader works on."""
    few = list(keys)[:PAGE_SIZE]
    some = reports.filter(pk__in=few)
    placed = shown_places(some, crisis)
    rows = some.select_related("crisis_category").prefetch_related("photos").in_bulk()
    own = set(mine.filter(pk__in=few).values_list("pk", flat=True))
    return [ListedReport(rows[key], placed[key], key in own) for key in few if key in rows and key in placed]


def packed_reports(reports: NeedQuerySet, crisis: Crisis) -> list[bytes]:
    """Return the reports of an event, one ROW each."""
    return list(_rows(reports, crisis))


def _rows(reports: NeedQuerySet, crisis: Crisis) -> Iterator[bytes]:
    cells = _CellCentres(crisis)
    urgencies = {name: number for number, name in enumerate(URGENCIES)}
    states = {name: number for number, name in enumerate(STATES)}
    topics = {key: number for number, key in enumerate(topics_of(crisis), start=1)}
    rows = _with_photos(reports).values_list("pk", "cell", "has_photo", "at", "crisis_category_id", "urgency", "state")
    for pk, cell, has_photo, at, topic, urgency, state in rows.iterator(chunk_size=10_000):
        spot = _shown_place(cell, has_photo, cells)
        yield ROW.pack(
            pk.bytes,
            micro(spot.longitude or 0),
            micro(spot.latitude or 0),
            int(at.timestamp()),
            topics.get(topic, 0),
            urgencies.get(urgency, 255),
            states.get(state, 255),
            spot.flags,
        )


def topics_of(crisis: Crisis) -> list[int]:
    """Return the keys of an event's categories in order; ROW numbers them from 1."""
    return [category.pk for category in crisis.categories.all()]


def box_area(box: Box | None) -> Polygon | None:
    """Return a box as the area of a saved search."""
    if box is None:
        return None
    area = Polygon.from_bbox(box)
    area.srid = 4326
    return area


def box_of(area: Polygon | None) -> Box | None:
    """Return the box around the area of a saved search."""
    if area is None:
        return None
    west, south, east, north = area.extent
    return west, south, east, north
