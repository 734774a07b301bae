"""Writing the event log: JSON made by PostgreSQL and copied out, in memory that does not grow with the history."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db import connection

from mapping.enums import STATUS_KEYS
from mapping.event_log.event_types import (
    AID,
    CITIZEN_REPORT,
    ENCOUNTER,
    KIND_OF,
    NEED,
    OVERRIDE,
    RETRACTION,
    TOUR,
    TYPES,
)
from solidarity.lib.cell_geometry import cells_in
from solidarity.lib.database.snapshot import snapshot
from solidarity.lib.files.counted_file import counted
from volunteers.models import Territory

_PLACE = "ST_Y(t.point::geometry) AS lat, ST_X(t.point::geometry) AS lng, to_hex(t.cell) AS cell"  # H3's own spelling
_ASSOCIATION = "(SELECT a.slug FROM volunteers_association a WHERE a.id = t.association_id) AS association"
_FILED = "t.filed_at, t.archive, NULLIF(t.content_hash, '') AS hash"
_KIND = "CASE t.kind " + " ".join(f"WHEN {kind:d} THEN '{name}'" for name, kind in KIND_OF.items()) + " END"


def _status(column: str) -> str:
    """A status's key from its number."""
    return f"CASE {column} " + " ".join(f"WHEN {status:d} THEN '{key}'" for status, key in STATUS_KEYS.items()) + " END"


# One row a report, its columns named and ordered as in events.FIELDS.
_SELECT: dict[str, str] = {
    TOUR: f"""
        SELECT 'tour' AS type, t.id, {_ASSOCIATION}, t.at AS start, t.ended_at AS "end", t.mode, t.walkers,
               ARRAY(SELECT json_build_object('cell', to_hex(c.cell), 'minutes', c.minutes)
                     FROM needs_tourcell c WHERE c.tour_id = t.id ORDER BY c.id) AS cells,
               ST_AsGeoJSON(t.line, 15)::json -> 'coordinates' AS line, {_FILED}
        FROM needs_tour t""",
    ENCOUNTER: f"""
        SELECT 'encounter' AS type, t.id, {_ASSOCIATION}, t.at, {_PLACE}, t.place_text, t.tour_id AS tour, t.persons,
               t.contacts, t.minutes, t.asked, t.given, t.note, t.note_pinned, t.consent, {_FILED}
        FROM needs_encounter t""",
    NEED: f"""
        SELECT 'need' AS type, t.id, {_ASSOCIATION}, t.encounter_id AS encounter, t.at, {_PLACE}, t.place_text, t.kinds,
               t.urgency, t.persons, t.title, t.text, t.origin, t.source, t.with_account, t.reference, t.state,
               t.state_at,
               ARRAY(SELECT json_build_object('state', s.state, 'at', s.at, 'by_reporter', s.by_reporter)
                     FROM needs_needstep s WHERE s.need_id = t.id ORDER BY s.at, s.id) AS steps, {_FILED}
        FROM needs_need t""",
    AID: f"""
        SELECT 'aid' AS type, t.id, {_ASSOCIATION}, t.need_id AS need, t.at, {_PLACE}, t.contacts, t.given, {_FILED}
        FROM needs_aid t""",
    CITIZEN_REPORT: f"""
        SELECT 'citizen_report' AS type, t.id, t.at, {_PLACE}, t.source, t.with_account, t.persons, t.text, t.reference,
               {_FILED}
        FROM needs_citizenreport t""",
    OVERRIDE: f"""
        SELECT 'override' AS type, t.id, {_ASSOCIATION}, t.at, to_hex(t.cell) AS cell, t.persons, t.hours,
               {_status("t.status")} AS status, {_status("t.model_status")} AS model_status, t.reason,
               t.extended_reason, t.contest, t.expires_at, t.filed_at, NULLIF(t.content_hash, '') AS hash
        FROM mapping_override t""",
    RETRACTION: f"""
        SELECT 'retraction' AS type, t.id, {_KIND} AS kind, t.report, t.at, t.reason
        FROM needs_retraction t""",
}

_TABLE = {
    TOUR: "needs_tour",
    ENCOUNTER: "needs_encounter",
    NEED: "needs_need",
    AID: "needs_aid",
    CITIZEN_REPORT: "needs_citizenreport",
    OVERRIDE: "mapping_override",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events. Those that belong together go together: a tour with its encounters, an encounter with its needs, a
    report with its retraction; so the first one's place and time decide. start, end: of when it happened, [start, end).
    """

    territory: Territory | None = None
    association: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def export(file: IO[bytes], scope: Scope = Scope()) -> dict[str, int]:  # noqa: B008 - frozen
    """Write the events of the scope, one JSON object a line, as of one moment; how many of each type.

    Every event comes after those it refers to.
    """
    counts = {}
    with snapshot(), connection.cursor() as cursor:
        if scope.territory is not None:
            cells = cells_in(scope.territory.polygon, 9)
            cursor.execute("CREATE TEMPORARY TABLE eventlog_scope (cell bigint PRIMARY KEY) ON COMMIT DROP")
            cursor.execute("INSERT INTO eventlog_scope SELECT unnest(%s::bigint[])", [cells])
            cursor.execute("ANALYZE eventlog_scope")
        for kind in TYPES:
            condition, parameters = _condition(kind, scope)
            order = "t.at, t.id"
            query = f"SELECT row_to_json(q) FROM ({_SELECT[kind]} WHERE {condition} ORDER BY {order}) q"
            written = cursor.mogrify(query, parameters)
            text = written.decode() if isinstance(written, bytes) else written
            # JSON holds no raw control characters, so with these two nothing is ever quoted or escaped.
            copy = f"COPY ({text}) TO STDOUT (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')"
            buffer, counter = counted(file)
            cursor.cursor.copy_expert(copy, buffer)
            buffer.flush()
            counts[kind] = counter.lines
        if scope.territory is not None:
            cursor.execute("DROP TABLE eventlog_scope")
    return counts


def stored(kind: str, ids: Collection[uuid.UUID]) -> list[dict[str, Any]]:
    """The stored events of the type with these ids, as they would be exported now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_to_json(q) FROM ({_SELECT[kind]} WHERE t.id = ANY(%s::uuid[])) q",
            [[str(each) for each in ids]],
        )
        return [found for (found,) in cursor.fetchall()]


def _condition(kind: str, scope: Scope) -> tuple[str, list[Any]]:
    if kind == RETRACTION:
        parts: list[str] = []
        parameters: list[Any] = []
        for name, number in KIND_OF.items():
            condition, more = _condition(name, scope)
            inner = f"SELECT t.id FROM {_TABLE[name]} t WHERE {condition}"
            parts.append(f"(t.kind = {number:d} AND t.report IN ({inner}))")
            parameters += more
        return " OR ".join(parts), parameters
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


def _own(kind: str, scope: Scope) -> tuple[str, list[Any]]:
    """A report by its own association, place and time."""
    conditions = ["true"]
    parameters: list[Any] = []
    if scope.association is not None:
        if kind == CITIZEN_REPORT:
            return "false", []
        conditions.append("t.association_id = %s")
        parameters.append(scope.association)
    if scope.territory is not None:
        cells = "SELECT s.cell FROM eventlog_scope s"
        if kind == TOUR:
            conditions.append(f"EXISTS (SELECT 1 FROM needs_tourcell k WHERE k.tour_id = t.id AND k.cell IN ({cells}))")
        else:
            conditions.append(f"t.cell IN ({cells})")
    if scope.start is not None:
        conditions.append("t.at >= %s")
        parameters.append(scope.start)
    if scope.end is not None:
        conditions.append("t.at < %s")
        parameters.append(scope.end)
    return "(" + " AND ".join(conditions) + ")", parameters
