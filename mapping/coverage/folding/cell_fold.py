"""The fold of changed evidence into cell states and zones: load, plan, write."""

import math
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import (
    cell_states,
    ledger,
    low_zoom_cells,
    retained_evidence,
    stored_states,
    zone_rows,
    zone_sums,
)
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.cells.zone_changes import StoredZone
from mapping.coverage.folding import active_overrides, fold_plan, sums
from mapping.coverage.folding.fold_plan import FoldInputs, FoldPlan, StatePlan
from mapping.coverage.folding.region_locks import HeldRegions
from mapping.enums import Source
from mapping.models import evidence_day
from needs.enums import ReportKind
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of

type Reports = Collection[tuple[int, uuid.UUID]]
"""Reports, given as (kind, id) pairs."""


def refold(reports: Reports, cells: Collection[int], now: datetime, held: HeldRegions) -> None:
    """Replace the evidence of reports in the regions of some cells, and update cell states and zones, in the caller's
    transaction. The states and zones of few cells are read together with the evidence. Raise RegionBusy if another
    transaction holds a region that the fold reads or writes."""
    regions = regions_of(cells)
    reading = Reading.around(cells, now, reports)
    if reading.many:
        held.take(regions)
        fold_evidence(*ledger.refold(reports, regions), now, held)
        return
    held.take(regions_of(reading.cells))
    queries = [ledger.refolding(reports, regions), *reading.queries]
    evidence, *rest = prepared_statements.run_together(
        [(ledger.OLD_AND_NEW, []), *reading.statements], queries=queries, plain=reading.plain
    )
    fold_evidence(*ledger.as_old_and_new(evidence), now, held, (reading, rest))


def fold_evidence(
    old: ledger.EvidenceRows,
    new: ledger.EvidenceRows,
    now: datetime,
    held: HeldRegions,
    ahead: "_Ahead | None" = None,
    end: str = "",
) -> None:
    """Update cell states and zones to evidence that was just replaced, in the caller's transaction. Take the locks of
    all regions that the fold reads or writes; raise RegionBusy if another transaction holds one. ahead: what was read
    already, perhaps around other cells. end: as in prepared_statements.Ends."""
    inputs, read = _load(old, new, now, held, ahead)
    if not len(inputs.states):
        return
    states = fold_plan.plan_states(inputs)
    limits = _citizen_limits(states, inputs.params_of)
    stored = _stored_zones(states, limits, held, read)
    zone_plan = fold_plan.plan_zones(states, stored)
    every, unknown = fold_plan.plan_rest(states, zone_plan, stored, inputs.params_of)
    if unknown:
        moves = {**dict.fromkeys(states.states.cell[states.rows].tolist()), **zone_plan.moves}
        some = {key: limits[key] for key in unknown}
        every.append(zone_sums.as_totals(prepared_statements.run(*zone_sums.summing(some, moves, held.regions))))
    ends = _load_override_ends(states, stored.values(), now)
    _apply(fold_plan.plan_changes(states, zone_plan, stored, every, ends, inputs.params_of), now, held, end)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a fold reads around the ``changed`` cells, which have other evidence. All cells are in ascending order. evaluated:
    the cells to evaluate. cells: these and their neighbours. queries, statements, plain: they read what belongs to few cells
    (prepared_statements.run_together); none if there are many. since: the first day of the citizens' evidence that is read
    with them; infinite if none is read.
    """

    changed: NDArray[np.int64]
    evaluated: NDArray[np.int64]
    cells: NDArray[np.int64]
    now: datetime
    queries: Sequence[prepared_statements.Statement] = ()
    statements: Sequence[prepared_statements.Statement] = ()
    since: float = math.inf

    @classmethod
    def around(cls, of: Collection[int], now: datetime, reports: Reports = ()) -> "Reading":
        """Plan to read around some cells. reports: the reports whose evidence is replaced by the same statement."""
        changed = np.array(sorted(of), dtype=np.int64)
        evaluated = cell_geometry.with_rings(changed)
        cells = cell_geometry.with_rings(changed, 2)
        if len(cells) > stored_states.FEW:
            return cls(changed, evaluated, cells, now)
        statements = [
            cell_states.reading_params(now),
            active_overrides.reading("status", now, evaluated.tolist()),
            (zone_rows.NEAR, []),
        ]
        since = math.inf
        if any(kind in _OF_CITIZENS for kind, _report in reports):
            since = evidence_day(now) - _LONG
            statements += [_reading_citizens(of, since, reports), retained_evidence.reading_whether_citizens(of)]
        queries = [stored_states.near(cells.tolist()), (zone_rows.NEARBY, [])]
        return cls(changed, evaluated, cells, now, queries, statements, since)

    plain: ClassVar[Sequence[prepared_statements.Statement]] = [(stored_states.NEAR, []), (zone_rows.CONTENTS, [])]

    @property
    def many(self) -> bool:
        return not self.statements

    def read(self, fetched: Sequence[Sequence[tuple[Any, ...]]] | None = None) -> "_Read":
        """Return what belongs to the cells. fetched: the rows of the statements, if they were executed already."""
        if not self.many:
            if fetched is None:
                fetched = prepared_statements.run_together(self.statements, queries=self.queries, plain=self.plain)
            params, overridden, zones, *citizens, states, ((contents,),) = fetched
            near = stored_states.as_states(states)
            rows = zone_rows.with_contents(zones, contents)
            return _Read(near, cell_states.as_params(params), dict(overridden), rows, self.since, *citizens)
        found = stored_states.of_cells(self.cells.tolist())
        params_of = cell_states.territory_params_of(set(found.territory.tolist()), self.now)
        known = self.evaluated[cell_geometry.rows_of(self.evaluated, found.cell)[1]]
        return _Read(found, params_of, active_overrides.overridden_statuses(self.now, known.tolist()))


type _Rows = Sequence[tuple[Any, ...]]
type _Ahead = tuple[Reading, Sequence[_Rows]]


@dataclass(frozen=True, slots=True)
class _Read:
    """Stored states, parameters of their territories, and statuses that overrides give to the evaluated cells. zones: rows of
    the zones of all cells, None if they were not read. citizens, erased: rows about citizens in the changed cells, since a
    day."""

    states: CellStates
    params_of: dict[int, TerritoryParams]
    overrides: dict[int, int]
    zones: _Rows | None = None
    since: float = math.inf
    citizens: _Rows = ()
    erased: _Rows = ()


_OF_CITIZENS = (ReportKind.CITIZEN_REPORT, ReportKind.NEED)
_LONG = 1440.0
"""Days for which citizens' evidence is read before the half-life is known: enough for a half-life of 30 days."""


def _reading_citizens(cells: Collection[int], since: float, without: Reports = ()) -> prepared_statements.Statement:
    """Return the statement that reads the citizens' evidence in some cells from a day on. without: reports to leave out."""
    columns = (cells, regions_of(cells), [kind for kind, _id in without], [report for _kind, report in without])
    return _CITIZENS, [since, *map(prepared_statements.array, columns)]


_CITIZENS = (
    f"SELECT {ledger.READ} FROM mapping_evidence e WHERE cell = ANY($2::bigint[]) AND region = ANY($3::bigint[]) "
    f"AND day >= $1::float8 AND source >= {Source.CITIZEN_ACCOUNT:d} AND NOT EXISTS (SELECT FROM "
    "unnest($4::smallint[], $5::uuid[]) r(kind, report) WHERE r.report = e.report AND r.kind = e.kind)"
)


def _load(
    old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime, held: HeldRegions, ahead: _Ahead | None
) -> tuple[FoldInputs, _Read]:
    """Load the cells that a change of evidence affects; there may be none. ahead: as in fold_evidence."""
    reading, fetched = ahead or (None, None)
    changed = {*old.cell.tolist(), *new.cell.tolist()}
    if reading is None or changed != set(reading.changed.tolist()):
        reading, fetched = Reading.around(changed, now), None
        held.take(regions_of(reading.cells))
    read = reading.read(fetched)
    states, params_of = read.states, read.params_of
    stored = states.as_stored()
    states.aged(params_of, evidence_day(now))
    where = fold_plan.citizens_changed(states, old, new)
    citizens, retained = _load_citizens(read, new, where) if where.any() else (ledger.NO_ROWS, np.zeros(len(states)))
    inputs = FoldInputs(
        states,
        reading.evaluated,
        params_of,
        old,
        new,
        last_searches=_last_searches(set(old.cell[~old.by_citizens].tolist())),
        citizens=citizens,
        retained=retained,
        overrides=read.overrides,
        stored=stored,
    )
    return inputs, read


def _load_citizens(
    read: _Read, new: ledger.EvidenceRows, where: NDArray[np.bool_]
) -> tuple[ledger.EvidenceRows, Floats]:
    """Return the citizens' evidence in the cells in ``where`` after the change, and the weight of erased reports in every
    cell."""
    states, params_of = read.states, read.params_of
    since = sums.citizens_counted_since((each.model for each in params_of.values()), float(states.day.max()))
    if since < read.since:  # it was not read, or not from early enough
        citizens = ledger.as_rows(prepared_statements.run(*_reading_citizens(states.cell[where].tolist(), since)))
        return citizens, retained_evidence.citizen_sums(states, params_of, where)
    citizens = ledger.as_rows(read.citizens).and_(new.where(new.by_citizens))
    ((some,),) = read.erased
    return citizens, retained_evidence.citizen_sums(states, params_of, where) if some else np.zeros(len(states))


def _stored_zones(
    plan: StatePlan, keys: Collection[uuid.UUID], held: HeldRegions, read: _Read
) -> dict[uuid.UUID, StoredZone]:
    """Return the stored zones with some keys, with the cells of those around. Take the locks of all their regions."""
    found = {} if read.zones is None else zone_rows.as_stored(read.zones, plan.around)
    stored = {key: found[key] for key in keys if key in found}
    further = zone_rows.regions_beyond(keys, stored, held.regions)
    again = read.zones is None or any(stored[key].cells >= zone_rows.MANY for key in plan.around & stored.keys())
    while again or further:
        (rows,) = held.take_and_read(further, [zone_rows.reading(keys, held.regions | further, plan.around)])
        stored = zone_rows.as_stored(rows, plan.around)
        # A zone can lie in further regions, and change until their locks are held. Then read it again.
        again, further = False, zone_rows.regions_beyond(keys, stored, held.regions)
    return zone_rows.with_members(stored, plan.around, held.regions)


def _citizen_limits(plan: StatePlan, params_of: Mapping[int, TerritoryParams]) -> dict[uuid.UUID, float]:
    """Return ``cell_limit`` for each zone that the plan needs. All cells of a zone lie in one territory."""
    territories = dict(zip(plan.states.zone, plan.states.territory.tolist(), strict=True))
    return {key: params_of[territories[key]].model.cell_limit for key in plan.touched | plan.around}


def _last_searches(cells: Collection[int]) -> dict[int, float]:
    """Return the day of the last search in each cell. Searches in erased reports count too."""
    if not cells:
        return {}
    found = ledger.last_searches(cells)
    for cell, day in retained_evidence.last_searches(cells).items():
        found[cell] = max(found.get(cell, day), day)
    return found


def _load_override_ends(plan: StatePlan, stored: Collection[StoredZone], now: datetime) -> dict[int, datetime]:
    """Return, by cell, the time at which overrides end, for the cells of overridden zones and for newly overridden
    cells."""
    cells = {cell for zone in stored if zone.overridden for cell in zone.members}
    cells.update(plan.states.cell[plan.rows[plan.states.overridden[plan.rows]]].tolist())
    return active_overrides.override_ends(now, cells) if cells else {}


_MOVE = (
    "UPDATE mapping_cellstate c SET zone = v.zone FROM unnest($1::bigint[], $2::uuid[]) v(cell, zone) "
    "WHERE c.cell = v.cell AND c.region = ANY($3::bigint[])"
)


def _apply(plan: FoldPlan, now: datetime, held: HeldRegions, end: str) -> None:
    """Write a plan in one round trip. Many states are written before, by COPY."""
    statements = []
    if len(plan.rows) > stored_states.FEW:
        stored_states.rewrite(plan.states, plan.rows)
    else:
        statements.append(stored_states.update(plan.states, plan.rows))
    if plan.moves:
        columns = (plan.moves, plan.moves.values(), held.regions)
        statements.append((_MOVE, [prepared_statements.array(column) for column in columns]))
    statements.extend(zone_rows.changing(plan.changes, now))
    if plan.recount:
        statements.append(low_zoom_cells.recount(plan.recount))
    prepared_statements.run_all(statements, end=end)
