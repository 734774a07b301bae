"""What the map of an event and the list beside it show: the same reports, under the same filter.

The map gets all reports at once, as one block of numbers, and filters them in the browser; ``CrisisFilter`` is the same
filter on the server, for the list and for readers without scripts. Exact points leave after EXACT_POINT_HOURS, and never
go to who only coordinates: they get the middle of the cell (privacy.md).
"""

import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import timezone

from needs.enums import NeedState, Urgency
from needs.models import Crisis, Need, NeedPhoto, NeedQuerySet
from needs.saved_searches.need_filters import SearchQuery
from solidarity.lib import datetimes, grid

PAGE_SIZE = 25
URGENCIES = tuple(Urgency.values)
STATES = tuple(NeedState.values)
OUTSIDE, AREA_ONLY, PHOTO, NO_PLACE = 1, 2, 4, 8
ROW = struct.Struct("<16siiIHBBB")
"""Of a report: id, longitude and latitude in 10⁻⁶ degrees, seconds since 1970, category, urgency, state, flags."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CrisisFilter:
    """What a reader wants to see of an event. start, end: when it happened, both ends belong to it; box: west, south, east,
    north in degrees."""

    search: SearchQuery = field(default_factory=SearchQuery)
    start: datetime | None = None
    end: datetime | None = None
    box: Box | None = None

    @property
    def querystring(self) -> str:
        """As it stands in an address; empty when nothing narrows it."""
        own = {name: _minute(value) for name, value in (("start", self.start), ("end", self.end)) if value}
        if self.box:
            own["box"] = ",".join(f"{value:.6f}" for value in self.box)
        return "&".join(part for part in (self.search.to_querystring(), urlencode(own)) if part)

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        """The filter in an address; what cannot be read is passed over."""
        given = SearchQuery.from_querystring(query)
        search = SearchQuery(urgency=given.urgency, states=given.states, topics=given.topics)
        return cls(search, _moment(query.get("start")), _moment(query.get("end"), last=True), _box(query.get("box")))

    def apply(self, needs: NeedQuerySet, now: datetime) -> NeedQuerySet:
        """The reports that the filter finds, but for the box."""
        needs = self.search.apply(needs, now)
        if self.start:
            needs = needs.filter(at__gte=self.start)
        return needs.filter(at__lte=self.end) if self.end else needs


def _minute(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def _moment(text: str | None, *, last: bool = False) -> datetime | None:
    """The beginning of a minute in local time, or with an offset. last: its end."""
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


# --- where reports are -----------------------------------------------------------------------------------------------


def reports_of(crisis: Crisis) -> NeedQuerySet:
    """All reports of an event that were not taken back, the latest first."""
    return Need.objects.live().filter(crisis=crisis).order_by("-at", "pk")


def _placed(needs: NeedQuerySet, crisis: Crisis, now: datetime, *, exact: bool) -> QuerySet[Any, Any]:
    """Of each report ``lng``, ``lat`` and ``out`` (outside the area) where its point may be shown; the cell otherwise."""
    point = Cast("point", GeometryField(srid=4326))
    area = Value(crisis.area, GeometryField(srid=4326))
    outside = ExpressionWrapper(
        ~Q(Func(area, point, function="ST_Covers", output_field=BooleanField())), output_field=BooleanField()
    )
    since = now - timedelta(hours=settings.EXACT_POINT_HOURS)
    shown = Q(point__isnull=False, filed_at__gte=since) if exact else Q(pk=None)

    def where_shown(what: Any, output: Any) -> Case:
        return Case(When(shown, then=what), default=Value(None), output_field=output)

    return needs.annotate(
        lng=where_shown(Func(point, function="ST_X", output_field=FloatField()), FloatField()),
        lat=where_shown(Func(point, function="ST_Y", output_field=FloatField()), FloatField()),
        out=where_shown(outside, BooleanField(null=True)),
        has_photo=Exists(NeedPhoto.objects.filter(need=OuterRef("pk"))),
    ).values("pk", "cell", "lng", "lat", "out", "has_photo")


class _Cells:
    """Middles of cells, and whether they lie in an area; each cell is looked at once."""

    def __init__(self, area: MultiPolygon) -> None:
        self.area = area.prepared
        self.known: dict[int, tuple[float, float, bool]] = {}

    def place(self, cell: int) -> tuple[float, float, bool]:
        """(longitude, latitude, outside)."""
        if cell not in self.known:
            latitude, longitude = grid.centre(cell)
            outside = not self.area.covers(Point(longitude, latitude, srid=4326))
            self.known[cell] = (longitude, latitude, outside)
        return self.known[cell]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a report is shown. longitude None: it has no place on the map."""

    longitude: float | None
    latitude: float | None
    flags: int


def _spot(row: dict[str, Any], cells: _Cells) -> Spot:
    flags = PHOTO if row["has_photo"] else 0
    if row["lng"] is not None:
        return Spot(row["lng"], row["lat"], flags | (OUTSIDE if row["out"] else 0))
    if row["cell"] is None:
        return Spot(None, None, flags | NO_PLACE)
    longitude, latitude, outside = cells.place(row["cell"])
    return Spot(longitude, latitude, flags | AREA_ONLY | (OUTSIDE if outside else 0))


def spots(needs: NeedQuerySet, crisis: Crisis, now: datetime, *, exact: bool) -> dict[uuid.UUID, Spot]:
    """Where each report is shown."""
    cells = _Cells(crisis.area)
    return {row["pk"]: _spot(row, cells) for row in _placed(needs, crisis, now, exact=exact)}


def found(crisis: Crisis, wanted: CrisisFilter, now: datetime, *, exact: bool) -> list[uuid.UUID]:
    """The keys of the reports that a filter finds, the latest first."""
    needs = wanted.apply(reports_of(crisis), now)
    if wanted.box is None:
        return list(needs.values_list("pk", flat=True))
    west, south, east, north = (micro(value) for value in wanted.box)
    placed = spots(needs, crisis, now, exact=exact).items()
    return [
        key
        for key, spot in placed
        if spot.longitude is not None
        and spot.latitude is not None
        and west <= micro(spot.longitude) <= east
        and south <= micro(spot.latitude) <= north
    ]


def micro(degrees: float) -> int:
    """Degrees as the map gets them."""
    return round(degrees * 1e6)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list."""

    need: Need
    spot: Spot

    @property
    def outside(self) -> bool:
        return bool(self.spot.flags & OUTSIDE)

    @property
    def area_only(self) -> bool:
        return bool(self.spot.flags & AREA_ONLY)

    @property
    def no_place(self) -> bool:
        return bool(self.spot.flags & NO_PLACE)


def lines(crisis: Crisis, keys: Sequence[uuid.UUID], now: datetime, *, exact: bool) -> list[Shown]:
    """The reports with these keys as the list shows them, in the order of the keys; at most PAGE_SIZE."""
    few = list(keys)[:PAGE_SIZE]
    needs = reports_of(crisis).filter(pk__in=few)
    placed = spots(needs, crisis, now, exact=exact)
    rows = needs.select_related("crisis_category").prefetch_related("photos").in_bulk()
    return [Shown(rows[key], placed[key]) for key in few if key in rows and key in placed]


def block(crisis: Crisis, now: datetime, *, exact: bool) -> bytes:
    """All reports of an event, latest first, one ROW each."""
    return b"".join(_packed(crisis, now, exact=exact))


def _packed(crisis: Crisis, now: datetime, *, exact: bool) -> Iterator[bytes]:
    cells = _Cells(crisis.area)
    urgencies = {name: number for number, name in enumerate(URGENCIES)}
    states = {name: number for number, name in enumerate(STATES)}
    topics = {key: number for number, key in enumerate(topics_of(crisis), start=1)}
    rows = _placed(reports_of(crisis), crisis, now, exact=exact).values_list(
        "pk", "cell", "lng", "lat", "out", "has_photo", "at", "crisis_category_id", "urgency", "state"
    )
    for pk, cell, lng, lat, out, photo, at, topic, urgency, state in rows.iterator(chunk_size=10_000):
        spot = _spot({"cell": cell, "lng": lng, "lat": lat, "out": out, "has_photo": photo}, cells)
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
    """The numbers of an event's categories, in their order: the block counts them from 1."""
    return [category.pk for category in crisis.categories.all()]


def box_area(box: Box | None) -> Polygon | None:
    """A box as the area of a saved search."""
    if box is None:
        return None
    area = Polygon.from_bbox(box)
    area.srid = 4326
    return area


def box_of(area: Polygon | None) -> Box | None:
    """The box around the area of a saved search."""
    if area is None:
        return None
    west, south, east, north = area.extent
    return west, south, east, north
