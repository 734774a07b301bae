"""Export of the event log. PostgreSQL builds and streams the JSON, so memory does not grow with the history."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db import connection

from mapping.enums import STATUS_KEYS
from mapping.out.event_log import place_and_stock_events
from mapping.out.event_log.event_fields import log_columns
from mapping.out.event_log.event_types import (
    AID,
    CITIZEN_REPORT,
    CORRECTION,
    DRAFT_OF,
    ENCOUNTER,
    KIND_OF,
    NEED,
    OVERRIDE,
    QUESTION_SET,
    RETRACTION,
    TOUR,
    TYPES,
)
from solidarity.lib.cell_geometry import cells_in
from solidarity.lib.database.snapshot import snapshot
from solidarity.lib.files.counted_file import counted
from volunteers.models import Territory

_ASSOCIATION = "(SELECT a.slug FROM volunteers_association a WHERE a.id = t.association_id) AS association"
_FILED = "t.filed_at, t.archive, NULLIF(t.content_hash, '') AS hash"
_KIND = "CASE t.kind " + " ".join(f"WHEN {kind:d} THEN '{name}'" for name, kind in KIND_OF.items()) + " END"


_DISTRICT = "(SELECT d.slug FROM volunteers_territory d WHERE d.id = t.district_id) AS district"


def _status(column: str) -> str:
    """Return SQL that converts a status number to the status key."""
    return f"CASE {column} " + " ".join(f"WHEN {status:d} THEN '{key}'" for status, key in STATUS_KEYS.items()) + " END"


_STEPS = (
    "ARRAY(SELECT json_build_object('state', s.state, 'at', s.at, 'by_reporter', s.by_reporter) "
    "FROM needs_needstep s WHERE s.need_id = t.id ORDER BY s.at, s.id)"
)
_QUESTIONS = (
    "ARRAY(SELECT json_build_object('key', q.key, 'kind', q.kind, 'label', q.labels, 'choices', q.choice_labels) "
    "FROM needs_question q WHERE q.of_id = t.id ORDER BY q.position)"
)

_TABLE = {
    QUESTION_SET: "needs_questionset",
    TOUR: "needs_tour",
    ENCOUNTER: "needs_encounter",
    NEED: "needs_need",
    AID: "needs_aid",
    CITIZEN_REPORT: "needs_citizenreport",
    OVERRIDE: "mapping_override",
    **place_and_stock_events.TABLE,
}
_MOMENT_COLUMN = {QUESTION_SET: "made_at", **place_and_stock_events.MOMENT_COLUMN}
"""The column with the time of an event, where it is not ``at``."""


def _cells_where(flag: str) -> str:
    """Return SQL for the cells of a tour that have a flag."""
    return f"ARRAY(SELECT to_hex(c.cell) FROM needs_tourcell c WHERE c.tour_id = t.id AND c.{flag} ORDER BY c.id)"


def _report(kind: str, *, before: str = _ASSOCIATION, after: str = "") -> str:
    """Return the query for a kind of report. ``before`` and ``after`` add columns to the declared ones."""
    columns = [f"'{kind}' AS type", "t.id", before, log_columns(DRAFT_OF[kind]), after, _FILED]
    return f"SELECT {', '.join(each for each in columns if each)} FROM {_TABLE[kind]} t"


# One row per report; its columns are named as in event_types.FIELDS.
_SELECT: dict[str, str] = {
    QUESTION_SET: f"""
        SELECT 'question_set' AS type, t.id, {_ASSOCIATION}, t.version, t.made_at, {_QUESTIONS} AS questions
        FROM needs_questionset t""",
    TOUR: _report(
        TOUR,
        after=f"{_cells_where('met_only')} AS met_cells, {_cells_where('need_not_found')} AS not_found_cells",
    ),
    ENCOUNTER: _report(ENCOUNTER),
    NEED: _report(
        NEED,
        before=f"{_ASSOCIATION}, t.encounter_id AS encounter",
        after=f"{_DISTRICT}, t.place_unknown, t.state, t.state_at, {_STEPS} AS steps",
    ),
    AID: _report(AID),
    CITIZEN_REPORT: _report(CITIZEN_REPORT, before=""),
    OVERRIDE: f"""
        SELECT 'override' AS type, t.id, {_ASSOCIATION}, t.at, to_hex(t.cell) AS cell, t.persons, t.hours,
               {_status("t.status")} AS status, {_status("t.model_status")} AS model_status, t.reason,
               t.extended_reason, t.contest, t.expires_at, t.filed_at, NULLIF(t.content_hash, '') AS hash
        FROM mapping_override t""",
    CORRECTION: f"""
        SELECT 'correction' AS type, t.id, {_KIND} AS kind, t.report, t.at, t.reason,
               t.before || t.words_before AS before, t.after || t.words_after AS after
        FROM needs_correction t""",
    RETRACTION: f"""
        SELECT 'retraction' AS type, t.id, {_KIND} AS kind, t.report, t.at, t.reason
        FROM needs_retraction t""",
    **place_and_stock_events.SELECT,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """A selection of events. start, end: the period; the scope contains events that happened in [start, end).

    A tour is exported with its encounters, an encounter with its needs and its question set, and a report with its
    corrections and its retraction. The place and time of the tour, encounter or report decide whether everything that
    belongs to it is exported.
    """

    territory: Territory | None = None
    association: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def export(file: IO[bytes], scope: Scope = Scope()) -> dict[str, int]:  # noqa: B008 - frozen
    """Write the events of the scope, one JSON object per line, from one database snapshot; return the number of events
    by type. Every event comes after the events that it refers to."""
    counts = {}
    with snapshot(), connection.cursor() as cursor:
        if scope.territory is not None:
            cells = cells_in(scope.territory.polygon, 9)
            cursor.execute("CREATE TEMPORARY TABLE eventlog_scope (cell bigint PRIMARY KEY) ON COMMIT DROP")
            cursor.execute("INSERT INTO eventlog_scope SELECT unnest(%s::bigint[])", [cells])
            cursor.execute("ANALYZE eventlog_scope")
        for kind in TYPES:
            condition, parameters = _condition(kind, scope)
            order = f"t.{_MOMENT_COLUMN.get(kind, 'at')}, t.id"
            query = f"SELECT row_to_json(q) FROM ({_SELECT[kind]} WHERE {condition} ORDER BY {order}) q"
            written = cursor.mogrify(query, parameters)
            text = written.decode() if isinstance(written, bytes) else written
            # JSON contains no raw control characters. So with these two characters, COPY never quotes or escapes
            # anything.
            copy = f"COPY ({text}) TO STDOUT (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')"
            buffer, counter = counted(file)
            cursor.cursor.copy_expert(copy, buffer)
            buffer.flush()
            counts[kind] = counter.lines
        if scope.territory is not None:
            cursor.execute("DROP TABLE eventlog_scope")
    return counts


def stored(kind: str, ids: Collection[uuid.UUID]) -> list[dict[str, Any]]:
    """Return the stored events of the type with these ids, as they would be exported now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_to_json(q) FROM ({_SELECT[kind]} WHERE t.id = ANY(%s::uuid[])) q",
            [[str(each) for each in ids]],
        )
        return [found for (found,) in cursor.fetchall()]


def _condition(kind: str, scope: Scope) -> tuple[str, list[Any]]:
    if kind in (RETRACTION, CORRECTION):
        parts: list[str] = []
        parameters: list[Any] = []
        for name, number in KIND_OF.items():
            condition, more = _condition(name, scope)
            inner = f"SELECT t.id FROM {_TABLE[name]} t WHERE {condition}"
            parts.append(f"(t.kind = {number:d} AND t.report IN ({inner}))")
            parameters += more
        return " OR ".join(parts), parameters
    if kind == QUESTION_SET:
        return _question_sets(scope)
    own, mine = _own(kind, scope)
    if kind == ENCOUNTER:
        tour, more = _condition(TOUR, scope)
        inner = f"SELECT t.id FROM needs_tour t WHERE {tour}"
        return f"CASE WHEN t.tour_id IS NULL THEN {own} ELSE t.tour_id IN ({inner}) END", [*mine, *more]
    if kind == NEED:
        encounter, more = _condition(ENCOUNTER, scope)
        inner = f"SELECT t.id FROM needs_encounter t WHERE {encounter}"
        return f"CASE WHEN t.encounter_id IS NULL THEN {own} ELSE t.encounter_id IN ({inner}) END", [*mine, *more]
    return own, mine


def _question_sets(scope: Scope) -> tuple[str, list[Any]]:
    """Return the condition that selects question sets: all question sets of an association, or only those that the
    exported encounters answer."""
    if scope.territory is None and scope.start is None and scope.end is None:
        return ("true", []) if scope.association is None else ("t.association_id = %s", [scope.association])
    encounter, parameters = _condition(ENCOUNTER, scope)
    return f"t.id IN (SELECT t.question_set_id FROM needs_encounter t WHERE {encounter})", parameters


def _own(kind: str, scope: Scope) -> tuple[str, list[Any]]:
    """Return the condition on a report's own association, place and time."""
    conditions = ["true"]
    parameters: list[Any] = []
    if kind in place_and_stock_events.TYPES:
        own, parameters = place_and_stock_events.condition(
            kind, scope.association, in_territory=scope.territory is not None
        )
        conditions.append(own)
    elif scope.association is not None:
        if kind == CITIZEN_REPORT:
            return "false", []
        conditions.append("t.association_id = %s")
        parameters.append(scope.association)
    if scope.territory is not None and kind not in place_and_stock_events.TYPES:
        cells = "SELECT s.cell FROM eventlog_scope s"
        if kind == TOUR:
            conditions.append(f"EXISTS (SELECT 1 FROM needs_tourcell k WHERE k.tour_id = t.id AND k.cell IN ({cells}))")
        else:
            conditions.append(f"t.cell IN ({cells})")
    at = _MOMENT_COLUMN.get(kind, "at")
    if scope.start is not None:
        conditions.append(f"t.{at} >= %s")
        parameters.append(scope.start)
    if scope.end is not None:
        conditions.append(f"t.{at} < %s")
        parameters.append(scope.end)
    return "(" + " AND ".join(conditions) + ")", parameters
