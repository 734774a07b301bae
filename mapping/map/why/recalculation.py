"""Recompute some cells from the ledger, as of the day of their stored state, and compare the result with the stored
state."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from mapping.coverage.cells import cell_states, coverage_model, ledger, stored_states, zones
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.folding import fold, rebuild, region_locks
from mapping.map.why.zone_evidence import CellEvidence, Derivation, citizen_parts, evidence_of, fingerprint, hash_of
from mapping.models import Zone
from solidarity.lib import grid

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Digit:
    """One figure with its stored and its recalculated value. name: key in recalculation_words.digit_label."""

    name: str
    stored: float
    recalculated: float

    @property
    def same(self) -> bool:
        return abs(self.stored - self.recalculated) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A stored result compared with the recomputed result. day: the latest day on which the state of a cell was
    computed.

    agreeing: number of cells whose figures are the same in both results. largest: the largest absolute difference in
    any figure of any cell. statuses: the status of most cells in each result. hashes: the hash of the inputs in each
    result.
    """

    digits: list[Digit]
    statuses: tuple[int, int]
    hashes: tuple[str, str]
    cells: int
    agreeing: int
    largest: float
    day: float

    @property
    def same(self) -> bool:
        return (
            self.agreeing == self.cells
            and all(digit.same for digit in self.digits)
            and self.statuses[0] == self.statuses[1]
            and self.hashes[0] == self.hashes[1]
        )


# By name: the figure of each cell. The second argument is TerritoryParams.group.
_OF_CELL: dict[str, Callable[[CellStates, float], Floats]] = {
    "a": lambda one, _group: one.a,
    "reports": lambda one, _group: one.ac,
    "citizen_rate": lambda one, _group: one.citizen_rate,
    "x": lambda one, _group: one.x,
    "xt": lambda one, _group: one.xt,
    "s": lambda one, _group: one.s,
    "shape": lambda one, _group: _posterior(one).shape,
    "rate": lambda one, _group: _posterior(one).rate,
    "mean": lambda one, _group: _posterior(one).mean,
    "low": lambda one, group: _posterior(one).interval(group=group)[0],
    "high": lambda one, group: _posterior(one).interval(group=group)[1],
    "theta": lambda one, _group: _posterior(one).theta,
    "chance": lambda one, _group: _posterior(one).chance,
}

_OF_ZONE = ("persons", "persons_low", "persons_high", "sweeps", "chance", "help_share", "citizen_share")


def _posterior(one: CellStates) -> coverage_model.Posterior:
    assert one.posterior is not None
    return one.posterior


def recalculate_cell(cell: int) -> Recalculation:
    """Recompute one cell; raise KeyError if it has no state."""
    with transaction.atomic():
        _fold_waiting()
        evidence = evidence_of([cell])
        fresh, hashed = _from_ledger(evidence)
        group = evidence.params.group
        digits = [
            Digit(name, float(of(evidence.states, group)[0]), float(of(fresh, group)[0]))
            for name, of in _OF_CELL.items()
        ]
        derived = zip(evidence.citizen_parts, citizen_parts(fresh, evidence.derivations), strict=True)
        digits[1:1] = [
            Digit(name, float(stored[0]), float(again[0]))
            for name, (stored, again) in zip(("ac", "xc"), derived, strict=True)
        ]
        return _together(evidence, fresh, hashed, digits)


def recalculate_zone(zone: Zone) -> Recalculation | None:
    """Recompute the cells and figures of a live zone; return None if the zone ended when the waiting reports were
    folded."""
    with transaction.atomic():
        _fold_waiting()
        stored = Zone.objects.live().filter(key=zone.key).first()
        if stored is None:
            return None
        evidence = evidence_of(stored_states.load("zone = %s", [stored.key]).cell.tolist())
        fresh, hashed = _from_ledger(evidence)
        params = cell_states.territory_params_of([stored.territory_id], stored.derived_at)[stored.territory_id]
        figures = zones.figures_of(fresh, params)
        digits = [Digit(name, float(getattr(stored, name)), float(figures[name])) for name in _OF_ZONE]
        return _together(evidence, fresh, hashed, digits)


def _fold_waiting() -> None:
    """Fold all waiting reports, and keep other workers from folding until the end of the transaction."""
    region_locks.lock_all()
    fold.fold_outbox()


def _together(evidence: CellEvidence, fresh: CellStates, hashed: str, digits: list[Digit]) -> Recalculation:
    gaps, group = np.zeros(len(evidence)), evidence.params.group
    for of in _OF_CELL.values():
        gaps = np.maximum(gaps, np.abs(of(evidence.states, group) - of(fresh, group)))
    agreeing = (gaps <= TOLERANCE) & (evidence.states.computed == fresh.computed)
    first = int(np.bincount(evidence.states.computed).argmax()), int(np.bincount(fresh.computed).argmax())
    return Recalculation(
        digits,
        first,
        (hash_of(evidence), hashed),
        len(evidence),
        int(agreeing.sum()),
        float(gaps.max(initial=0.0)),
        evidence.day,
    )


def _from_ledger(evidence: CellEvidence) -> tuple[CellStates, str]:
    """Return the states of the cells and the fingerprint of their inputs, both computed from the ledger only."""
    mine = evidence.states
    cells = set(mine.cell.tolist())
    around = cells | {other for cell in cells for other in grid.neighbours(cell)}
    report_rows = ledger.ledger_rows(around, grid.with_evidence_cells(around))
    before = dict(zip(mine.cell.tolist(), mine.computed.tolist(), strict=True))
    fresh = mine.part(np.arange(len(mine)))
    ring_a, ring_x = np.zeros(len(mine)), np.zeros(len(mine))
    derivations = []
    for derivation in evidence.derivations:
        wanted = mine.cell[derivation.rows].tolist()
        found, params_of, here = rebuild.compute_cells(wanted, derivation.day, report_rows.rows, before)
        _copy(found.part(here), fresh, derivation)
        ring_a[derivation.rows], ring_x[derivation.rows] = _ring_sums(found, params_of, wanted)
        territory = int(mine.territory[derivation.rows[0]])
        derivations.append(Derivation(derivation.day, derivation.rows, params_of[territory]))
    own = np.isin(report_rows.rows.cell, mine.cell)
    keep = np.flatnonzero(own).tolist()
    about = ledger.ReportEvidence(
        [report_rows.kinds[n] for n in keep], [report_rows.reports[n] for n in keep], report_rows.rows.where(own)
    )
    return fresh, fingerprint(fresh, ring_a, ring_x, derivations, about)


def _copy(part: CellStates, fresh: CellStates, derivation: Derivation) -> None:
    for name in ("day", "a", "x", "xt", "help", "ac", "citizen_rate", "last", "status", "computed", "overridden"):
        getattr(fresh, name)[derivation.rows] = getattr(part, name)
    for name in ("shape", "rate", "mean", "theta", "chance", "aid"):
        getattr(fresh.posterior, name)[derivation.rows] = getattr(part.posterior, name)


def _ring_sums(found: CellStates, params_of: dict[int, TerritoryParams], cells: list[int]) -> tuple[Floats, Floats]:
    citizens_a, citizens_x = found.citizen_parts(params_of)
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    sums = np.zeros((2, len(cells)))
    for number, cell in enumerate(cells):
        rows = [position[other] for other in grid.neighbours(cell) if other in position]
        sums[0, number] = (found.a[rows] + citizens_a[rows]).sum()
        sums[1, number] = (found.x[rows] + citizens_x[rows]).sum()
    return sums[0], sums[1]
