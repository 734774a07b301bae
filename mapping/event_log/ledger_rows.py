"""Rows of the ledger from events, many at a time; the same columns as :mod:`needs.reports.filing` writes."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg2.extras import execute_values

from mapping.event_log.event_types import (
    AID,
    CITIZEN_REPORT,
    ENCOUNTER,
    KIND_OF,
    NEED,
    OVERRIDE,
    STATUS_OF,
    TOUR,
    Event,
)
from mapping.models import Override
from needs.enums import Channel, NeedState, ReportKind
from needs.importers.bulk_insert import insert_new_rows
from needs.models import Aid, CitizenReport, Encounter, Need, NeedStep, Retraction, Tour
from needs.reports import filing
from needs.signals import Touch
from solidarity.lib import grid

MODELS: dict[str, type[models.Model]] = {
    TOUR: Tour,
    ENCOUNTER: Encounter,
    NEED: Need,
    AID: Aid,
    CITIZEN_REPORT: CitizenReport,
    OVERRIDE: Override,
}
TABLES = ("needs_tour", "needs_tourcell", "needs_encounter", "needs_need", "needs_aid", "needs_citizenreport",
          "mapping_override")  # fmt: skip


def present(kind: str, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of the ids are stored reports of the type."""
    if not ids:
        return set()
    return set(MODELS[kind]._default_manager.filter(pk__in=ids).values_list("pk", flat=True))


def insert(kind: str, events: Sequence[Event], associations: Mapping[str, int]) -> set[uuid.UUID]:
    """Store events of one type with what hangs on them; the ids of those that were new."""
    rows = [_ROWS[kind](event, associations) for event in events]
    new: set[uuid.UUID] = insert_new_rows(MODELS[kind], rows)
    fresh = [event for event in events if event.id in new]
    if kind == TOUR:
        _walked([(event.id, cell, minutes) for event in fresh for cell, minutes in event.values["cells"].items()])
    elif kind == ENCOUNTER:
        tours = [event for event in fresh if event.values["tour"]]
        _walked([(event.values["tour"], event.values["cell"], None) for event in tours])
    elif kind == NEED:
        _step(fresh, {row["id"]: row for row in rows})
    return new


def touches(kind: str, events: Sequence[Event]) -> list[Touch]:
    """What has to be folded after the events were stored."""
    found = []
    for event in events:
        values = event.values
        if kind == TOUR:
            cell = next(iter(values["cells"]), None)
            if cell is not None:
                found.append(Touch(ReportKind.TOUR, event.id, cell, cell))
        elif kind == ENCOUNTER and values["tour"]:
            found.append(Touch(ReportKind.TOUR, values["tour"], None, values["cell"]))
        elif values["cell"] is not None and values.get("state") != NeedState.HELD:
            found.append(Touch(KIND_OF[kind], event.id, None, values["cell"]))
    return found


def retract(events: Sequence[Event]) -> tuple[set[uuid.UUID], set[uuid.UUID], list[Touch]]:
    """Take reports back: (ids of the retractions that did it, ids of reports that are not there, what to fold)."""
    done: set[uuid.UUID] = set()
    missing: set[uuid.UUID] = set()
    touched: list[Touch] = []
    for name, kind in KIND_OF.items():
        wanted: dict[uuid.UUID, Event] = {}
        for event in events:
            if event.values["kind"] == name:
                wanted.setdefault(event.values["report"], event)
        if not wanted:
            continue
        missing |= set(wanted) - present(name, wanted)
        for report, cell, tour in _mark(MODELS[name], wanted):
            event = wanted[report]
            done.add(event.id)
            if tour is not None:
                touched.append(Touch(ReportKind.TOUR, tour, cell, cell))
            else:
                touched.append(Touch(kind, report, cell, None))
        Retraction.objects.bulk_create(
            Retraction(
                id=event.id, kind=kind, report=report, at=event.values["at"], reason=event.values["reason"]
            )  # fmt: skip
            for report, event in wanted.items()
            if event.id in done
        )
    return done, missing, touched


def _mark(model: type[models.Model], wanted: Mapping[uuid.UUID, Event]) -> list[tuple[uuid.UUID, Any, Any]]:
    """Set ``retracted_at`` where it is not set; (report, cell, tour) of each."""
    cell = "NULL" if model is Tour else "t.cell"
    tour = "t.tour_id" if model is Encounter else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} t SET retracted_at = v.at FROM unnest(%s::uuid[], %s::timestamptz[]) v(id, at) "
            f"WHERE t.id = v.id AND t.retracted_at IS NULL RETURNING t.id, {cell}, {tour}",
            [[str(report) for report in wanted], [event.values["at"] for event in wanted.values()]],
        )
        return list(cursor.fetchall())


def _walked(rows: Sequence[tuple[uuid.UUID, int, float | None]]) -> None:
    if rows:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            execute_values(
                cursor.cursor,
                "INSERT INTO needs_tourcell (tour_id, cell, minutes) VALUES %s ON CONFLICT (tour_id, cell) DO NOTHING",
                rows,
                page_size=2000,
            )


def _step(events: Sequence[Event], rows: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    steps = []
    for event in events:
        row = rows[event.id]
        told = event.values["steps"] or [(row["state"], row["state_at"], False)]
        steps += [NeedStep(need_id=event.id, state=s, at=at, by_reporter=by_reporter) for s, at, by_reporter in told]
    NeedStep.objects.bulk_create(steps)


# --- the columns of each type --------------------------------------------------------------------------------------


def _base(event: Event) -> dict[str, Any]:
    values = event.values
    return {
        "id": event.id,
        "content_hash": event.hash(),
        "filed_at": values["filed_at"] or timezone.now(),
        "channel": str(Channel.EVENT_LOG),
        "archive": values["archive"],
    }


def _report(event: Event) -> dict[str, Any]:
    values = event.values
    point = fine = None
    if values["point"] is not None:
        place = filing.Place(*values["point"])
        point, fine = place.ewkt, grid.cells_of(*values["point"])[1]
    return _base(event) | {"at": values["at"], "point": point, "fine_cell": fine, "cell": values["cell"]}


def _owner(event: Event, associations: Mapping[str, int]) -> int | None:
    slug = event.values["association"]
    return associations[slug] if slug else None


def _take(event: Event, *names: str) -> dict[str, Any]:
    return {name: event.values[name] for name in names}


def _tour(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    line = event.values["line"]
    return _base(event) | {
        "association_id": _owner(event, associations),
        "at": event.values["start"],
        "ended_at": event.values["end"],
        "line": "SRID=4326;LINESTRING(" + ", ".join(f"{lng!r} {lat!r}" for lng, lat in line) + ")" if line else None,
        **_take(event, "mode", "walkers"),
    }


def _encounter(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    names = ("persons", "contacts", "minutes", "asked", "given", "note", "note_pinned", "consent", "place_text")
    return _report(event) | {
        "association_id": _owner(event, associations),
        "tour_id": event.values["tour"],
        **_take(event, *names),
    }


def _need(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    names = ("origin", "source", "with_account", "kinds", "urgency", "persons", "title", "text", "place_text",
             "reference")  # fmt: skip
    row = _report(event)
    state = event.values["state"]
    if state == NeedState.COMMITTED:  # commitments are not in the log, so nobody is on it here
        state = str(NeedState.OPEN)
    return row | {
        "association_id": _owner(event, associations),
        "encounter_id": event.values["encounter"],
        "state": state,
        "state_at": event.values["state_at"] or row["filed_at"],
        "follow_hash": filing.follow_hash(filing.follow_token(event.id)),
        **_take(event, *names),
    }


def _aid(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    return _report(event) | {
        "association_id": _owner(event, associations),
        "need_id": event.values["need"],
        **_take(event, "contacts", "given"),
    }


def _citizen_report(event: Event, _associations: Mapping[str, int]) -> dict[str, Any]:
    return _report(event) | _take(event, "source", "with_account", "persons", "text", "reference")


def _override(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": event.id,
        "content_hash": event.hash(),
        "association_id": _owner(event, associations),
        "status": int(STATUS_OF[event.values["status"]]),
        "model_status": int(STATUS_OF[event.values["model_status"]]) if event.values["model_status"] else None,
        "filed_at": event.values["filed_at"] or timezone.now(),
        **_take(event, "cell", "at", "persons", "hours", "reason", "extended_reason", "contest", "expires_at"),
    }


_ROWS: dict[str, Callable[[Event, Mapping[str, int]], dict[str, Any]]] = {
    TOUR: _tour,
    ENCOUNTER: _encounter,
    NEED: _need,
    AID: _aid,
    CITIZEN_REPORT: _citizen_report,
    OVERRIDE: _override,
}
