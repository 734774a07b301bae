"""Vector tiles of the events of today, for maps: only events that people without an account may see."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from needs.guide.find_help.place_tiles import PlaceTile, kept_tile
from needs.models import LocalEvent, RoundStop
from needs.neighbours.local_events import occurrences
from needs.neighbours.local_events.pages.event_presenter import hours_words, span_of

KEPT = 300
MOST = 500
"""Events in a tile."""
NIGHT = timedelta(hours=6)
"""Today lasts until this long after midnight."""
type Mark = tuple[str, str, float, float]


def tile(z: int, x: int, y: int) -> PlaceTile:
    """Return a tile with the layer "events": key, name. Raise ValueError for an address outside the tile pyramid."""
    return kept_tile("events:tile", z, x, y, KEPT, lambda: _draw(_marks(_box(z, x, y), timezone.now()), z, x, y))


def _box(z: int, x: int, y: int) -> Polygon:
    """Return the tile in degrees, a little larger."""
    with connection.cursor() as cursor:
        sql = """SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)
                 FROM ST_Transform(ST_TileEnvelope(%s, %s, %s, margin => 0.016), 4326) b"""
        cursor.execute(sql, [z, x, y])
        box = Polygon.from_bbox(cursor.fetchone())
    box.srid = 4326
    return box


def _marks(box: Polygon, now: datetime) -> list[Mark]:
    """Return (key, name, longitude, latitude) of the events of today and of the stops of rounds in a box."""
    here = LocalEvent.objects.taking_place(now).for_everybody().located()
    here = here.filter(
        Q(where__coveredby=box) | Q(pk__in=RoundStop.objects.filter(point__coveredby=box).values("event"))
    )
    until = span_of("today", now)[1] + NIGHT
    marks: list[Mark] = []
    for event in here.prefetch_related("stops", "exceptions").order_by("pk")[:MOST]:
        today = [each for each in occurrences.between(event, now, until) if not each.cancelled]
        for each in today[:1]:
            stops = list(occurrences.stop_times(each, event.stops.all()))
            where = getattr(event, "where", None)
            if not stops and where is not None:
                marks.append(_mark(event, hours_words(each.starts_at, each.ends_at), where))
            marks += [_mark(event, hours_words(start, end), stop.point) for stop, start, end in stops if end > now]
    return marks


def _mark(event: LocalEvent, hours: str, point: Any) -> Mark:
    return str(event.pk), f"{event.title}\n{hours}", point.x, point.y


def _draw(marks: list[Mark], z: int, x: int, y: int) -> bytes:
    keys, names, longitudes, latitudes = zip(*marks, strict=True) if marks else ((), (), (), ())
    values: dict[str, int | list[str] | list[float]] = {
        "z": z, "x": x, "y": y, "keys": list(keys), "names": list(names), "lng": list(longitudes), "lat": list(latitudes)
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH marks AS (SELECT * FROM unnest(%(keys)s::text[], %(names)s::text[], %(lng)s::float8[], %(lat)s::float8[])
                           AS m(key, name, lng, lat)),
                 layer AS (SELECT m.key, m.name,
                                  ST_AsMVTGeom(ST_Transform(ST_SetSRID(ST_MakePoint(m.lng, m.lat), 4326), 3857),
                                               ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
                           FROM marks m)
            SELECT ST_AsMVT(l, 'events', 4096, 'geom') FROM (SELECT * FROM layer WHERE geom IS NOT NULL) l""",
            values,
        )
        return bytes(cursor.fetchone()[0])
