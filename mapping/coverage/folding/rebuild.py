"""State and posterior of all cells, or of some, at any moment; and all of them stored."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage import cell_states, ledger, low_zoom_cells, retained_evidence, zone_rows, zones
from mapping.coverage.cell_states import Ground, States
from mapping.coverage.folding.active_overrides import pin_ends, pins_at
from mapping.coverage.folding.fold import FOLD, fold_outbox
from mapping.coverage.folding.sums import apply, hear_citizens, heard_since
from mapping.map import tiles
from mapping.models import Recompute, evidence_day
from mapping.wording.rounding import moment_of
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import binary_copy, table_statistics
from solidarity.lib.database.advisory_locks import lock


@dataclass(frozen=True, slots=True)
class Ground0:
    """The cells of all zoned territories, ordered, with the positions of their neighbours."""

    stamp: tuple[int, int]
    cell: NDArray[np.int64]
    territory: NDArray[np.int32]
    parent8: NDArray[np.int64]
    parent7: NDArray[np.int64]
    rings: NDArray[np.int32]


_ground: Ground0 | None = None


def whole_grid() -> Ground0:
    """All cells; kept in memory until the territories change."""
    global _ground
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), COALESCE(bit_xor(hashint8extended(cell, territory_id)), 0) FROM volunteers_cell"
        )
        count, mix = cursor.fetchone()
    if _ground is None or _ground.stamp != (count, mix):
        table = binary_copy.read(
            "SELECT cell, territory_id::int, parent8, parent7 FROM volunteers_cell ORDER BY cell",
            [("cell", ">i8"), ("territory", ">i4"), ("parent8", ">i8"), ("parent7", ">i8")],
        )
        cell = table["cell"].astype(np.int64)
        _ground = Ground0(
            (count, mix),
            cell,
            table["territory"].astype(np.int32),
            table["parent8"].astype(np.int64),
            table["parent7"].astype(np.int64),
            cell_geometry.neighbour_rows(cell.tolist()),
        )
    return _ground


def compute(
    as_of: datetime, ledger_only: bool = False, before: dict[int, int] | None = None
) -> tuple[States, dict[int, Ground]]:
    """State and posterior of every cell at a moment, from the evidence up to it; nothing is written.

    ledger_only: from the tables of ``needs`` instead of the stored evidence; the two agree (reconcile). Reports count
    by when the things they tell happened, with what is known of them now. before: the model's statuses before, for
    hysteresis; without them each cell is judged afresh.
    """
    whole = whole_grid()
    statuses = np.zeros(len(whole.cell), dtype=np.int16)
    if before:
        statuses[:] = [before.get(cell, 0) for cell in whole.cell.tolist()]
    return _compute(whole, as_of, ledger_only, statuses)


def _compute(
    whole: Ground0, as_of: datetime, ledger_only: bool, before: NDArray[np.int16]
) -> tuple[States, dict[int, Ground]]:
    """The same with the statuses before in the order of the grid, 0 for none."""
    grounds = cell_states.grounds_of(moment=as_of)
    day = evidence_day(as_of)
    found = States.blank(whole.cell, whole.territory, day)
    found.computed = before
    versions = found.by_model(grounds) if len(found) else []
    for mask, ground in versions:
        sums = retained_evidence.merged(
            ledger.association_sums(ground.model, day, ledger_only),
            retained_evidence.association_sums(ground.model, day),
        )
        row_of = np.searchsorted(found.cell, sums.cell)
        row_of[row_of == len(found)] = 0
        use = (found.cell[row_of] == sums.cell) & mask[row_of]
        at = row_of[use]
        found.a[at], found.x[at], found.xt[at] = sums.a[use], sums.x[use], sums.x[use]
        found.s[at], found.last[at] = sums.s[use], sums.last[use]
    if versions:
        said = ledger.citizens_until(day, heard_since(grounds, day), ledger_only)
        hear_citizens(found, grounds, said, np.ones(len(found), dtype=bool), retained_evidence.held)
        found.derive(grounds, whole.rings, pins=pins_at(as_of))
    return found, grounds


def compute_cells(
    cells: Collection[int], day: float, rows: ledger.Rows, before: dict[int, int]
) -> tuple[States, dict[int, Ground], NDArray[np.int64]]:
    """State and posterior of some cells at a day from the given evidence and what is carried of erased reports; nothing is
    written.

    rows: all evidence of the cells and of their neighbours. before: the model's statuses before, for hysteresis. With
    the states come the grounds, and the positions of the cells among them; the others are the neighbours.
    """
    rings = {cell: grid.neighbours(cell) for cell in cells}
    wanted = set(rings) | {other for ring in rings.values() for other in ring}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell, territory_id FROM volunteers_cell WHERE cell = ANY(%s) ORDER BY cell", [list(wanted)]
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    moment = moment_of(day)
    found = States.blank(table[:, 0].copy(), table[:, 1].astype(np.int32), day)
    found.computed = np.array([before.get(cell, 0) for cell in found.cell.tolist()], dtype=np.int16)
    grounds = cell_states.grounds_of(set(found.territory.tolist()), moment)
    nothing, known = rows.where(np.zeros(len(rows), dtype=bool)), rows.where(rows.day <= day)
    apply(found, grounds, nothing, known.where(~known.by_citizens))
    _add_carried(found, grounds, day)
    hear_citizens(
        found, grounds, known.where(known.by_citizens), np.ones(len(found), dtype=bool), retained_evidence.held
    )
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    near = np.full((len(found), 6), len(found), dtype=np.int32)
    for cell, ring in rings.items():
        if cell in position:
            near[position[cell], : len(ring)] = [position.get(other, len(found)) for other in ring]
    here = np.array(sorted(position[cell] for cell in rings if cell in position), dtype=np.int64)
    found.derive(grounds, near, here, pins_at(moment, found.cell[here].tolist()))
    return found, grounds, here


def _add_carried(found: States, grounds: dict[int, Ground], day: float) -> None:
    """Add what is carried of erased reports of associations."""
    for mask, ground in found.by_model(grounds):
        sums = retained_evidence.association_sums(ground.model, day, found.cell[mask].tolist())
        at = np.searchsorted(found.cell, sums.cell)
        found.a[at] += sums.a
        found.x[at] += sums.x
        found.xt[at] += sums.x
        found.s[at] += sums.s
        found.last[at] = np.fmax(found.last[at], sums.last)


def recompute_all(as_of: datetime | None = None, *, rebuild: bool = False, job: str = "refresh") -> Recompute:
    """Compute everything at a moment (now by default) and store state, zones and parents.

    rebuild: write the stored evidence anew from the ledger first. Zones keep their keys by largest overlap.
    """
    moment = as_of or timezone.now()
    run = Recompute.objects.create(job=job)
    with transaction.atomic():
        lock([FOLD])
        if rebuild:
            # In this order: a report that is stored while the evidence is written anew keeps its touch and is folded later.
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM mapping_celltouch")
            ledger.rebuild()
        whole = whole_grid()
        computed, zone, keys = _past(whole.cell)
        found, grounds = _compute(whole, moment, False, computed)
        members = zones.Members(found.cell, found.territory, found.status, found.pinned, zone, keys)
        drawn = zones.draw(members, whole.rings)
        _store_zones(drawn, found, grounds, moment)
        cell_states.replace(found, _keys(drawn, len(found)))
        if rebuild:
            table_statistics.refresh(["mapping_cellstate", "mapping_zone"])
        for column in (whole.parent8, whole.parent7):
            low_zoom_cells.show(low_zoom_cells.leading(column, found.status))
    tiles.forget_live()
    Recompute.objects.filter(pk=run.pk).update(finished_at=timezone.now(), cells=len(found), zones=len(drawn))
    run.refresh_from_db()
    return run


def _past(cell: NDArray[np.int64]) -> tuple[NDArray[np.int16], NDArray[np.int64], list[uuid.UUID]]:
    """Of each cell the model's status that is stored (0: none) and its zone (the position of its key, −1: none)."""
    stored = binary_copy.read(
        "SELECT cell, computed, zone FROM mapping_cellstate WHERE zone IS NOT NULL",
        [("cell", ">i8"), ("computed", ">i2"), ("zone", "V16")],
    )
    computed, zone = np.zeros(len(cell), dtype=np.int16), np.full(len(cell), -1, dtype=np.int64)
    if not len(cell):
        return computed, zone, []
    place: dict[bytes, int] = {}
    codes = np.array([place.setdefault(key, len(place)) for key in stored["zone"].tolist()], dtype=np.int64)
    row_of = np.minimum(np.searchsorted(cell, stored["cell"]), len(cell) - 1)
    known = cell[row_of] == stored["cell"]
    computed[row_of[known]], zone[row_of[known]] = stored["computed"][known], codes[known]
    return computed, zone, [uuid.UUID(bytes=key) for key in place]


def _store_zones(drawn: list[zones.Drawn], found: States, grounds: dict[int, Ground], moment: datetime) -> None:
    stored, ends = zone_rows.all_stored(), pin_ends(moment)
    lines = [
        zone_rows.Row(
            zone.key,
            zone.territory,
            zone.status,
            zone.pinned,
            grounds[zone.territory].version,
            stored.get(zone.key),
            None if zone.same and zone.key in stored else cell_geometry.dissolve_to_wkb(found.cell[zone.rows].tolist()),
            zones.first_end(zone, found.cell, ends),
        )
        for zone in drawn
    ]
    figures = zones.figures(
        zones.totals(found, [zone.rows for zone in drawn]), [grounds[zone.territory] for zone in drawn]
    )
    present = {zone.key for zone in drawn}
    ended = [zone for key, zone in stored.items() if key not in present]
    zone_rows.drop(ended)
    zone_rows.write(lines, figures, moment)
    zone_rows.record(lines, figures, ended, moment)


def _keys(drawn: list[zones.Drawn], count: int) -> NDArray[Any]:
    """The key of the zone that each of ``count`` cells lies in, as 16 bytes."""
    found = np.zeros(count, dtype="V16")
    for zone in drawn:
        found[zone.rows] = np.void(zone.key.bytes)
    return found


def refresh_all() -> Recompute:
    """Fold what is waiting, then derive every cell at the present moment."""
    fold_outbox()
    return recompute_all()
