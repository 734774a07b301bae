"""Events of the log: from JSON to checked values. No database.

FIELDS lists the fields of each type in the order in which they are written; docs/event-log.md explains them.
"""

import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

from mapping.enums import STATUS_KEYS
from mapping.out.event_log import local_event_fields, place_and_stock_events
from mapping.out.event_log.event_fields import (
    AT,
    CELL,
    CORRECTED,
    COUNT,
    FLAG,
    ID,
    LINK,
    MOMENT,
    SLUG,
    Field,
    choice,
    log_fields,
    reference,
    text,
)
from mapping.out.event_log.local_event_fields import LOCAL_EVENT
from mapping.out.event_log.place_and_stock_events import ITEM, OFFER, PLACE, STOCK_MOVE
from mapping.out.event_log.value_readers import (
    SMALL,
    ValueRefused,
    read_cell,
    read_hash,
    read_questions,
    read_state,
    read_steps,
    reads_list_of,
    reads_number,
)
from needs.base.records.declarations import DRAFTS, AidDraft, EncounterDraft, NeedDraft, PresenceDraft, TourDraft
from needs.base.records.field_declarations import Draft
from needs.enums import Category, NeedState, ReportKind
from needs.reports.correction_history.corrected_values import WORDS
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import content_hash

QUESTION_SET, TOUR, ENCOUNTER, AID = "question_set", "tour", "encounter", "aid"
CITIZEN_REPORT, NEED, RETRACTION, OVERRIDE = "citizen_report", "need", "retraction", "override"
CORRECTION = "correction"
# Types are in this order so that every event comes after the events that it refers to.
TYPES = (
    QUESTION_SET, PLACE, TOUR, ENCOUNTER, NEED, AID, CITIZEN_REPORT, OVERRIDE, ITEM, STOCK_MOVE, OFFER, LOCAL_EVENT,
    CORRECTION, RETRACTION,
)  # fmt: skip

KIND_OF: dict[str, ReportKind] = {
    TOUR: ReportKind.TOUR,
    ENCOUNTER: ReportKind.ENCOUNTER,
    NEED: ReportKind.NEED,
    AID: ReportKind.AID,
    CITIZEN_REPORT: ReportKind.CITIZEN_REPORT,
    OVERRIDE: ReportKind.OVERRIDE,
}
CORRECTED_KINDS = (ENCOUNTER, NEED)
"""Types of report that can be corrected."""

DRAFT_OF: dict[str, type[Draft]] = {name: DRAFTS[kind] for name, kind in KIND_OF.items() if kind in DRAFTS}


def _number(high: float, wanted: str, *, required: bool = False) -> Field:
    return Field(reads_number(0, high, wanted), {"type": "number", "minimum": 0, "maximum": high}, required=required)


@dataclass(slots=True)
class Event:
    """A checked event. values: the fields of the event by name, checked and complete, without ``type``. ``cell`` is an
    H3 cell as an integer, ``point`` is (latitude, longitude) in degrees or None, datetimes are in UTC."""

    type: str
    values: dict[str, Any]

    @property
    def id(self) -> uuid.UUID:
        return self.values["id"]  # type: ignore[no-any-return]

    def hash(self) -> str:
        """Return the content hash to store: the hash of the first filing if the event contains that hash, else the hash
        of this event."""
        return self.values.get("hash") or content_hash({"type": self.type, **self.content()})

    def content(self) -> dict[str, Any]:
        """Return the fields that define the event, without fields about storage and later changes."""
        return {name: value for name, value in self.values.items() if name not in _NOT_CONTENT}


# --- fields of each type -------------------------------------------------------------------------------------------

_FILED = {
    "filed_at": MOMENT,
    "archive": FLAG,
    "hash": Field(read_hash, {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
}
_OWNER = {"id": ID, "association": SLUG}
_STATUSES = list(STATUS_KEYS.values())

FIELDS: dict[str, dict[str, Field]] = {
    QUESTION_SET: {
        **_OWNER,
        "version": replace(COUNT, required=True),
        "made_at": MOMENT,
        "questions": Field(read_questions, reference("questions"), required=True),
    },
    TOUR: {
        **_OWNER,
        **log_fields(TourDraft),
        "met_cells": Field(
            reads_list_of(read_cell),
            {"type": "array", "items": reference("cell")},
            default=(),
            meaning="Cells that are part of the tour only because encounters were there.",
        ),
        "not_found_cells": Field(
            reads_list_of(read_cell),
            {"type": "array", "items": reference("cell")},
            default=(),
            meaning="Cells where the tour did not find the people of a need.",
        ),
        **_FILED,
    },
    ENCOUNTER: {**_OWNER, **log_fields(EncounterDraft), **_FILED},
    NEED: {
        **_OWNER,
        "encounter": LINK,
        **log_fields(NeedDraft),
        "district": replace(SLUG, meaning="The territory, if only that is known of the place."),
        "place_unknown": replace(FLAG, meaning="Whether nobody knows the place."),
        "state": Field(read_state, reference("state"), default=str(NeedState.NEW)),
        "state_at": MOMENT,
        "steps": Field(read_steps, reference("steps"), default=()),
        **_FILED,
    },
    AID: {**_OWNER, **log_fields(AidDraft), **_FILED},
    CITIZEN_REPORT: {"id": ID, **log_fields(PresenceDraft), **_FILED},
    OVERRIDE: {
        **_OWNER,
        "at": AT,
        "cell": replace(CELL, required=True),
        "persons": _number(SMALL, f"a number from 0 to {SMALL}", required=True),
        "hours": _number(10_000, "hours, not negative"),
        "status": replace(choice(_STATUSES), required=True),
        "model_status": choice(_STATUSES),
        "reason": text(500),
        "extended_reason": text(500),
        "contest": LINK,
        "expires_at": AT,
        "filed_at": MOMENT,
        "hash": _FILED["hash"],
    },
    **place_and_stock_events.FIELDS,
    CORRECTION: {
        "id": ID,
        "kind": replace(choice(CORRECTED_KINDS), required=True),
        "report": ID,
        "at": AT,
        "reason": text(300),
        "before": CORRECTED,
        "after": CORRECTED,
    },
    RETRACTION: {
        "id": ID,
        "kind": replace(choice(KIND_OF), required=True),
        "report": ID,
        "at": AT,
        "reason": text(300),
    },
}


# Fields that may differ between two copies of one event: how and when the event was stored, and how it changed later.
_NOT_CONTENT = frozenset(
    {
        "filed_at",
        "archive",
        "hash",
        "state",
        "state_at",
        "steps",
        "met_cells",
        "not_found_cells",
        "district",
        "place_unknown",
    }
)
# Types of events that must have a place. Needs and citizens' reports may have no place.
PLACED = frozenset({ENCOUNTER, AID, PLACE})
_OWNED = frozenset({QUESTION_SET, TOUR, ENCOUNTER, ITEM, OFFER, LOCAL_EVENT})


def read(line: bytes | str, association: str = "") -> tuple[Event, list[str]]:
    """Parse one line; return (event, names of its unknown fields). Raise ValueRefused for an invalid event. association:
    short name of the association to use for events that need one but name none."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueRefused("no_json", "the line is not JSON") from None
    if not isinstance(raw, dict):
        raise ValueRefused("no_json", "the line is not a JSON object")
    return checked(raw, association)


def checked(raw: dict[str, Any], association: str = "") -> tuple[Event, list[str]]:
    """Do the same as :func:`read`, but from a parsed JSON object."""
    kind = raw.get("type")
    fields = FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise ValueRefused("unknown_type", "type has to be one of " + ", ".join(TYPES))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        value = raw.get(name)
        if value is not None:
            values[name] = field.read(name, value)
        elif field.required:
            raise ValueRefused("missing_field", f"{name} is missing")
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
        owned = event.type in _OWNED or (event.type == OVERRIDE and "association" not in raw)
        if owned or (event.type == AID and "association" not in raw):
            values["association"] = association or None
        if owned and values["association"] is None:
            raise ValueRefused("no_association", "the event names no association and none was given for such events")
    if event.type == ENCOUNTER:
        values["answers"] = dict(values["answers"])
        if values["question_set"] is None and values["answers"]:
            raise ValueRefused("no_question_set", "answers need the question_set that they were given to")
    if event.type == TOUR:
        values["cells"] = dict(values["cells"])
        if values["end"] is not None and values["end"] < values["start"]:
            raise ValueRefused("wrong_value", "end has to come after start")
    if event.type == ENCOUNTER and values["contacts"] is None:
        values["contacts"] = values["persons"] if values["given"] else 0  # as in needs.reports.filing
    if event.type == LOCAL_EVENT:
        local_event_fields.check_hours(values)
    if event.type == OVERRIDE and values["contest"] is None:
        values["contest"] = values["id"]
    if event.type == CORRECTION and values["before"].keys() != values["after"].keys():
        raise ValueRefused("wrong_value", "before and after have to name the same values")
    if event.type == NEED and values["cell"] is not None:
        values["district"], values["place_unknown"] = None, False
    if event.type == NEED and not values["kinds"]:
        values["kinds"] = [str(Category.OTHER)]


def _locate(event: Event) -> None:
    """Replace the fields lat, lng and cell by cell and point. Refuse a cell that does not contain the point."""
    values = event.values
    lat, lng, cell = values.pop("lat"), values.pop("lng"), values["cell"]
    if (lat is None) != (lng is None):
        raise ValueRefused("half_a_place", "lat and lng come together or not at all")
    values["point"] = None if lat is None else (lat, lng)
    if lat is not None:
        found = grid.cell_of(lat, lng)
        if cell is not None and cell != found:
            raise ValueRefused("two_places", "cell is not the cell of lat and lng")
        values["cell"] = found
    elif cell is None and event.type in PLACED:
        raise ValueRefused("no_place", "the event has neither lat and lng nor cell")


def difference(stored: Event, event: Event) -> list[str]:
    """Return the names of the fields in which an event differs from the stored event that has the same id.

    Two copies of one filing do not differ if corrections explain the difference. Ignore an exact place, a place in
    words or answers in words, if one copy has none, for example because retention deleted them. Ignore cells that
    encounters added to a tour, and the end of a tour or the extension of an override if an older copy lacks it. Ignore
    the missing need of an aid, the missing question set of an encounter, and the words of a correction.
    """
    old, new = stored.content(), event.content()
    if "point" in new:
        if old["point"] is None or new["point"] is None:
            old["point"] = new["point"] = None
        if not (old.get("place_text") and new.get("place_text")) and event.type == ENCOUNTER:
            old["place_text"] = new["place_text"] = ""
    if event.type == ENCOUNTER:
        if old["question_set"] is None or new["question_set"] is None:
            old["question_set"] = new["question_set"] = None
            old["answers"] = new["answers"] = {}
        for key in old["answers"].keys() ^ new["answers"].keys():
            answer = old["answers"].get(key, new["answers"].get(key))
            if isinstance(answer, str):
                old["answers"] = {**old["answers"], key: answer}
                new["answers"] = {**new["answers"], key: answer}
    if event.type == CORRECTION:  # retention deletes the words
        for values in (old, new):
            values["reason"] = ""
            for side in ("before", "after"):
                values[side] = {name: value for name, value in values[side].items() if name not in WORDS}
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
    found = [name for name, value in new.items() if old.get(name) != value]
    return [] if _corrected_since(stored, event, found) else found


def _corrected_since(stored: Event, event: Event, names: list[str]) -> bool:
    """Return whether both events are copies of one filing and corrections explain the difference.

    The log contains such a difference as correction events. The cells of a tour change when its encounters are
    corrected.
    """
    if not event.values.get("hash") or stored.values.get("hash") != event.values["hash"]:
        return False
    return event.type in CORRECTED_KINDS or (event.type == TOUR and names == ["cells"])
