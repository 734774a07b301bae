"""Compute cell states at any datetime; rebuild all stored cell states and zones."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import (
    cell_states,
    help_by_day,
    ledger,
    low_zoom_cells,
    retained_evidence,
    stored_states,
    zone_rows,
    zone_sums,
    zones,
)
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.cells.zone_changes import StoredZone, ZoneChanges, ZoneRow
from mapping.coverage.citizen_rates.rates_in_force import rates_in_force
from mapping.coverage.folding import region_locks
from mapping.coverage.folding.active_overrides import overridden_statuses, override_ends
from mapping.coverage.folding.evidence_sums import EvidenceSums, SumSource, of_database
from mapping.coverage.folding.reading_beside import reading_beside
from mapping.coverage.folding.sums import set_citizen_sums, update
from mapping.models import Recompute, evidence_day, moment_of
from solidarity.lib import cell_geometry
from solidarity.lib.database import binary_copy, prepared_statements, table_statistics


@dataclass(frozen=True, slots=True)
class ZonedGrid:
    """The cells of all zoned territories, ordered, with the positions of their neighbours."""

    stamp: tuple[int, int]
    cell: NDArray[np.int64]
    territory: NDArray[np.int32]
    parent8: NDArray[np.int64]
    parent7: NDArray[np.int64]
    rings: NDArray[np.int32]


_cached_grid: ZonedGrid | None = None


def zoned_grid() -> ZonedGrid:
    """Return all cells; cached in memory until the cells of a territory change."""
    global _cached_grid
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), COALESCE(bit_xor(hashint8extended(cell, territory_id)), 0) FROM volunteers_cell"
        )
        count, mix = cursor.fetchone()
    if _cached_grid is None or _cached_grid.stamp != (count, mix):
        table = binary_copy.read(
            "SELECT cell, territory_id::int, parent8, parent7 FROM volunteers_cell ORDER BY cell",
            [("cell", ">i8"), ("territory", ">i4"), ("parent8", ">i8"), ("parent7", ">i8")],
        )
        cell = table["cell"].astype(np.int64)
        _cached_grid = ZonedGrid(
            (count, mix),
            cell,
            table["territory"].astype(np.int32),
            table["parent8"].astype(np.int64),
            table["parent7"].astype(np.int64),
            cell_geometry.neighbour_rows(cell),
        )
    return _cached_grid


def compute(
    as_of: datetime, ledger_only: bool = False, before: dict[int, int] | None = None, source: SumSource | None = None
) -> tuple[CellStates, dict[int, TerritoryParams]]:
    """Compute the state of every cell at a datetime from the evidence up to that datetime; write nothing.

    ledger_only: if True, read the tables of ``needs`` instead of the stored evidence. Both must give the same result
    (see reconcile). The current version of each report counts, from the time of the event that the report describes.
    before: the model's previous statuses, for hysteresis. source: gives the sums of the evidence instead of the database.
    """
    whole = zoned_grid()
    statuses = np.zeros(len(whole.cell), dtype=np.int16)
    if before:
        statuses[:] = [before.get(cell, 0) for cell in whole.cell.tolist()]
    return _compute(whole, as_of, lambda: statuses, source or partial(of_database, ledger_only=ledger_only))


def _compute(
    whole: ZonedGrid, as_of: datetime, before: Callable[[], NDArray[np.int16]], source: SumSource
) -> tuple[CellStates, dict[int, TerritoryParams]]:
    """Do the work of ``compute``. before: gives the previous statuses in the order of the grid, 0 for none. source: gives
    the sums of the evidence."""
    params_of = cell_states.territory_params_of(moment=as_of)
    day = evidence_day(as_of)
    found = CellStates.blank(whole.cell, whole.territory, day)
    versions = found.by_model(params_of) if len(found) else []
    models = [(params.model, whole.cell[mask]) for mask, params in versions]
    for (mask, params), sums in zip(versions, source(models, day) if models else (), strict=True):
        _add_sums(found, mask, params.model, sums)
    found.computed = before()
    if versions:
        found.citizen_rate = rates_in_force(found.cell, found.territory, params_of, as_of)
        found.ac += retained_evidence.citizen_sums(found, params_of, np.ones(len(found), dtype=bool))
        found.evaluate(params_of, whole.rings, overrides=overridden_statuses(as_of))
    return found, params_of


def _add_sums(found: CellStates, mask: NDArray[np.bool_], model: Model, sums: EvidenceSums) -> None:
    """Set the sums of the cells that a mask selects, which have this model."""
    day = float(found.day[0])
    total = retained_evidence.merged(sums.associations, retained_evidence.association_sums(model, day))
    at, use = _selected(total.cell, found.cell, mask)
    found.a[at], found.x[at], found.xt[at] = total.a[use], total.x[use], total.x[use]
    found.last[at] = total.last[use]
    at, use = _selected(sums.citizen_cells, found.cell, mask)
    found.ac[at] = sums.citizens[use]
    at, use = _selected(sums.help_cells, found.cell, mask)
    help_by_day.add(found.help, at, found.day[at], sums.help_days[use], sums.contacts[use])


def _selected(
    cell: NDArray[np.int64], cells: NDArray[np.int64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the positions in ``cells`` of those given cells that the mask selects, and which of the given cells these
    are."""
    row_of, known = cell_geometry.rows_of(cell, cells)
    use = known & mask[row_of] if len(cells) else known
    return row_of[use], use


def compute_cells(
    cells: Collection[int], day: float, rows: ledger.EvidenceRows, before: dict[int, int]
) -> tuple[CellStates, dict[int, TerritoryParams], NDArray[np.int64]]:
    """Compute the states of some cells at a day from the given evidence and retained evidence; write nothing.

    rows: all evidence in the cells and in their neighbours. before: the model's previous statuses, for hysteresis.
    Return the states of the cells and their neighbours, the parameters, and the positions of the cells among these
    states.
    """
    evaluated = np.array(sorted(cells), dtype=np.int64)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell, territory_id FROM volunteers_cell WHERE cell = ANY(%s) ORDER BY cell",
            [cell_geometry.with_rings(evaluated).tolist()],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    moment = moment_of(day)
    found = CellStates.blank(table[:, 0].copy(), table[:, 1].astype(np.int32), day)
    found.computed = np.array([before.get(cell, 0) for cell in found.cell.tolist()], dtype=np.int16)
    params_of = cell_states.territory_params_of(set(found.territory.tolist()), moment)
    known = rows.where(rows.day <= day)
    update(found, params_of, ledger.NO_ROWS, known.where(~known.by_citizens), {})
    _add_retained(found, params_of, day)
    found.citizen_rate = rates_in_force(found.cell, found.territory, params_of, moment)
    every = np.ones(len(found), dtype=bool)
    erased = retained_evidence.citizen_sums(found, params_of, every)
    set_citizen_sums(found, params_of, known.where(known.by_citizens), every, erased)
    known_cells = evaluated[cell_geometry.rows_of(evaluated, found.cell)[1]]
    overrides = overridden_statuses(moment, known_cells.tolist())
    here = found.evaluate_cells(params_of, evaluated, overrides)
    return found, params_of, here


def _add_retained(found: CellStates, params_of: dict[int, TerritoryParams], day: float) -> None:
    """Add the associations' retained evidence."""
    for mask, params in found.by_model(params_of):
        sums = retained_evidence.association_sums(params.model, day, found.cell[mask].tolist())
        at = np.searchsorted(found.cell, sums.cell)
        found.a[at] += sums.a
        found.x[at] += sums.x
        found.xt[at] += sums.x
        found.last[at] = np.fmax(found.last[at], sums.last)


def recompute_all(
    as_of: datetime | None = None, *, rebuild: bool = False, job: str = "refresh", source: SumSource | None = None
) -> Recompute:
    """Compute everything at a datetime (default: now); store cell states, zones and low-zoom cells. rebuild: if True,
    first rebuild the stored evidence from the ledger. source: gives the sums of the evidence instead of the database. A new
    zone takes the key of the old zone with which it shares the most cells.
    """
    started = timezone.now()
    moment = as_of or started
    with transaction.atomic():
        region_locks.lock_all()
        if rebuild:
            # Empty the outbox first: a report stored during the rebuild then keeps its outbox row and is folded later.
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM mapping_celltouch; DELETE FROM mapping_unfoldedreport")
            ledger.rebuild()
        with reading_beside() as beside:
            live = beside(zone_rows.all_stored)
            whole, ends = zoned_grid(), override_ends(moment)
            past = beside(lambda: _past(whole.cell, list(live())))
            found, params_of = _compute(whole, moment, lambda: past()[0], source or partial(of_database, beside=beside))
        before, (_computed, zone, stored) = live(), past()
        keys = list(before)
        with stored_states.replacing(found) as replacing:
            drawn = zones.draw(zones.Pieces.of_cells(found, zone, keys), zones.touching(whole.rings))
            changes = _plan(drawn, found, params_of, before, ends)
            writing = list(zone_rows.changing(changes, moment))
            moved, others = _moved(drawn, zone, keys)
            tallies = [low_zoom_cells.leading(column, found.status) for column in (whole.parent8, whole.parent7)]
        replacing.finish(stored, moved, others)
        prepared_statements.run_all(writing)
        if rebuild:
            table_statistics.refresh(["mapping_cellstate", "mapping_zone"])
        low_zoom_cells.show(tallies)
    return Recompute.objects.create(
        job=job, started_at=started, finished_at=timezone.now(), cells=len(found), zones=len(drawn)
    )


def _past(cell: NDArray[np.int64], keys: Sequence[uuid.UUID]) -> tuple[NDArray[np.int16], NDArray[np.int64], int]:
    """Return the stored model status of each cell (0: none), the index of its zone in ``keys`` (−1: none), and the number
    of stored states."""
    stored = binary_copy.read(
        f"SELECT cell, computed, COALESCE(zone, '{uuid.UUID(int=0)}') FROM mapping_cellstate",
        [("cell", ">i8"), ("computed", ">i2"), ("zone", "V16")],
    )
    computed, zone = np.zeros(len(cell), dtype=np.int16), np.full(len(cell), -1, dtype=np.int64)
    row_of, known = cell_geometry.rows_of(stored["cell"].astype(np.int64), cell)
    computed[row_of[known]] = stored["computed"][known]
    halves = np.ascontiguousarray(stored["zone"]).view(">i8").reshape(-1, 2).astype(np.int64)
    ours = np.frombuffer(b"".join(key.bytes for key in keys), dtype=">i8").reshape(-1, 2).astype(np.int64)
    order = np.argsort(ours[:, 0])
    place, zoned = cell_geometry.rows_of(halves[:, 0], ours[order, 0])
    if len(keys):
        zoned &= (halves == ours[order[place]]).all(axis=1)
    use = known & zoned
    zone[row_of[use]] = order[place[use]]
    return computed, zone, len(stored)


def _moved(
    drawn: list[zones.DrawnZone], zone: NDArray[np.int64], keys: Sequence[uuid.UUID]
) -> tuple[NDArray[np.int64], list[uuid.UUID]]:
    """Return the positions of the cells that get another zone, and the new key of each. zone: the old zone of each cell, as
    an index into ``keys``; −1 for none."""
    place = {key: number for number, key in enumerate(keys)}
    every = [each.key for each in drawn]
    owner = np.zeros(len(zone), dtype=np.int64)
    for number, each in enumerate(drawn):
        owner[each.rows] = number
    kept = np.array([place.get(key, len(keys)) for key in every], dtype=np.int64)
    moved = np.flatnonzero(kept[owner] != zone) if every else np.zeros(0, dtype=np.int64)
    return moved, [every[number] for number in owner[moved].tolist()]


def _plan(
    drawn: list[zones.DrawnZone],
    found: CellStates,
    params_of: dict[int, TerritoryParams],
    stored: dict[uuid.UUID, StoredZone],
    ends: dict[int, datetime],
) -> ZoneChanges:
    """Plan the zone changes. stored: live zones by key. ends: the time at which the override of a cell ends, by
    cell."""
    rows = []
    for zone in drawn:
        cells = found.cell[zone.rows].tolist()
        was = stored.get(zone.key)
        # Cells that belong to no territory any more are not drawn; only the stored number shows that they are gone.
        same = zone.same and was is not None and was.cells == len(cells)
        rows.append(
            ZoneRow.of(
                zone.key,
                (zone.territory, zone.status, zone.overridden),
                params_of[zone.territory].version,
                was,
                None if same else cells,
                zones.first_override_end(cells, ends) if zone.overridden else None,
            )
        )
    figures = zones.figures(
        zone_sums.totals(found, [zone.rows for zone in drawn], params_of), [params_of[zone.territory] for zone in drawn]
    )
    kept = {zone.key for zone in drawn}
    return ZoneChanges.of(rows, figures, [zone for key, zone in stored.items() if key not in kept])
