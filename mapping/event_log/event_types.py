"""One event of the log: from JSON to checked values. No database.

The fields of each type stand in FIELDS, in the order in which they are written; docs/event-log.md explains them and
docs/event-log.schema.json says the same to programs.
"""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from mapping.enums import STATUS_KEYS, Status
from mapping.event_log.value_readers import (
    SMALL,
    Reader,
    Refusal,
    read_cell,
    read_count,
    read_flag,
    read_hash,
    read_latitude,
    read_line,
    read_longitude,
    read_minutes,
    read_moment,
    read_slug,
    read_state,
    read_steps,
    read_uuid,
    read_walked,
    reads_choice,
    reads_list_of,
    reads_number,
    reads_text,
)
from needs.enums import Category, NeedState, Origin, ReportKind, TourMode, Urgency
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import content_hash

TOUR, ENCOUNTER, AID, CITIZEN_REPORT = "tour", "encounter", "aid", "citizen_report"
NEED, RETRACTION, OVERRIDE = "need", "retraction", "override"
# In this order every event comes after those it refers to.
TYPES = (TOUR, ENCOUNTER, NEED, AID, CITIZEN_REPORT, OVERRIDE, RETRACTION)

KIND_OF: dict[str, ReportKind] = {
    TOUR: ReportKind.TOUR,
    ENCOUNTER: ReportKind.ENCOUNTER,
    NEED: ReportKind.NEED,
    AID: ReportKind.AID,
    CITIZEN_REPORT: ReportKind.CITIZEN_REPORT,
    OVERRIDE: ReportKind.OVERRIDE,
}


@dataclass(slots=True)
class Event:
    """A checked event. values: its fields by name, checked and complete, without ``type``.

    ``cell`` is an H3 cell as an integer, ``point`` (latitude, longitude) in degrees or None, moments are in UTC.
    """

    type: str
    values: dict[str, Any]

    @property
    def id(self) -> uuid.UUID:
        return self.values["id"]  # type: ignore[no-any-return]

    def hash(self) -> str:
        """The content hash to store: the one the event carries (the acknowledgement of its first filing), or its own."""
        return self.values.get("hash") or content_hash({"type": self.type, **self.content()})

    def content(self) -> dict[str, Any]:
        """The fields that make the event what it is: without what becomes of it later or says how it was stored."""
        return {name: value for name, value in self.values.items() if name not in _NOT_CONTENT}


# --- fields of each type -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """read: checks a value. default: for a field that is left out; None may also be written as null."""

    read: Reader
    required: bool = False
    default: Any = None


_ID = Field(read_uuid, required=True)
_AT = Field(read_moment, required=True)
_ONE = Field(read_count, default=1)
_FALSE = Field(read_flag, default=False)
_CATEGORIES = Field(reads_list_of(reads_choice(Category.values)), default=())
_NULL_SLUG = Field(read_slug)
_NULL_UUID = Field(read_uuid)
_SMALL_TEXT = Field(reads_text(300), default="")
_PLACE = {"lat": Field(read_latitude), "lng": Field(read_longitude), "cell": Field(read_cell)}
_FILED = {"filed_at": Field(read_moment), "archive": _FALSE, "hash": Field(read_hash)}

FIELDS: dict[str, dict[str, Field]] = {
    TOUR: {
        "id": _ID,
        "association": _NULL_SLUG,
        "start": _AT,
        "end": Field(read_moment),
        "mode": Field(reads_choice(TourMode.values), default=str(TourMode.FOOT)),
        "walkers": Field(read_count, default=2),
        "cells": Field(read_walked, default=()),
        "line": Field(read_line),
        **_FILED,
    },
    ENCOUNTER: {
        "id": _ID,
        "association": _NULL_SLUG,
        "at": _AT,
        **_PLACE,
        "place_text": _SMALL_TEXT,
        "tour": _NULL_UUID,
        "persons": _ONE,
        "contacts": Field(read_count),
        "minutes": Field(read_minutes),
        "asked": _CATEGORIES,
        "given": _CATEGORIES,
        "note": Field(reads_text(20_000), default=""),
        "note_pinned": _FALSE,
        "consent": _FALSE,
        **_FILED,
    },
    NEED: {
        "id": _ID,
        "association": _NULL_SLUG,
        "encounter": _NULL_UUID,
        "at": _AT,
        **_PLACE,
        "place_text": _SMALL_TEXT,
        "kinds": _CATEGORIES,
        "urgency": Field(reads_choice(Urgency.values), default=str(Urgency.SOON)),
        "persons": _ONE,
        "title": _SMALL_TEXT,
        "text": Field(reads_text(200_000), default=""),
        "origin": Field(reads_choice(Origin.values), default=str(Origin.CITIZEN)),
        "source": Field(reads_text(64), default=""),
        "with_account": _FALSE,
        "reference": Field(reads_text(80), default=""),
        "state": Field(read_state, default=str(NeedState.NEW)),
        "state_at": Field(read_moment),
        "steps": Field(read_steps, default=()),
        **_FILED,
    },
    AID: {
        "id": _ID,
        "association": _NULL_SLUG,
        "need": _NULL_UUID,
        "at": _AT,
        **_PLACE,
        "contacts": _ONE,
        "given": _CATEGORIES,
        **_FILED,
    },
    CITIZEN_REPORT: {
        "id": _ID,
        "at": _AT,
        **_PLACE,
        "source": Field(reads_text(64), required=True),
        "with_account": _FALSE,
        "persons": _ONE,
        "text": Field(reads_text(200_000), default=""),
        "reference": Field(reads_text(80), default=""),
        **_FILED,
    },
    OVERRIDE: {
        "id": _ID,
        "association": _NULL_SLUG,
        "at": _AT,
        "cell": Field(read_cell, required=True),
        "persons": Field(reads_number(0, SMALL, f"a number from 0 to {SMALL}"), required=True),
        "hours": Field(reads_number(0, 10_000, "hours, not negative")),
        "status": Field(reads_choice(STATUS_KEYS.values()), required=True),
        "model_status": Field(reads_choice(STATUS_KEYS.values())),
        "reason": Field(reads_text(500), default=""),
        "extended_reason": Field(reads_text(500), default=""),
        "contest": _NULL_UUID,
        "expires_at": _AT,
        "filed_at": Field(read_moment),
        "hash": Field(read_hash),
    },
    RETRACTION: {
        "id": _ID,
        "kind": Field(reads_choice(KIND_OF), required=True),
        "report": _ID,
        "at": _AT,
        "reason": _SMALL_TEXT,
    },
}

STATUS_OF = {key: Status(status) for status, key in STATUS_KEYS.items()}

# What may differ between two copies of one event: how and when it was stored, what became of it since.
_NOT_CONTENT = frozenset({"filed_at", "archive", "hash", "state", "state_at", "steps"})
# Types whose evidence is at one place; needs and citizens' reports may have none.
_PLACED = frozenset({ENCOUNTER, AID})
_OWNED = frozenset({TOUR, ENCOUNTER, OVERRIDE})


def read(line: bytes | str, association: str = "") -> tuple[Event, list[str]]:
    """(the event of one line, names of fields that it has and nobody knows).

    association: the short name for events that name none and need one. Raises Refusal.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise Refusal("no_json", "the line is not JSON") from None
    if not isinstance(raw, dict):
        raise Refusal("no_json", "the line is not a JSON object")
    return checked(raw, association)


def checked(raw: dict[str, Any], association: str = "") -> tuple[Event, list[str]]:
    """As :func:`read`, from an object."""
    kind = raw.get("type")
    fields = FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise Refusal("unknown_type", "type has to be one of " + ", ".join(TYPES))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        value = raw.get(name)
        if value is not None:
            values[name] = field.read(name, value)
        elif field.required:
            raise Refusal("missing_field", f"{name} is missing")
        else:
            values[name] = list(field.default) if field.default == () else field.default
    event = Event(str(kind), values)
    _complete(event, raw, association)
    unknown = [name for name in raw if name not in fields and name != "type"]
    return event, unknown


def _complete(event: Event, raw: dict[str, Any], association: str) -> None:
    values = event.values
    if "lat" in values:
        _locate(event)
    if "association" in values and values["association"] is None:
        if event.type in _OWNED or (event.type == AID and "association" not in raw):
            values["association"] = association or None
        if event.type in _OWNED and values["association"] is None:
            raise Refusal("no_association", "the event names no association and none was given for such events")
    if event.type == TOUR:
        values["cells"] = dict(values["cells"])
        if values["end"] is not None and values["end"] < values["start"]:
            raise Refusal("wrong_value", "end has to come after start")
    if event.type == ENCOUNTER and values["contacts"] is None:
        values["contacts"] = values["persons"] if values["given"] else 0  # as in needs.reports.filing
    if event.type == OVERRIDE and values["contest"] is None:
        values["contest"] = values["id"]
    if event.type == NEED and not values["kinds"]:
        values["kinds"] = [str(Category.OTHER)]


def _locate(event: Event) -> None:
    """lat, lng and cell → cell and point. A cell beside a point has to be the point's."""
    values = event.values
    lat, lng, cell = values.pop("lat"), values.pop("lng"), values["cell"]
    if (lat is None) != (lng is None):
        raise Refusal("half_a_place", "lat and lng come together or not at all")
    values["point"] = None if lat is None else (lat, lng)
    if lat is not None:
        found = grid.cell_of(lat, lng)
        if cell is not None and cell != found:
            raise Refusal("two_places", "cell is not the cell of lat and lng")
        values["cell"] = found
    elif cell is None and event.type in _PLACED:
        raise Refusal("no_place", "the event has neither lat and lng nor cell")


def difference(stored: Event, event: Event) -> list[str]:
    """Names of the fields in which an event is another one than the stored one of its id.

    No difference are: an exact place, or a place in words, that the database has forgotten meanwhile or that this copy
    does not have; cells that encounters added to a tour; a tour's end, or an override's extension, that an older copy does
    not know; a need that an aid refers to and that is not there.
    """
    old, new = stored.content(), event.content()
    if "point" in new:
        if old["point"] is None or new["point"] is None:
            old["point"] = new["point"] = None
        if not (old.get("place_text") and new.get("place_text")) and event.type == ENCOUNTER:
            old["place_text"] = new["place_text"] = ""
    if event.type == OVERRIDE and bool(old["extended_reason"]) != bool(new["extended_reason"]):
        new["extended_reason"], new["expires_at"] = old["extended_reason"], old["expires_at"]
    if event.type == AID and old["need"] is None:
        new["need"] = None
    if event.type == TOUR:
        if new["end"] is None:
            new["end"], new["line"], new["cells"] = old["end"], old["line"], old["cells"]
        for cell, minutes in old["cells"].items():
            if minutes is None:
                new["cells"] = {cell: None} | new["cells"]
        if new["line"] is None:
            new["line"] = old["line"]
    return [name for name, value in new.items() if old.get(name) != value]
