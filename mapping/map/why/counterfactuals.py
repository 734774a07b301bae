"""Counterfactuals: simple acts of a team that would change a status. Counterfactuals are computed with the same
functions as the map."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.map.why.zone_evidence import CellEvidence

VISIT_HOURS = 0.5
VISITS, MET, HELPED = 4, 12, 30


@dataclass(frozen=True, slots=True)
class Act:
    """An act to try. visits: number of visits of VISIT_HOURS each, by teams that log their time. met: number of people
    met. helped: number of people helped."""

    visits: int
    met: int = 0
    helped: int = 0

    @property
    def effort(self) -> float:
        """The effort of the act. Visits have the highest weight, then people to help, then people to meet."""
        return self.visits + 0.2 * self.helped + 0.1 * self.met


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """An act that changes the status of cells to ``status`` (mapping.enums.Status). The counterfactual treats each cell
    separately. cells: number of cells that the act changes."""

    act: Act
    status: int
    cells: int


def acts() -> Iterator[Act]:
    """Yield all acts to try: visits that meet nobody, one visit that meets people and helps none or all of them, and
    help without a visit."""
    for number in range(1, VISITS + 1):
        yield Act(number)
    for met in range(1, MET + 1):
        yield Act(1, met)
        yield Act(1, met, met)
    for helped in range(1, HELPED + 1):
        yield Act(0, 0, helped)


def counterfactuals(evidence: CellEvidence) -> list[Counterfactual]:
    """For each other status, return the act with the least effort that changes a cell to this status; sort the acts by
    effort. "Status" means the model's status, not an override. The neighbours of the cell stay unchanged."""
    found: dict[int, Counterfactual] = {}
    for act in sorted(acts(), key=lambda act: act.effort):
        after = statuses_after(evidence, act)
        for status in np.unique(after).tolist():
            cells = int(((after == status) & (evidence.states.computed != status)).sum())
            if cells and status not in found:
                found[status] = Counterfactual(act, status, cells)
    return list(found.values())


def statuses_after(evidence: CellEvidence, act: Act) -> NDArray[np.int16]:
    """Return the status that the model would give each cell after the act, on the day of the cell's stored state."""
    mine, after = evidence.states, evidence.states.computed.copy()
    citizens_a, citizens_x = evidence.citizen_parts
    for derivation in evidence.derivations:
        params, rows = derivation.params, derivation.rows
        model = params.model
        seen = act.visits * float(coverage_model.sweeps(model, np.array([VISIT_HOURS]), np.ones(1))[0])
        posterior = coverage_model.posterior(
            model,
            params.m0,
            mine.a[rows] + citizens_a[rows] + act.met,
            mine.x[rows] + citizens_x[rows] + seen,
            evidence.ring_a[rows],
            evidence.ring_x[rows],
            mine.s[rows] + act.helped,
        )
        searched = np.zeros(len(rows)) if params.presence_only else mine.xt[rows] + seen
        after[rows] = coverage_model.statuses(model, posterior, searched, mine.computed[rows])
    return after
