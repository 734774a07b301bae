"""The stored evidence behind a status: the sums of some cells and of their neighbours, and the evidence rows."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import cell_states, coverage_model, ledger
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import Floats, Model
from mapping.wording.rounding import moment_of
from solidarity.lib import grid


@dataclass(frozen=True, slots=True)
class Derivation:
    """Cells whose states were computed at the same time. rows: positions of the cells. day: their CellState.day.
    params: the parameters that were in force then."""

    day: float
    rows: NDArray[np.int64]
    params: TerritoryParams


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """Some cells of one territory, with all data that decides their status.

    states: the stored states, ordered by cell. ring_a, ring_x: the neighbours' ΣA (persons) and ΣX (sweeps), decayed to
    each cell's own day. report_rows: the evidence rows of the cells, with their reports.
    """

    states: CellStates
    ring_a: Floats
    ring_x: Floats
    derivations: list[Derivation]
    report_rows: ledger.ReportEvidence

    def __len__(self) -> int:
        return len(self.states)

    @property
    def day(self) -> float:
        """The latest day on which the state of a cell was computed."""
        return float(self.states.day.max())

    @property
    def params(self) -> TerritoryParams:
        """The parameters in force on that day."""
        return max(self.derivations, key=lambda derivation: derivation.day).params

    @property
    def model(self) -> Model:
        return self.params.model


def evidence_of(cells: Collection[int]) -> CellEvidence:
    """Load the evidence of stored cells of one territory; raise KeyError for a cell without a state."""
    rings = {cell: grid.neighbours(cell) for cell in sorted(cells)}
    wanted = set(rings) | {other for ring in rings.values() for other in ring}
    found = cell_states.load("cell = ANY(%s)", [list(wanted)])
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    own = np.array([position[cell] for cell in rings], dtype=np.int64)
    near = np.full((len(own), 6), len(found), dtype=np.int64)
    for row, ring in enumerate(rings.values()):
        near[row, : len(ring)] = [position.get(other, len(found)) for other in ring]
    mine = found.part(own)
    derivations = _derivations(mine)
    ring_a, ring_x = _ring_sums(found, near, mine.day)
    return CellEvidence(mine, ring_a, ring_x, derivations, ledger.stored_rows(list(rings)))


def _derivations(mine: CellStates) -> list[Derivation]:
    derivations = []
    for day in np.unique(mine.day).tolist():
        rows = np.flatnonzero(mine.day == day)
        territory = int(mine.territory[rows[0]])
        derivations.append(
            Derivation(day, rows, cell_states.territory_params_of([territory], moment_of(day))[territory])
        )
    return derivations


def _ring_sums(found: CellStates, near: NDArray[np.int64], day: Floats) -> tuple[Floats, Floats]:
    """Return ΣA and ΣX around each cell, as of the cell's day. If a neighbour was computed later, its sums are scaled
    back to that day. This is exact: a new report in the neighbour would also have recomputed this cell, so there was
    none in between."""
    half_life = np.ones(len(found) + 1)
    for rows, params in found.by_model(cell_states.territory_params_of(set(found.territory.tolist()))):
        half_life[:-1][rows] = params.model.half_life
    when, total_a, total_x = (np.append(column, 0.0) for column in (found.day, found.a + found.ac, found.x + found.xc))
    fade = np.exp2((when[near] - day[:, None]) / half_life[near])
    return (total_a[near] * fade).sum(axis=1), (total_x[near] * fade).sum(axis=1)


# --- parts of the posterior ------------------------------------------------------------------------------------------

PARTS = ("teams", "citizens", "neighbours", "prior")


@dataclass(frozen=True, slots=True)
class Part:
    """What one origin of evidence contributes to the posterior, summed over the cells.

    rate: part of the posterior's rate β + X, in sweeps (search effort). shape: part of the posterior's shape m·β + A,
    in persons. X and A are multiplied by ``evidence_weight``. rate_share, shape_share: the same parts as shares from 0
    to 1. The rates of all parts add up to the posterior's rate, and the shapes to its shape. Prior: b0 and a0·β/(b0 +
    ω·ΣX). Neighbours: β − b0 and ω·ΣA·β/(b0 + ω·ΣX). Teams: X and A of associations. Citizens: their X and A after all
    caps.
    """

    name: str
    rate: float
    shape: float
    rate_share: float
    shape_share: float


def parts_of(evidence: CellEvidence) -> list[Part]:
    """Return the four parts, in the order of PARTS."""
    found = evidence.states
    rate, shape = dict.fromkeys(PARTS, 0.0), dict.fromkeys(PARTS, 0.0)
    for derivation in evidence.derivations:
        model, rows = derivation.params.model, derivation.rows
        for name, x, a in (("teams", found.x, found.a), ("citizens", found.xc, found.ac)):
            rate[name] += model.evidence_weight * float(x[rows].sum())
            shape[name] += model.evidence_weight * float(a[rows].sum())
        b0 = model.prior / derivation.params.m0
        near_rate = b0 + model.neighbour_weight * evidence.ring_x[rows]
        beta = np.minimum(near_rate, b0 + model.neighbour_limit)
        rate["prior"] += b0 * len(rows)
        rate["neighbours"] += float((beta - b0).sum())
        shape["prior"] += float((model.prior * beta / near_rate).sum())
        shape["neighbours"] += float((model.neighbour_weight * evidence.ring_a[rows] * beta / near_rate).sum())
    all_rate, all_shape = sum(rate.values()), sum(shape.values())
    return [
        Part(name, rate[name], shape[name], rate[name] / all_rate, shape[name] / all_shape if all_shape else 0.0)
        for name in PARTS
    ]


def effective_sources(evidence: CellEvidence) -> float:
    """Return the effective number of sources, (ΣW)²/ΣW² over associations and citizens; 0 without any source.

    W: the sweeps of a source that still have weight at the cells' day, summed over the cells. Ten sources of equal
    weight give ten; one source that outweighs all others gives little more than one.
    """
    weight: dict[tuple[bool, int], float] = {}
    rows = evidence.report_rows.rows
    _persons, sweeps = counted_rows(evidence)
    for citizens, origin, counted in zip(rows.by_citizens.tolist(), rows.origin.tolist(), sweeps.tolist(), strict=True):
        weight[citizens, origin] = weight.get((citizens, origin), 0.0) + counted
    total, squares = sum(weight.values()), sum(value * value for value in weight.values())
    return total * total / squares if squares > 0 else 0.0


def counted_rows(evidence: CellEvidence) -> tuple[Floats, Floats]:
    """Return the contribution of each row of ``evidence.report_rows`` at its cell's day: persons in A, sweeps in X.

    The contributions add up to the sums. For each cell and day, the citizens' weight after all caps is divided among
    the citizens' rows. The division is in proportion to the weight that each source had before the caps over all
    sources. If a source reports several times on one day, its further reports contribute nothing.
    """
    rows, model = evidence.report_rows.rows, evidence.model
    day = evidence.states.day[np.searchsorted(evidence.states.cell, rows.cell)]
    weight = coverage_model.weights(model, rows.source)
    fade = coverage_model.decay(day - rows.day, model.half_life)
    persons, sweeps = weight * rows.persons * fade, coverage_model.sweeps(model, rows.hours, weight) * fade
    citizens = np.flatnonzero(rows.by_citizens)
    shares = _citizen_shares(model, rows.where(rows.by_citizens), day[citizens])
    persons[citizens], sweeps[citizens] = shares, shares * model.citizen_search
    return persons, sweeps


def _citizen_shares(model: Model, rows: ledger.EvidenceRows, today: Floats) -> Floats:
    """Return the weight of each citizen's row at ``today``."""
    counted = np.zeros(len(rows))
    if not len(rows):
        return counted
    _pairs, pair = np.unique(np.stack([rows.cell, rows.origin]), axis=1, return_inverse=True)
    pair = pair.reshape(-1).astype(np.int64)
    # Treat each source in a cell as if it were alone there, so the caps over all sources do not apply.
    alone_in, alone_on, alone = coverage_model.citizen_rows(model, pair, rows.origin, rows.day, rows.source)
    first: dict[tuple[int, float], int] = {}
    for number, key in enumerate(zip(pair.tolist(), np.floor(rows.day).tolist(), strict=True)):
        first.setdefault(key, number)
    row_of = [first[key] for key in zip(alone_in.tolist(), np.floor(alone_on).tolist(), strict=True)]
    cells, days, totals = coverage_model.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source)
    whole = {
        (cell, np.floor(when)): (total, when)
        for cell, when, total in zip(cells.tolist(), days.tolist(), totals.tolist(), strict=True)
    }
    keys = [(int(rows.cell[row]), np.floor(rows.day[row])) for row in row_of]
    uncapped: dict[tuple[int, float], float] = {}
    for key, value in zip(keys, alone.tolist(), strict=True):
        uncapped[key] = uncapped.get(key, 0.0) + value
    for key, row, value in zip(keys, row_of, alone.tolist(), strict=True):
        total, when = whole[key]
        if uncapped[key]:
            age = np.array([today[row] - when])
            counted[row] = value / uncapped[key] * total * float(coverage_model.decay(age, model.half_life)[0])
    return counted


# --- the hash of the inputs ------------------------------------------------------------------------------------------


def fingerprint(
    mine: CellStates, ring_a: Floats, ring_x: Floats, derivations: list[Derivation], report_rows: ledger.ReportEvidence
) -> str:
    """Return the SHA-256, in hexadecimal, of all inputs from which the posterior of the cells is computed.

    The inputs of each cell, in order: its number, its day, its evidence rows, the parameters and m0, and ΣA and ΣX of
    its neighbours with six decimals. The stored evidence and the ledger give the same hash.
    """
    rows = report_rows.rows
    by_cell: dict[int, list[list[object]]] = {cell: [] for cell in mine.cell.tolist()}
    for number, cell in enumerate(rows.cell.tolist()):
        hours = float(rows.hours[number])
        by_cell[cell].append(
            [
                int(report_rows.kinds[number]), str(report_rows.reports[number]), int(rows.source[number]), int(rows.origin[number]),
                float(rows.day[number]), float(rows.persons[number]), None if hours != hours else hours,
                float(rows.contacts[number]),
            ]
        )  # fmt: skip
    digest = hashlib.sha256()
    params_by_row = {row: derivation.params for derivation in derivations for row in derivation.rows.tolist()}
    for row, cell in enumerate(mine.cell.tolist()):
        params = params_by_row[row]
        record = {
            "cell": grid.to_text(cell),
            "day": float(mine.day[row]),
            "evidence": sorted(by_cell[cell], key=str),
            "parameters": params.model.values(),
            "presence_only": params.presence_only,
            "m0": params.m0,
            "neighbours": [f"{ring_a[row]:.6f}", f"{ring_x[row]:.6f}"],
        }
        digest.update(json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def hash_of(evidence: CellEvidence) -> str:
    """Return the fingerprint of stored evidence."""
    return fingerprint(evidence.states, evidence.ring_a, evidence.ring_x, evidence.derivations, evidence.report_rows)
