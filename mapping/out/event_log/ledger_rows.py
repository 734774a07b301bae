"""Ledger rows that are made from many events at once. The rows have the same columns as the rows that
:mod:`needs.reports.filing` writes."""

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone
from psycopg2.extras import execute_values

from mapping.enums import KEY_STATUS
from mapping.models import Override
from mapping.out.event_log import place_and_stock_events
from mapping.out.event_log.event_fields import plain_columns
from mapping.out.event_log.event_types import (
    AID,
    CITIZEN_REPORT,
    DRAFT_OF,
    ENCOUNTER,
    KIND_OF,
    NEED,
    OVERRIDE,
    QUESTION_SET,
    TOUR,
    Event,
)
from needs.base.records.declarations import DraftPlace
from needs.base.records.time_per_cell import columns_of
from needs.enums import Channel, NeedState, ReportKind
from needs.models import Aid, CitizenReport, Encounter, Need, NeedStep, Question, QuestionSet, Retraction, Tour
from needs.reports import filing
from needs.signals import Touch
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import insert_new_rows
from volunteers.models import Territory

MODELS: dict[str, type[models.Model]] = {
    QUESTION_SET: QuestionSet,
    TOUR: Tour,
    ENCOUNTER: Encounter,
    NEED: Need,
    AID: Aid,
    CITIZEN_REPORT: CitizenReport,
    OVERRIDE: Override,
    **place_and_stock_events.MODELS,
}
TABLES = (
    "needs_questionset", "needs_question", "needs_tour", "needs_tourcell", "needs_encounter", "needs_need", "needs_aid",
    "needs_citizenreport", "needs_correction", "mapping_override",
)  # fmt: skip


def present(kind: str, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the ids, among the given ones, that belong to stored reports of the type."""
    if not ids:
        return set()
    return set(MODELS[kind]._default_manager.filter(pk__in=ids).values_list("pk", flat=True))


def insert(kind: str, events: Sequence[Event], associations: Mapping[str, int]) -> set[uuid.UUID]:
    """Store events of one type and the rows that depend on them; return the ids of new events."""
    if kind == QUESTION_SET:
        return _question_sets(events, associations)
    if kind in place_and_stock_events.TYPES:
        return place_and_stock_events.insert(kind, [event.values for event in events], associations)
    rows = [_ROWS[kind](event, associations) for event in events]
    new: set[uuid.UUID] = insert_new_rows(MODELS[kind], rows)
    fresh = [event for event in events if event.id in new]
    if kind == TOUR:
        _add_tour_cells(
            [
                (event.id, cell, *columns_of(minutes).values(), cell in event.values["met_cells"],
                 cell in event.values["not_found_cells"])
                for event in fresh for cell, minutes in event.values["cells"].items()
            ]
        )  # fmt: skip
    elif kind == ENCOUNTER:
        tours = [event for event in fresh if event.values["tour"]]
        _add_tour_cells([(event.values["tour"], event.values["cell"], None, None, True, False) for event in tours])
    elif kind == NEED:
        _step(fresh, {row["id"]: row for row in rows})
    return new


def touches(kind: str, events: Sequence[Event]) -> list[Touch]:
    """Return the touches to fold for stored events."""
    found: list[Touch] = []
    if kind not in KIND_OF:
        return found
    for event in events:
        values = event.values
        if kind == TOUR:
            if values["cells"]:
                found.append(Touch(ReportKind.TOUR, event.id, None, None))
        elif kind == ENCOUNTER and values["tour"]:
            found.append(Touch(ReportKind.TOUR, values["tour"], None, values["cell"]))
        elif values["cell"] is not None and values.get("state") != NeedState.HELD:
            found.append(Touch(KIND_OF[kind], event.id, None, values["cell"]))
    return found


def retract(events: Sequence[Event]) -> tuple[set[uuid.UUID], set[uuid.UUID], list[Touch]]:
    """Retract reports; return (ids of retractions that had an effect, ids of missing reports, touches to fold)."""
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
    """Set ``retracted_at`` where it is empty; return (report, cell, tour) of each changed row."""
    cell = "NULL" if model is Tour else "t.cell"
    tour = "t.tour_id" if model is Encounter else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} t SET retracted_at = v.at FROM unnest(%s::uuid[], %s::timestamptz[]) v(id, at) "
            f"WHERE t.id = v.id AND t.retracted_at IS NULL RETURNING t.id, {cell}, {tour}",
            [[str(report) for report in wanted], [event.values["at"] for event in wanted.values()]],
        )
        return list(cursor.fetchall())


def _question_sets(events: Sequence[Event], associations: Mapping[str, int]) -> set[uuid.UUID]:
    """Store versions of custom questions; skip versions that the association already has."""
    rows = [
        QuestionSet(
            id=event.id, association_id=associations[event.values["association"]], version=event.values["version"],
            made_at=event.values["made_at"] or timezone.now(),
        )
        for event in events
    ]  # fmt: skip
    before = present(QUESTION_SET, [row.pk for row in rows])
    QuestionSet.objects.bulk_create(rows, ignore_conflicts=True)
    new = present(QUESTION_SET, [row.pk for row in rows]) - before
    Question.objects.bulk_create(
        Question(of_id=event.id, position=position, key=each["key"], kind=each["kind"], labels=each["label"],
                 choice_labels=each["choices"])
        for event in events if event.id in new
        for position, each in enumerate(event.values["questions"])
    )  # fmt: skip
    return new


def _add_tour_cells(rows: Sequence[tuple[Any, ...]]) -> None:
    """Add cells to tours. rows: (tour, cell, minutes, pass_minutes, met_only, need_not_found)."""
    if rows:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            execute_values(
                cursor.cursor,
                "INSERT INTO needs_tourcell (tour_id, cell, minutes, pass_minutes, met_only, need_not_found) VALUES %s "
                "ON CONFLICT (tour_id, cell) DO NOTHING",
                rows,
                page_size=2000,
            )


def _step(events: Sequence[Event], rows: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    steps = []
    for event in events:
        row = rows[event.id]
        taken = event.values["steps"] or [(row["state"], row["state_at"], False)]
        steps += [NeedStep(need_id=event.id, state=s, at=at, by_reporter=by_reporter) for s, at, by_reporter in taken]
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
        place = DraftPlace(*values["point"])
        point, fine = place.ewkt, grid.cells_of(*values["point"])[1]
    columns = plain_columns(DRAFT_OF[event.type], values)
    return _base(event) | columns | {"point": point, "fine_cell": fine, "cell": values["cell"]}


def _owner(event: Event, associations: Mapping[str, int]) -> int | None:
    slug = event.values["association"]
    return associations[slug] if slug else None


def _tour(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    line = event.values["line"]
    return _base(event) | {
        **plain_columns(DRAFT_OF[TOUR], event.values),
        "association_id": _owner(event, associations),
        "line": "SRID=4326;LINESTRING(" + ", ".join(f"{lng!r} {lat!r}" for lng, lat in line) + ")" if line else None,
    }


def _encounter(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    answers = event.values["answers"]
    words = {key: answer for key, answer in answers.items() if isinstance(answer, str)}
    return _report(event) | {
        "association_id": _owner(event, associations),
        "question_set_id": event.values["question_set"],
        "answers": json.dumps({key: answer for key, answer in answers.items() if key not in words}),
        "answers_in_words": json.dumps(words),
    }


def _need(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    row = _report(event)
    state = event.values["state"]
    if state == NeedState.COMMITTED:  # commitments are not in the log, so a committed need is open here
        state = str(NeedState.OPEN)
    return row | {
        "association_id": _owner(event, associations),
        "encounter_id": event.values["encounter"],
        "district_id": Territory.objects.filter(slug=event.values["district"]).values_list("pk", flat=True).first()
        if event.values["district"]
        else None,
        "place_unknown": event.values["place_unknown"],
        "state": state,
        "state_at": event.values["state_at"] or row["filed_at"],
        "follow_hash": filing.follow_hash(filing.follow_token(event.id)),
    }


def _aid(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    return _report(event) | {"association_id": _owner(event, associations)}


def _citizen_report(event: Event, _associations: Mapping[str, int]) -> dict[str, Any]:
    return _report(event)


_OVERRIDE_COLUMNS = ("cell", "at", "persons", "hours", "reason", "extended_reason", "contest", "expires_at")


def _override(event: Event, associations: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": event.id,
        "content_hash": event.hash(),
        "association_id": _owner(event, associations),
        "status": int(KEY_STATUS[event.values["status"]]),
        "model_status": int(KEY_STATUS[event.values["model_status"]]) if event.values["model_status"] else None,
        "filed_at": event.values["filed_at"] or timezone.now(),
        **{name: event.values[name] for name in _OVERRIDE_COLUMNS},
    }


_ROWS: dict[str, Callable[[Event, Mapping[str, int]], dict[str, Any]]] = {
    TOUR: _tour,
    ENCOUNTER: _encounter,
    NEED: _need,
    AID: _aid,
    CITIZEN_REPORT: _citizen_report,
    OVERRIDE: _override,
}
