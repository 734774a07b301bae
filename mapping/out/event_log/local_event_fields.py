"""Local events in the event log: fields, stops, days that differ from the event's rule, and the functions that store
them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.gis.geos import Point

from mapping.out.event_log.event_fields import (
    AT,
    FLAG,
    ID,
    LINK,
    MOMENT,
    PLACE_FIELDS,
    SLUG,
    Field,
    choice,
    reference,
    text,
)
from mapping.out.event_log.value_readers import (
    Reader,
    ValueRefused,
    read_flag,
    read_latitude,
    read_longitude,
    read_moment,
    reads_choice,
    reads_list_of,
    reads_number,
    reads_text,
)
from needs.models import EventException, LocalEvent, Place, RoundStop
from needs.neighbours.local_events import event_entries, recurrence
from needs.neighbours.local_events.models import BROUGHT, LocalEventKind
from needs.neighbours.local_events.occurrences import LONGEST
from needs.neighbours.local_events.recurrence import RuleRefused
from needs.neighbours.local_events.round_stops import MOST_STOPS
from solidarity.lib import grid

LOCAL_EVENT = "local_event"
_MOST_DAYS = 400


def _read_rule(name: str, value: Any) -> str:
    try:
        return recurrence.checked(reads_text(recurrence.LONGEST)(name, value))
    except RuleRefused:
        raise ValueRefused("wrong_value", f"{name} has to be a rule by the day, the week or the month") from None


def _whole(most: int) -> Reader:
    plain = reads_number(0, most, f"a whole number up to {most}")
    return lambda name, value: int(plain(name, value))


def _objects(parts: Mapping[str, Reader], most: int) -> Reader:
    """Return a reader of a list of objects with these values."""

    def read(name: str, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > most or not all(isinstance(each, dict) for each in value):
            raise ValueRefused("wrong_value", f"{name} has to be a list of at most {most} objects")
        return [{part: reader(part, each.get(part)) for part, reader in parts.items()} for each in value]

    return read


def _or_none(read: Reader) -> Reader:
    return lambda name, value: None if value is None else read(name, value)


def _list_schema(parts: Mapping[str, Any], most: int) -> dict[str, Any]:
    properties = {"type": "object", "properties": dict(parts), "required": list(parts)}
    return {"type": "array", "maxItems": most, "items": properties}


_MINUTES = {"type": "integer", "minimum": 0, "maximum": 1440}
_MOMENT_OR_NULL = {"anyOf": [reference("moment"), {"type": "null"}]}
FIELDS: dict[str, Field] = {
    "id": ID,
    "association": SLUG,
    "kind": replace(choice(LocalEventKind.values), required=True),
    "title": replace(text(80), required=True),
    "about": text(1000),
    "place": LINK,
    **PLACE_FIELDS,
    "address": text(200),
    "starts_at": AT,
    "ends_at": AT,
    "repeats": Field(_read_rule, {"type": "string", "maxLength": recurrence.LONGEST}, default=""),
    "walk_in": FLAG,
    "public": FLAG,
    "brings": Field(
        reads_list_of(reads_choice([each.value for each in BROUGHT])),
        {"type": "array", "items": {"enum": [each.value for each in BROUGHT]}}, default=(),
    ),
    "seats": Field(_whole(32767), {"type": "integer", "minimum": 0, "maximum": 32767}),
    "stops": Field(
        _objects(
            {"name": reads_text(120), "lat": read_latitude, "lng": read_longitude, "minutes": _whole(1440),
             "stays": _whole(1440)},
            MOST_STOPS,
        ),
        _list_schema({"name": {"type": "string", "maxLength": 120}, "lat": {"type": "number"}, "lng": {"type": "number"},
                      "minutes": _MINUTES, "stays": _MINUTES}, MOST_STOPS), default=(),
    ),
    "days": Field(
        _objects(
            {"occurrence": read_moment, "cancelled": read_flag, "starts_at": _or_none(read_moment),
             "ends_at": _or_none(read_moment), "word": reads_text(200)},
            _MOST_DAYS,
        ),
        _list_schema({"occurrence": reference("moment"), "cancelled": {"type": "boolean"}, "starts_at": _MOMENT_OR_NULL,
                      "ends_at": _MOMENT_OR_NULL, "word": {"type": "string", "maxLength": 200}}, _MOST_DAYS), default=(),
    ),
    "cancelled_at": MOMENT,
    "word": text(200),
    "made_at": MOMENT,
}  # fmt: skip

_STOPS = """COALESCE((SELECT json_agg(json_build_object('name', s.name, 'lat', ST_Y(s.point::geometry), 'lng',
    ST_X(s.point::geometry), 'minutes', s.minutes, 'stays', s.stays) ORDER BY s."order", s.id)
    FROM needs_roundstop s WHERE s.event_id = t.id), '[]'::json)"""
_DAYS = """COALESCE((SELECT json_agg(json_build_object('occurrence', x.occurrence, 'cancelled', x.cancelled,
    'starts_at', x.starts_at, 'ends_at', x.ends_at, 'word', x.word) ORDER BY x.occurrence)
    FROM needs_eventexception x WHERE x.event_id = t.id), '[]'::json)"""
COLUMNS = f"""t.kind, t.title, t.about,
    (SELECT p.id FROM needs_place p WHERE p.id = t.place_id AND NOT p.address_hidden) AS place,
    ST_Y(t.point::geometry) AS lat, ST_X(t.point::geometry) AS lng,
    CASE WHEN t.point IS NOT NULL THEN to_hex(t.cell) END AS cell, t.address, t.starts_at, t.ends_at, t.repeats,
    t.walk_in, t.public, t.brings, t.seats, {_STOPS} AS stops, {_DAYS} AS days, t.cancelled_at, t.word, t.made_at"""


def row_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of an event. A place that does not exist here, or that has a secret address, is left out."""
    left_out = ("association", "made_at", "stops", "days", "place", "point")
    columns = {name: value for name, value in values.items() if name not in left_out}
    point = values["point"]
    here = values["place"] and Place.objects.on_map().filter(pk=values["place"]).exists()
    return columns | {
        "place_id": values["place"] if here else None,
        "point": Point(point[1], point[0], srid=4326) if point else None,
    }


def check_hours(values: Mapping[str, Any]) -> None:
    """Refuse an event that ends before it begins, takes longer than a day, or never takes place."""
    if not values["starts_at"] < values["ends_at"] <= values["starts_at"] + LONGEST:
        raise ValueRefused("wrong_value", "ends_at has to come after starts_at, within a day")
    if recurrence.first_of(values["repeats"], values["starts_at"]) != values["starts_at"]:
        raise ValueRefused("wrong_value", "starts_at has to be a day of repeats")


def store_parts(values: Mapping[str, Any]) -> None:
    """Store the stops of a new event and the days that differ from its rule, then its end and its cell."""
    row = LocalEvent.objects.get(pk=values["id"])
    last = recurrence.last_of(row.repeats, row.starts_at)
    ends = [day["ends_at"] for day in values["days"] if day["ends_at"] is not None]
    row.over_at = None if last is None else max([last + (row.ends_at - row.starts_at), *ends])
    row.save(update_fields=["over_at"])
    RoundStop.objects.bulk_create(
        RoundStop(
            event=row, order=order, name=stop["name"], point=Point(stop["lng"], stop["lat"], srid=4326),
            cell=grid.cell_of(stop["lat"], stop["lng"]), minutes=stop["minutes"], stays=stop["stays"],
        )
        for order, stop in enumerate(values["stops"])
    )  # fmt: skip
    EventException.objects.bulk_create(
        [EventException(event=row, **day) for day in values["days"]], ignore_conflicts=True
    )
    event_entries.settle_cell(row)
