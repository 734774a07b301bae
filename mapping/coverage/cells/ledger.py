"""Evidence rows from the ledger (the tables of ``needs``), and decayed sums from evidence rows.

This SQL is the only definition of the evidence of a report. Both the fold and the rebuild use this SQL.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model, help_by_day
from mapping.coverage.cells.coverage_model import SEARCHES, Floats, Model, on_grid_sql, trusts
from mapping.enums import Source
from needs.enums import SILENT_STATES, ReportKind
from solidarity.lib.database import binary_copy, prepared_statements, table_statistics
from solidarity.lib.database.region import REGION_RESOLUTION, parent_sql, regions_of

REPORTS = ("needs_tour", "needs_tourcell", "needs_encounter", "needs_citizenreport", "needs_need", "needs_aid")
COLUMNS = "kind, report, cell, day, source, origin, persons, hours, contacts"

# Converts a timestamp column to days since 2020-01-01 UTC, as mapping.models.evidence_day does.
_DAY = "(extract(epoch FROM {0})::float8 / 86400.0 - 18262.0)"

# The cell that a territory uses for a reported cell: the same cell at resolution 9, or its parent at resolution 8 in a
# sparse territory. Outside all territories, it is the reported cell itself.
_PARENT8 = parent_sql("{0}", 8)
CELL_SQL = (
    "COALESCE((SELECT k.cell FROM volunteers_cell k WHERE k.cell = {0}),"
    " (SELECT k.cell FROM volunteers_cell k WHERE k.cell = " + _PARENT8 + "), {0})"
)

# PostgreSQL raises an error when a float underflows, so one very old report would stop every recompute. Therefore,
# values as small as e^-200 and a millionth of a minute are replaced by zero.
FAR = 200
_HOURS = "CASE WHEN {0} < 1e-6 THEN 0 ELSE {0} / 60.0 END"

_UNSEEN_STATES = ", ".join(f"'{state}'" for state in SILENT_STATES)

_SELECT: dict[ReportKind, str] = {
    # One row per pass of the tour through a cell. The tour's encounters in the cell belong to the first pass. If the
    # tour met nobody in a cell and did not find the people of a need there, the visit counts one person who was not
    # helped. Otherwise, this visit could make the cell covered although the need is open.
    ReportKind.TOUR: f"""
        SELECT {ReportKind.TOUR:d}, t.id, {CELL_SQL.format("c.cell")}, {_DAY.format("t.at")},
               CASE WHEN c.minutes IS NULL THEN {Source.UNLOGGED:d} ELSE {Source.LOGGED:d} END,
               t.association_id::bigint,
               GREATEST(COALESCE(met.persons, 0), (c.need_not_found AND pass.number = 1)::int),
               {_HOURS.format("pass.minutes")}, COALESCE(met.contacts, 0)
        FROM needs_tour t
        JOIN needs_tourcell c ON c.tour_id = t.id
        CROSS JOIN LATERAL unnest(COALESCE(c.pass_minutes, ARRAY[c.minutes])) WITH ORDINALITY AS pass(minutes, number)
        LEFT JOIN LATERAL (
            SELECT sum(e.persons) AS persons, sum(e.contacts) AS contacts FROM needs_encounter e
            WHERE e.tour_id = t.id AND e.cell = c.cell AND e.retracted_at IS NULL
        ) met ON pass.number = 1
        WHERE t.retracted_at IS NULL AND {{which}}""",
    # An encounter outside a tour is a visit to its cell, with or without logged time.
    ReportKind.ENCOUNTER: f"""
        SELECT {ReportKind.ENCOUNTER:d}, t.id, {CELL_SQL.format("t.cell")}, {_DAY.format("t.at")},
               CASE WHEN t.minutes IS NULL THEN {Source.UNLOGGED:d} ELSE {Source.LOGGED:d} END,
               t.association_id::bigint, t.persons, {_HOURS.format("t.minutes")}, t.contacts
        FROM needs_encounter t
        WHERE t.retracted_at IS NULL AND t.tour_id IS NULL AND t.cell IS NOT NULL AND {{which}}""",
    # Citizens report presence only: count one person, whatever number they enter.
    ReportKind.CITIZEN_REPORT: f"""
        SELECT {ReportKind.CITIZEN_REPORT:d}, t.id, {CELL_SQL.format("t.cell")}, {_DAY.format("t.at")},
               CASE WHEN t.with_account THEN {Source.CITIZEN_ACCOUNT:d} ELSE {Source.CITIZEN:d} END,
               hashtextextended(t.source, 0), 1, 0, 0
        FROM needs_citizenreport t
        WHERE t.retracted_at IS NULL AND t.cell IS NOT NULL AND {{which}}""",
    ReportKind.NEED: f"""
        SELECT {ReportKind.NEED:d}, t.id, {CELL_SQL.format("t.cell")}, {_DAY.format("t.at")},
               CASE WHEN t.with_account THEN {Source.CITIZEN_ACCOUNT:d} ELSE {Source.CITIZEN:d} END,
               hashtextextended(t.source, 0), 1, 0, 0
        FROM needs_need t
        WHERE t.retracted_at IS NULL AND t.cell IS NOT NULL AND t.encounter_id IS NULL
          AND t.state NOT IN ({_UNSEEN_STATES}) AND {{which}}""",
    ReportKind.AID: f"""
        SELECT {ReportKind.AID:d}, t.id, {CELL_SQL.format("t.cell")}, {_DAY.format("t.at")},
               {Source.LOGGED:d}, COALESCE(t.association_id, 0)::bigint, 0, 0, t.contacts
        FROM needs_aid t
        WHERE t.retracted_at IS NULL AND t.cell IS NOT NULL AND {{which}}""",
    # An override is evidence of one sweep: 24 hours of search give x = 1.
    ReportKind.OVERRIDE: f"""
        SELECT {ReportKind.OVERRIDE:d}, t.id, {CELL_SQL.format("t.cell")}, {_DAY.format("t.at")},
               {Source.LOGGED:d}, COALESCE(t.association_id, 0)::bigint, t.persons, 24, 0
        FROM mapping_override t
        WHERE t.retracted_at IS NULL AND {{which}}""",
}


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """Evidence rows as arrays of equal length. hours: NaN where no time was logged."""

    cell: NDArray[np.int64]
    day: Floats
    source: NDArray[np.int16]
    origin: NDArray[np.int64]
    persons: Floats
    hours: Floats
    contacts: Floats

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def by_citizens(self) -> NDArray[np.bool_]:
        return self.source >= Source.CITIZEN_ACCOUNT

    def where(self, mask: NDArray[np.bool_]) -> "EvidenceRows":
        """Copy the rows that a mask selects."""
        return EvidenceRows(*(getattr(self, name)[mask] for name in _NAMES))

    def and_(self, other: "EvidenceRows") -> "EvidenceRows":
        """Return these rows and other rows."""
        return EvidenceRows(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in _NAMES))


READ = "cell, day, source, origin, persons, hours, contacts"
_NAMES = READ.split(", ")
_DELETED = ", ".join(f"e.{column}" for column in _NAMES)


def as_rows(fetched: Iterable[tuple[Any, ...]]) -> EvidenceRows:
    """Return the rows of a statement that reads the columns READ."""
    columns: list[Any] = list(zip(*fetched, strict=True)) or [()] * 7
    return EvidenceRows(*map(np.array, columns, _KINDS))  # None becomes NaN


_KINDS = (np.int64, np.float64, np.int16, np.int64, np.float64, np.float64, np.float64)
NO_ROWS = as_rows([])


def refold(reports: Collection[tuple[int, uuid.UUID]], regions: Collection[int]) -> tuple[EvidenceRows, EvidenceRows]:
    """Replace the stored evidence of reports, given as (kind, id) pairs, in some regions; return (old rows, new rows).
    The caller holds the locks of these regions."""
    changing, values = refolding(reports, regions)
    return as_old_and_new(prepared_statements.run(f"WITH {changing} {OLD_AND_NEW}", values))


def refolding(
    reports: Collection[tuple[int, uuid.UUID]], regions: Collection[int], condition: str = "true"
) -> prepared_statements.Statement:
    """Return the WITH queries of ``refold``; OLD_AND_NEW reads their rows. All of them see the tables as they were before.
    They change nothing if an SQL condition is false."""
    by_kind: dict[int, list[str]] = {}
    for kind, report in reports:
        by_kind.setdefault(kind, []).append(str(report))
    return _refold(tuple(sorted(by_kind)), condition), [
        prepared_statements.array(kind for kind, ids in by_kind.items() for _ in ids),
        prepared_statements.array(report for ids in by_kind.values() for report in ids),
        prepared_statements.array(sorted(regions)),
        *(prepared_statements.array(by_kind[kind]) for kind in sorted(by_kind)),
    ]


OLD_AND_NEW = "SELECT false AS is_new, old.* FROM old UNION ALL SELECT true, new.* FROM new"


def as_old_and_new(fetched: Sequence[tuple[Any, ...]]) -> tuple[EvidenceRows, EvidenceRows]:
    """Return (old rows, new rows) from the rows of OLD_AND_NEW."""
    return as_rows(row[1:] for row in fetched if not row[0]), as_rows(row[1:] for row in fetched if row[0])


_REGION: dict[int, str] = {
    **dict.fromkeys(ReportKind, "t.region"),
    ReportKind.TOUR: "c.region",
    ReportKind.OVERRIDE: parent_sql("t.cell", REGION_RESOLUTION),
}


@cache
def _refold(kinds: tuple[int, ...], condition: str) -> str:
    present = " UNION ALL ".join(
        _SELECT[ReportKind(kind)].format(
            which=f"t.id = ANY(${place}::uuid[]) AND {_REGION[kind]} = ANY($3::bigint[]) AND {condition}"
        )
        for place, kind in enumerate(kinds, 4)
    )
    return (
        "old AS (DELETE FROM mapping_evidence e USING unnest($1::smallint[], $2::uuid[]) r(kind, report) "
        f"WHERE e.report = r.report AND e.kind = r.kind AND e.region = ANY($3::bigint[]) AND {condition} "
        f"RETURNING {_DELETED}), "
        f"new AS (INSERT INTO mapping_evidence ({COLUMNS}) {present} RETURNING {READ})"
    )


def take_out(kinds: Collection[int], reports: Collection[str]) -> EvidenceRows:
    """Delete and return the stored evidence of reports. kinds and reports have the same length."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mapping_evidence e USING unnest(%s::smallint[], %s::uuid[]) r(kind, report) "
            f"WHERE e.report = r.report AND e.kind = r.kind RETURNING {_DELETED}",
            [list(kinds), list(reports)],
        )
        return as_rows(cursor.fetchall())


def rebuild() -> None:
    """Replace all stored evidence from the ledger, in the caller's transaction."""
    table_statistics.refresh(REPORTS)  # an import or the demo may just have filled these tables
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mapping_evidence")
        for statement in _SELECT.values():
            cursor.execute(f"INSERT INTO mapping_evidence ({COLUMNS}) {statement.format(which='true')}")
    table_statistics.refresh(["mapping_evidence"])


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """Evidence rows and the report of each row: its kind (ReportKind) and its id."""

    kinds: list[int]
    reports: list[uuid.UUID]
    rows: EvidenceRows

    @property
    def visit(self) -> NDArray[np.int64]:
        """Number of the visit to which each row belongs: all passes of a tour through a cell are one visit."""
        numbers: dict[tuple[int, uuid.UUID, int], int] = {}
        keys = zip(self.kinds, self.reports, self.rows.cell.tolist(), strict=True)
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def stored_rows(cells: Collection[int]) -> ReportEvidence:
    """Load the stored evidence of some cells, ordered by day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, report, {READ} FROM mapping_evidence WHERE cell = ANY(%s) ORDER BY day, report, id",
            [list(cells)],
        )
        return _report_evidence(cursor.fetchall())


def ledger_rows(cells: Collection[int], raw: Collection[int]) -> ReportEvidence:
    """Compute the evidence of some cells from the ledger, ordered by day. raw: all cells of resolution 9 that a report
    in these cells can name."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for kind, statement in _SELECT.items():
            column = "c.cell" if kind == ReportKind.TOUR else "t.cell"
            cursor.execute(
                f"SELECT kind, report, {READ} FROM ({statement.format(which=f'{column} = ANY(%s)')}) q({COLUMNS}) "
                "WHERE cell = ANY(%s)",
                [list(raw), list(cells)],
            )
            found.extend(cursor.fetchall())
    found.sort(key=lambda row: (row[3], row[1]))
    return _report_evidence(found)


def _report_evidence(fetched: list[tuple[Any, ...]]) -> ReportEvidence:
    return ReportEvidence(
        [row[0] for row in fetched], [row[1] for row in fetched], as_rows([row[2:] for row in fetched])
    )


def last_searches(cells: Collection[int]) -> dict[int, float]:
    """Return the day of the last search by an association, by cell."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell, max(day) FROM mapping_evidence WHERE cell = ANY(%s) AND region = ANY(%s::bigint[]) "
            f"AND source <= {Source.UNLOGGED:d} AND hours IS DISTINCT FROM 0 GROUP BY cell",
            [list(cells), prepared_statements.array(regions_of(cells))],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Sums:
    """Decayed sums per cell at one day, ordered by cell. x: the sum X of the associations' rows only, so it equals X_T.
    last: day of the last search, NaN if there was none."""

    cell: NDArray[np.int64]
    a: Floats
    x: Floats
    last: Floats


def association_sums(model: Model, day: float, ledger_only: bool = False, of: str = "true") -> Sums:
    """Sum the associations' evidence up to ``day`` per cell, in one GROUP BY. ledger_only: if True, read the ledger
    instead of the stored evidence. of: an SQL condition on the evidence row ``e``. The lake computes the same
    (mapping.coverage.lake.lake_sums): change both."""
    source = "mapping_evidence"
    if ledger_only:
        parts = " UNION ALL ".join(statement.format(which="true") for statement in _SELECT.values())
        source = f"(SELECT * FROM ({parts}) q({COLUMNS}))"
    found = binary_copy.read(
        f"""
            SELECT e.cell,
                   sum({on_grid_sql("w.weight * e.persons * d.fade", SEARCHES)}),
                   sum({on_grid_sql("w.weight * w.seen * d.fade", SEARCHES)}),
                   COALESCE(max(e.day) FILTER (WHERE e.hours IS DISTINCT FROM 0), 'NaN')
            FROM {source} e,
                 LATERAL (SELECT CASE e.source WHEN {Source.LOGGED:d} THEN 1.0::float8 ELSE %(half)s END AS weight,
                                 CASE WHEN e.hours IS NULL THEN %(unlogged)s
                                      WHEN e.hours = 0 THEN 0.0::float8
                                      ELSE 1 - exp(-least(%(rho)s * least(e.hours, 1e6), {FAR})) END AS seen) w,
                 LATERAL (SELECT exp(-least(%(k)s * (%(day)s - e.day), {FAR})) AS fade) d
            WHERE e.source <= {Source.UNLOGGED:d} AND e.day <= %(day)s AND {of}
            GROUP BY e.cell""",
        [("cell", ">i8"), ("a", ">f8"), ("x", ">f8"), ("last", ">f8")],
        {
            "k": float(np.log(2) / model.half_life),
            "day": day,
            "half": model.unlogged_weight,
            "rho": model.search_rate,
            "unlogged": float(-np.expm1(-model.search_rate * model.unlogged_hours)),
        },
    )
    cell = found["cell"].astype(np.int64)
    order = np.argsort(cell)  # faster than in SQL
    numbers = [found[name][order].astype(np.float64) for name in ("a", "x", "last")]
    return Sums(cell[order], *numbers)


def help_until(day: float, ledger_only: bool = False) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Read the help that still counts at ``day``; return the cell, the whole day and the sum of the contacts of each row,
    one row per cell and day."""
    source = "mapping_evidence"
    if ledger_only:
        since = "t.at >= to_timestamp((%(since)s + 18261.0) * 86400.0)"  # one day earlier, to allow for rounding errors
        parts = " UNION ALL ".join(statement.format(which=since) for statement in _SELECT.values())
        source = f"(SELECT * FROM ({parts}) q({COLUMNS}))"
    rows = binary_copy.read(
        f"SELECT cell, floor(day)::float8, sum(contacts)::float8 FROM {source} e "
        "WHERE contacts > 0 AND day >= %(since)s AND day <= %(day)s GROUP BY cell, floor(day)",
        [("cell", ">i8"), ("day", ">f8"), ("contacts", ">f8")],
        {"since": float(np.floor(day)) - help_by_day.WINDOW_DAYS, "day": day},
    )
    return rows["cell"].astype(np.int64), rows["day"].astype(np.float64), rows["contacts"].astype(np.float64)


def citizens_until(day: float, since: float) -> EvidenceRows:
    """Read the citizens' evidence from the day ``since`` up to ``day``, with a binary COPY."""
    rows = binary_copy.read(
        f"SELECT cell, day::float8, source::smallint, origin::bigint FROM mapping_evidence e "
        f"WHERE source >= {Source.CITIZEN_ACCOUNT:d} AND day >= %s AND day <= %s",
        [("cell", ">i8"), ("day", ">f8"), ("source", ">i2"), ("origin", ">i8")],
        [since, day],
    )
    count = len(rows)
    return EvidenceRows(
        rows["cell"].astype(np.int64),
        rows["day"].astype(np.float64),
        rows["source"].astype(np.int16),
        rows["origin"].astype(np.int64),
        np.ones(count),
        np.zeros(count),
        np.zeros(count),
    )


def citizen_sums(model: Model, day: float, since: float, ledger_only: bool = False) -> tuple[NDArray[np.int64], Floats]:
    """Return the decayed weight U of the citizens' evidence from the day ``since`` up to ``day``, as cells and a weight for
    each. PostgreSQL counts as coverage_model.citizen_rows does, so memory does not grow with the number of reports. The
    lake computes the same bits (folding.sums.citizen_weights): change both."""
    source = _said() if ledger_only else "mapping_evidence"
    account, citizen = trusts(model)
    decayed = f"least(weight, %(limit)s::float8) * exp(-least(%(k)s * (%(day)s - last), {FAR}))"
    found = binary_copy.read(
        f"""
            SELECT cell, sum({on_grid_sql(decayed, coverage_model.REPORTS)})
            FROM (
                SELECT cell, sum(trust) AS weight, max(last) AS last FROM (
                    SELECT cell, floor(day) AS whole_day, max(day) AS last,
                           max(CASE source WHEN {Source.CITIZEN_ACCOUNT:d} THEN %(account)s::float8
                                           ELSE %(citizen)s::float8 END) AS trust
                    FROM {source} e
                    WHERE source >= {Source.CITIZEN_ACCOUNT:d} AND day >= %(since)s AND day <= %(day)s
                    GROUP BY cell, floor(day), origin
                ) of_sources GROUP BY cell, whole_day
            ) of_days GROUP BY cell""",
        [("cell", ">i8"), ("weight", ">f8")],
        {
            "limit": model.cell_day_limit,
            "k": float(np.log(2) / model.half_life),
            "day": day,
            "since": since,
            "account": account,
            "citizen": citizen,
        },
    )
    return found["cell"].astype(np.int64), found["weight"].astype(np.float64)


def _said() -> str:
    """Return the citizens' evidence from the ledger, as SQL that can stand for the table of evidence."""
    kinds = (ReportKind.CITIZEN_REPORT, ReportKind.NEED)
    parts = " UNION ALL ".join(_SELECT[kind].format(which="true") for kind in kinds)
    return f"(SELECT * FROM ({parts}) q({COLUMNS}))"
