"""The stored evidence behind a status: the sums of some cells and of their neighbours, and the evidence rows."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import cell_states, coverage_model, ledger, stored_states
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.enums import Source
from mapping.models import moment_of
from solidarity.lib import grid


@dataclass(frozen=True, slots=True)
class Derivation:
    """Cells with states that were computed at the same time. rows: positions of the cells. day: the day to which the
    sums of the cells are decayed (``CellState.day``). params: the parameters that were in force then."""

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

    @property
    def citizen_parts(self) -> tuple[Floats, Floats]:
        """The citizens' parts of A and X of each cell."""
        return citizen_parts(self.states, self.derivations)


def citizen_parts(states: CellStates, derivations: list[Derivation]) -> tuple[Floats, Floats]:
    """Return the citizens' parts of A and X of each cell, with the parameters from which the cell was computed."""
    a, x = np.zeros(len(states)), np.zeros(len(states))
    for one in derivations:
        rows = one.rows
        a[rows], x[rows] = coverage_model.citizen_parts(one.params.model, states.citizen_rate[rows], states.ac[rows])
    return a, x


def evidence_of(cells: Collection[int]) -> CellEvidence:
    """Load the evidence of stored cells of one territory; raise KeyError for a cell without a state."""
    rings = {cell: grid.neighbours(cell) for cell in sorted(cells)}
    wanted = set(rings) | {other for ring in rings.values() for other in ring}
    found = stored_states.load("cell = ANY(%s)", [list(wanted)])
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
    back to that day. This is exact, because a new report in the neighbour would also have led to a recompute of this
    cell. So there was no report in between."""
    when, a, x, ac, rate = (
        np.append(column, 0.0)[near] for column in (found.day, found.a, found.x, found.ac, found.citizen_rate)
    )
    ring_a, ring_x = np.zeros(near.shape), np.zeros(near.shape)
    for rows, params in found.by_model(cell_states.territory_params_of(set(found.territory.tolist()))):
        use = np.append(rows, False)[near]
        fade = np.exp2((when - day[:, None]) / params.model.half_life)[use]
        citizens_a, citizens_x = coverage_model.citizen_parts(params.model, rate[use], ac[use] * fade)
        ring_a[use] = a[use] * fade + citizens_a
        ring_x[use] = x[use] * fade + citizens_x
    return ring_a.sum(axis=1), ring_x.sum(axis=1)


# --- parts of the posterior ------------------------------------------------------------------------------------------

PARTS = ("teams", "citizens", "neighbours", "prior")


@dataclass(frozen=True, slots=True)
class Part:
    """The contribution of one origin of evidence to the posterior, summed over the cells.

    rate: part of the posterior's rate β + X, in sweeps (search effort). shape: part of the posterior's shape m·β + A,
    in persons. X and A are multiplied by ``evidence_weight``. rate_share, shape_share: the same parts as shares from 0
    to 1. The rates of all parts add up to the posterior's rate, and the shapes to its shape. Prior: b0 and a0·β/(b0 +
    ω·ΣX). Neighbours: β − b0 and ω·ΣA·β/(b0 + ω·ΣX). Teams: X and A of associations. Citizens: their A
    and X, after all limits, with their silence.
    """

    name: str
    rate: float
    shape: float
    rate_share: float
    shape_share: float


def parts_of(evidence: CellEvidence) -> list[Part]:
    """Return the four parts, in the order of PARTS."""
    found = evidence.states
    citizens_a, citizens_x = evidence.citizen_parts
    rate, shape = dict.fromkeys(PARTS, 0.0), dict.fromkeys(PARTS, 0.0)
    for derivation in evidence.derivations:
        model, rows = derivation.params.model, derivation.rows
        for name, x, a in (("teams", found.x, found.a), ("citizens", citizens_x, citizens_a)):
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

    W is the weight of a source at the cells' day, summed over the cells. For an association, it is the number of
    sweeps; for a citizen, the number of reports after all limits. The silence of all citizens counts as one source,
    with the sweeps that it is worth. The result is ten for ten sources of equal weight, and little more than one if one
    source outweighs all others.
    """
    weight: dict[tuple[bool, int | None], float] = {(True, None): float(silence_of(evidence).sum())}
    rows = evidence.report_rows.rows
    persons, sweeps = counted_rows(evidence)
    worth = np.where(rows.by_citizens, persons, sweeps)
    for citizens, origin, counted in zip(rows.by_citizens.tolist(), rows.origin.tolist(), worth.tolist(), strict=True):
        weight[citizens, origin] = weight.get((citizens, origin), 0.0) + counted
    total, squares = sum(weight.values()), sum(value * value for value in weight.values())
    return total * total / squares if squares > 0 else 0.0


def counted_rows(evidence: CellEvidence) -> tuple[Floats, Floats]:
    """Return the contribution of each row of ``evidence.report_rows`` at its cell's day: persons in A, sweeps in X.

    With the silence of citizens (:func:`silence_of`), the contributions add up to the sums. The weight of the citizens of
    a cell and day, after all limits, is divided among the sources in proportion to their trust. If a source reports several
    times on one day, its further reports contribute nothing.
    """
    rows, model = evidence.report_rows.rows, evidence.model
    at = np.searchsorted(evidence.states.cell, rows.cell)
    fade = coverage_model.decay(evidence.states.day[at] - rows.day, model.half_life)
    weight = coverage_model.weights(model, rows.source)
    persons, sweeps = weight * rows.persons * fade, coverage_model.sweeps(model, rows.hours, weight) * fade
    reports = evidence.states.ac
    cut = np.divide(evidence.citizen_parts[0], reports, out=np.ones(len(reports)), where=reports > 0)
    shares = citizen_shares(evidence) * cut[at]
    persons = np.where(rows.by_citizens, shares, persons)
    sweeps = np.where(rows.by_citizens, shares * model.citizen_search, sweeps)
    return persons, sweeps


def silence_of(evidence: CellEvidence) -> Floats:
    """Return the sweeps that the silence of citizens is worth in each cell: the part of X that belongs to no report."""
    (a, x), search = evidence.citizen_parts, np.zeros(len(evidence))
    for derivation in evidence.derivations:
        search[derivation.rows] = derivation.params.model.citizen_search
    return x - search * a


def citizen_shares(evidence: CellEvidence) -> Floats:
    """Return the weight of each citizen's row at its cell's day, before the limit of the cell; 0 for other rows."""
    rows, model = evidence.report_rows.rows, evidence.model
    shares = np.zeros(len(rows))
    chosen = np.flatnonzero(rows.by_citizens)
    cited = rows.where(rows.by_citizens)
    trust = np.where(cited.source == Source.CITIZEN_ACCOUNT, model.account_trust, model.citizen_trust)
    best: dict[tuple[int, float], dict[int, int]] = {}  # for each cell, day and source, the row with the highest trust
    for number, key in enumerate(zip(cited.cell.tolist(), np.floor(cited.day).tolist(), strict=True)):
        mine = best.setdefault(key, {})
        origin = int(cited.origin[number])
        if origin not in mine or trust[number] > trust[mine[origin]]:
            mine[origin] = number
    cells, days, weights = coverage_model.citizen_rows(model, cited.cell, cited.origin, cited.day, cited.source)
    today = evidence.states.day[np.searchsorted(evidence.states.cell, cells)]
    left = weights * coverage_model.decay(today - days, model.half_life)
    for key, weight in zip(zip(cells.tolist(), np.floor(days).tolist(), strict=True), left.tolist(), strict=True):
        numbers = list(best[key].values())
        if whole := trust[numbers].sum():
            shares[chosen[numbers]] = weight * trust[numbers] / whole
    return shares


# --- the hash of the inputs ------------------------------------------------------------------------------------------


def fingerprint(
    mine: CellStates, ring_a: Floats, ring_x: Floats, derivations: list[Derivation], report_rows: ledger.ReportEvidence
) -> str:
    """Return the SHA-256, in hexadecimal, of all inputs of the posterior of the cells.

    The inputs of each cell, in order: its number, its day, its evidence rows, the parameters and m0, κ, and ΣA and ΣX
    of its neighbours with six decimals. The stored evidence and the ledger give the same hash.
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
            "citizen_rate": float(mine.citizen_rate[row]),
            "neighbours": [f"{ring_a[row]:.6f}", f"{ring_x[row]:.6f}"],
        }
        digest.update(json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def hash_of(evidence: CellEvidence) -> str:
    """Return the fingerprint of stored evidence."""
    return fingerprint(evidence.states, evidence.ring_a, evidence.ring_x, evidence.derivations, evidence.report_rows)
