"""Cell state and zones from evidence: one report at a time, or everything (architecture.md, "The way of a report").

All writers of cell state hold the advisory lock FOLD, so that there is one at a time; the outbox may be appended to
meanwhile.
"""

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping import evidence, grid, ledger, parents, states, tiles, zones
from mapping.figures import moment_of
from mapping.models import Recompute, Zone, ZoneChange, evidence_day
from mapping.states import Ground, States
from solidarity.lib.locks import lock, try_lock

log = logging.getLogger(__name__)

FOLD = "mapping.fold"
BATCH = 2000


# --- one report ----------------------------------------------------------------------------------------------------


def fold_outbox() -> int:
    """Fold the outbox in batches, one transaction each; the number of rows folded.

    Returns at once when somebody else is folding: who holds the lock takes new rows as well, or the next sweep does.
    """
    total = 0
    while True:
        with transaction.atomic():
            if not try_lock(FOLD):
                return total
            folded = fold_batch()
        total += folded
        if folded:
            tiles.forget_live()
        if folded < BATCH:
            return total


def fold_batch(now: datetime | None = None) -> int:
    """Claim rows of the outbox, fold their reports, delete exactly those rows; in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mapping_celltouch WHERE id = ANY(ARRAY(SELECT id FROM mapping_celltouch ORDER BY id "
            "LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING kind, report",
            [BATCH],
        )
        claimed = cursor.fetchall()
    if claimed:
        fold(set(claimed), now or timezone.now())
    return len(claimed)


def fold(reports: Collection[tuple[int, uuid.UUID]], now: datetime) -> None:
    """Bring evidence, cell state and zones in line with what the reports ((kind, id) pairs) say now.

    Safe to repeat: what was folded of a report before is taken out, what it carries now put in.
    """
    old, new = ledger.take(reports), ledger.put(reports)
    touched = np.union1d(old.cell, new.cell)
    disk = {int(cell): grid.ring(int(cell)) for cell in touched}
    derived = set(disk) | {other for ring in disk.values() for other in ring}
    rings = {cell: disk.get(cell) or grid.ring(cell) for cell in derived}
    wanted = derived | {other for ring in rings.values() for other in ring}
    found = states.load("cell = ANY(%s)", [list(wanted)])
    if not len(found):
        return
    grounds = states.grounds_of(set(found.territory.tolist()), now)
    found.aged(grounds, evidence_day(now))
    _apply(found, grounds, old, new)
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    near = np.full((len(found), 6), len(found), dtype=np.int32)
    for cell, ring in rings.items():
        if cell in position:
            near[position[cell], : len(ring)] = [position.get(other, len(found)) for other in ring]
    rows = np.array(sorted(position[cell] for cell in derived if cell in position), dtype=np.int64)
    before, pinned = found.status.copy(), found.pinned.copy()
    found.derive(grounds, near, rows, pins_at(now, found.cell[rows].tolist()))
    states.update(found, rows)
    changed = rows[(found.status[rows] != before[rows]) | (found.pinned[rows] != pinned[rows])]
    _redraw(found, rows, changed, near, grounds, now)
    if len(changed):
        parents.recount(found.cell[changed].tolist())


def _apply(found: States, grounds: dict[int, Ground], old: ledger.Rows, new: ledger.Rows) -> None:
    """Subtract the old evidence from the sums and add the new; citizens' shares are set anew from all their rows."""
    spoken: set[int] = set()
    for sign, rows in ((-1.0, old), (1.0, new)):
        row_of = np.searchsorted(found.cell, rows.cell)
        row_of[row_of == len(found)] = 0
        known = found.cell[row_of] == rows.cell
        spoken.update(rows.cell[known & rows.by_citizens].tolist())
        for mask, ground in found.by_model(grounds):
            use = known & ~rows.by_citizens & mask[row_of]
            at = row_of[use]
            model = ground.model
            weight = evidence.weights(model, rows.source[use])
            age = found.day[at] - rows.day[use]
            fade = evidence.decay(age, model.half_life) * sign
            seen = evidence.sweeps(model, rows.hours[use], weight) * fade
            np.add.at(found.a, at, weight * rows.persons[use] * fade)
            np.add.at(found.x, at, seen)
            np.add.at(found.xt, at, seen)
            np.add.at(found.s, at, rows.contacts[use] * evidence.decay(age, model.aid_half_life) * sign)
            searched = np.isnan(rows.hours[use]) | (rows.hours[use] > 0)
            if sign > 0:
                np.fmax.at(found.last, at[searched], rows.day[use][searched])
    for name in ("a", "x", "xt", "s"):
        column = getattr(found, name)
        np.maximum(column, 0.0, out=column)
    if len(old):
        again = ledger.last_searches(np.unique(old.cell).tolist())
        for row in np.flatnonzero(np.isin(found.cell, old.cell)).tolist():
            found.last[row] = again.get(int(found.cell[row]), np.nan)
    if spoken:
        _hear_citizens(found, grounds, ledger.citizens_of(spoken), np.isin(found.cell, list(spoken)))


def _hear_citizens(found: States, grounds: dict[int, Ground], rows: ledger.Rows, where: NDArray[np.bool_]) -> None:
    """Set the citizens' share of A and X of the cells in ``where`` from all their rows."""
    found.ac[where] = 0.0
    found.xc[where] = 0.0
    for mask, ground in found.by_model(grounds):
        model = ground.model
        cell, day, weight = evidence.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source)
        row_of = np.searchsorted(found.cell, cell)
        row_of[row_of == len(found)] = 0
        use = (found.cell[row_of] == cell) & mask[row_of] & where[row_of]
        at = row_of[use]
        share = weight[use] * evidence.decay(found.day[at] - day[use], model.half_life)
        np.add.at(found.ac, at, share)
        np.add.at(found.xc, at, share * model.citizen_search)


def _redraw(
    found: States,
    rows: NDArray[np.int64],
    changed: NDArray[np.int64],
    near: NDArray[np.int32],
    grounds: dict[int, Ground],
    now: datetime,
) -> None:
    """Draw anew the zones around cells whose status changed; refresh the figures of all zones that hold a row."""
    keys = {found.zone[row] for row in rows.tolist()} - {None}
    shifted = _around(found, changed, near)
    stored: dict[uuid.UUID, Zone] = {}
    redrawn: dict[uuid.UUID, Zone] = {}
    if len(changed):
        stored = {zone.key: zone for zone in Zone.objects.live().filter(key__in=[key for key in shifted if key])}
        redrawn = _draw_again(found, changed, stored, grounds, now)
    sums = zones.stored_totals([*(keys - shifted), *redrawn])
    until = _first_ends([*(keys - shifted), *redrawn], now)
    for key, zone in redrawn.items():
        zone.pinned_until = until.get(key)
        for name, value in zones.figures(sums[key], grounds[zone.territory_id]).items():
            setattr(zone, name, value)
    Zone.objects.bulk_create(redrawn.values())
    ZoneChange.objects.bulk_create(zones.history(stored, redrawn, now))
    held = Zone.objects.live().filter(key__in=keys - shifted).values_list("pk", "key", "territory_id")
    zones.refresh(
        {
            pk: zones.figures(sums[key], grounds[territory]) | {"pinned_until": until.get(key)}
            for pk, key, territory in held
        },
        now,
    )


def _around(found: States, changed: NDArray[np.int64], near: NDArray[np.int32]) -> set[Any]:
    """The zones that a change of status takes cells from, or may give them to."""
    count = len(found)
    keys: set[Any] = set()
    for row in changed.tolist():
        keys.add(found.zone[row])
        for other in near[row].tolist():
            if (
                other < count
                and found.status[other] == found.status[row]
                and found.territory[other] == found.territory[row]
                and found.pinned[other] == found.pinned[row]
            ):
                keys.add(found.zone[other])
    return keys


def _draw_again(
    found: States,
    changed: NDArray[np.int64],
    stored: dict[uuid.UUID, Zone],
    grounds: dict[int, Ground],
    now: datetime,
) -> dict[uuid.UUID, Zone]:
    """Replace the ``stored`` zones by those of their cells' present statuses; the new rows are not stored yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell, territory, status, pinned, zone FROM mapping_cellstate WHERE zone = ANY(%s::uuid[]) OR cell = ANY(%s) "
            "ORDER BY cell",
            [list(stored), found.cell[changed].tolist()],
        )
        cell, territory, status, pinned, zone = zip(*cursor.fetchall(), strict=True)
    members = zones.Members(
        np.array(cell),
        np.array(territory, np.int32),
        np.array(status, np.int16),
        np.array(pinned, np.bool_),
        list(zone),
    )
    drawn = zones.draw(members, grid.neighbour_rows(cell))
    Zone.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    _enter(members, drawn)
    nothing = zones.Totals(1, 0.0, 0.0, 0.0, 0.0, 0.0, None, 0.0, 0.0, 0)
    return {
        part.key: zones.zone_of(part, members.cell, nothing, grounds[part.territory], now, before=stored.get(part.key))
        for part in drawn
    }


def _enter(members: zones.Members, drawn: list[zones.Drawn]) -> None:
    """Tell the cells which zones they lie in now."""
    moves = [
        (int(members.cell[row]), zone.key)
        for zone in drawn
        if not zone.same
        for row in zone.rows.tolist()
        if members.zone[row] != zone.key
    ]
    if moves:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE mapping_cellstate c SET zone = v.zone FROM unnest(%s::bigint[], %s::uuid[]) v(cell, zone) "
                "WHERE c.cell = v.cell",
                [[cell for cell, _key in moves], [key for _cell, key in moves]],
            )


# --- everything ----------------------------------------------------------------------------------------------------


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
        cursor.execute("SELECT count(*), COALESCE(bit_xor(hashint8extended(cell, territory_id)), 0) FROM mapping_cell")
        count, mix = cursor.fetchone()
        if _ground is None or _ground.stamp != (count, mix):
            cursor.execute("SELECT cell, territory_id, parent8, parent7 FROM mapping_cell ORDER BY cell")
            table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4)
            _ground = Ground0(
                (count, mix), table[:, 0].copy(), table[:, 1].astype(np.int32), table[:, 2].copy(), table[:, 3].copy(),
                grid.neighbour_rows(table[:, 0].tolist()),
            )  # fmt: skip
    return _ground


def pins_at(moment: datetime, cells: Collection[int] | None = None) -> dict[int, int]:
    """The status that overrides show at a moment, by cell (of the given cells alone); of several the latest."""
    return _of_pins("status", moment, cells)


def pin_ends(moment: datetime, cells: Collection[int] | None = None) -> dict[int, datetime]:
    """When the pin that is shown at a moment ends, by cell (of the given cells alone)."""
    return _of_pins("expires_at", moment, cells)


def _of_pins(column: str, moment: datetime, cells: Collection[int] | None) -> dict[int, Any]:
    """A column of the override that is shown at a moment, by cell."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(k.cell, o.cell), o.{column} FROM mapping_override o LEFT JOIN mapping_cell k "
            f"ON k.cell IN (o.cell, {ledger.parent8_of('o.cell')}) "
            "WHERE o.retracted_at IS NULL AND o.at <= %s AND o.expires_at > %s "
            + ("" if cells is None else "AND k.cell = ANY(%s) ")
            + "ORDER BY o.at, o.id",
            [moment, moment, *([] if cells is None else [list(cells)])],
        )
        return dict(cursor.fetchall())


def first_end(drawn: zones.Drawn, cells: NDArray[np.int64], ends: dict[int, datetime]) -> datetime | None:
    """When the first pin of a drawn zone ends; None for one that is not pinned."""
    if not drawn.pinned:
        return None
    return min((ends[cell] for cell in cells[drawn.rows].tolist() if cell in ends), default=None)


def _first_ends(keys: Collection[uuid.UUID], moment: datetime) -> dict[uuid.UUID, datetime]:
    """When the first pin of each stored zone ends; zones that are not pinned are left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cell, zone FROM mapping_cellstate WHERE zone = ANY(%s::uuid[]) AND pinned", [list(keys)])
        zone_of = dict(cursor.fetchall())
    found: dict[uuid.UUID, datetime] = {}
    if zone_of:
        for cell, end in pin_ends(moment, zone_of.keys()).items():
            found[zone_of[cell]] = min(end, found.get(zone_of[cell], end))
    return found


def compute(
    as_of: datetime, ledger_only: bool = False, before: dict[int, int] | None = None
) -> tuple[States, dict[int, Ground]]:
    """State and posterior of every cell at a moment, from the evidence up to it; nothing is written.

    ledger_only: from the tables of ``needs`` instead of the stored evidence; the two agree (reconcile). Reports count
    by when the things they tell happened, with what is known of them now. before: the model's statuses before, for
    hysteresis; without them each cell is judged afresh.
    """
    whole = whole_grid()
    grounds = states.grounds_of(moment=as_of)
    day = evidence_day(as_of)
    found = States.blank(whole.cell, whole.territory, day)
    if before:
        found.computed = np.array([before.get(cell, 0) for cell in found.cell.tolist()], dtype=np.int16)
    versions = found.by_model(grounds) if len(found) else []
    for mask, ground in versions:
        sums = ledger.association_sums(ground.model, day, ledger_only)
        row_of = np.searchsorted(found.cell, sums.cell)
        row_of[row_of == len(found)] = 0
        use = (found.cell[row_of] == sums.cell) & mask[row_of]
        at = row_of[use]
        found.a[at], found.x[at], found.xt[at] = sums.a[use], sums.x[use], sums.x[use]
        found.s[at], found.last[at] = sums.s[use], sums.last[use]
    if versions:
        _hear_citizens(found, grounds, ledger.citizens_until(day, ledger_only), np.ones(len(found), dtype=bool))
        found.derive(grounds, whole.rings, pins=pins_at(as_of))
    return found, grounds


def compute_cells(
    cells: Collection[int], day: float, rows: ledger.Rows, before: dict[int, int]
) -> tuple[States, dict[int, Ground], NDArray[np.int64]]:
    """State and posterior of some cells at a day from the given evidence alone; nothing is written.

    rows: all evidence of the cells and of their neighbours. before: the model's statuses before, for hysteresis. With
    the states come the grounds, and the positions of the cells among them; the others are the neighbours.
    """
    rings = {cell: grid.ring(cell) for cell in cells}
    wanted = set(rings) | {other for ring in rings.values() for other in ring}
    with connection.cursor() as cursor:
        cursor.execute("SELECT cell, territory_id FROM mapping_cell WHERE cell = ANY(%s) ORDER BY cell", [list(wanted)])
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    moment = moment_of(day)
    found = States.blank(table[:, 0].copy(), table[:, 1].astype(np.int32), day)
    found.computed = np.array([before.get(cell, 0) for cell in found.cell.tolist()], dtype=np.int16)
    grounds = states.grounds_of(set(found.territory.tolist()), moment)
    nothing, known = rows.where(np.zeros(len(rows), dtype=bool)), rows.where(rows.day <= day)
    _apply(found, grounds, nothing, known.where(~known.by_citizens))
    _hear_citizens(found, grounds, known.where(known.by_citizens), np.ones(len(found), dtype=bool))
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    near = np.full((len(found), 6), len(found), dtype=np.int32)
    for cell, ring in rings.items():
        if cell in position:
            near[position[cell], : len(ring)] = [position.get(other, len(found)) for other in ring]
    here = np.array(sorted(position[cell] for cell in rings if cell in position), dtype=np.int64)
    found.derive(grounds, near, here, pins_at(moment, found.cell[here].tolist()))
    return found, grounds, here


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
        with connection.cursor() as cursor:
            cursor.execute("SELECT cell, zone, computed FROM mapping_cellstate WHERE zone IS NOT NULL")
            past = cursor.fetchall()
        found, grounds = compute(moment, before={cell: computed for cell, _zone, computed in past})
        keys = {cell: zone for cell, zone, _computed in past}
        found.zone = [keys.get(cell) for cell in found.cell.tolist()]
        drawn = zones.draw(zones.Members.of(found), whole_grid().rings)
        stored = {zone.key: zone for zone in Zone.objects.live()}
        ends = pin_ends(moment)
        rows = [
            zones.zone_of(
                zone, found.cell, zones.totals(found, zone.rows), grounds[zone.territory], moment,
                before=stored.get(zone.key), until=first_end(zone, found.cell, ends),
            )
            for zone in drawn
        ]  # fmt: skip
        Zone.objects.live().delete()
        Zone.objects.bulk_create(rows, batch_size=2000)
        ZoneChange.objects.bulk_create(zones.history(stored, {row.key: row for row in rows}, moment), batch_size=2000)
        for zone in drawn:
            for row in zone.rows.tolist():
                found.zone[row] = zone.key
        states.replace(found)
        whole = whole_grid()
        for column in (whole.parent8, whole.parent7):
            parents.show(parents.leading(column, found.status))
    tiles.forget_live()
    Recompute.objects.filter(pk=run.pk).update(finished_at=timezone.now(), cells=len(found), zones=len(drawn))
    run.refresh_from_db()
    return run


def refresh_all() -> Recompute:
    """Fold what is waiting, then derive every cell at the present moment."""
    fold_outbox()
    return recompute_all()


def reconcile() -> Recompute:
    """Compare the incremental state with a recompute from the ledger; store the ledger's where they differ.

    The largest absolute difference of the decayed sums goes into the Recompute row; past 1e-9 it is logged as an error.
    """
    for _attempt in range(3):
        difference = _difference()
        if difference <= 1e-9:
            break
        # A report stored between fold and reading looks like a difference; folded, it is none.
    if difference > 1e-9:
        log.error("The incremental state differs from the ledger by %.3g; it is written anew.", difference)
    run = recompute_all(rebuild=difference > 1e-9, job="reconcile")
    Recompute.objects.filter(pk=run.pk).update(difference=difference)
    run.refresh_from_db()
    return run


def _difference() -> float:
    fold_outbox()
    with transaction.atomic():
        lock([FOLD])
        stored = states.load("true", [])
        moment = timezone.now()
        exact, grounds = compute(moment, ledger_only=True)
        return largest_difference(stored, exact, grounds, evidence_day(moment))


def largest_difference(one: States, other: States, grounds: dict[int, Ground], day: float) -> float:
    """The largest absolute difference of the decayed sums of two states at a day; infinite if their cells differ."""
    if not np.array_equal(one.cell, other.cell):
        return float("inf")
    one.aged(grounds, day)
    other.aged(grounds, day)
    return max(
        (
            float(np.abs(getattr(one, name) - getattr(other, name)).max(initial=0.0))
            for name in ("a", "x", "xt", "s", "ac", "xc")
        ),
        default=0.0,
    )
