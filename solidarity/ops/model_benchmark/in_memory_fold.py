"""The worker's fold without a database: cell states in memory, evidence entered day by day.

Only the evidence rows are made here, from simulated events. All arithmetic is the worker's (mapping.coverage.cells,
mapping.coverage.citizen_rates).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import NO_LIMIT, Floats, Model, Posterior
from mapping.coverage.cells.ledger import NO_ROWS, EvidenceRows
from mapping.coverage.citizen_rates import rate_estimates
from mapping.coverage.folding import sums
from mapping.enums import Source
from solidarity.ops.simulation.city_cells import CityCells
from solidarity.ops.simulation.simulate import EventKind, Events

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ablation:
    """Parts of the model. A part set to false is left out, to measure its contribution."""

    neighbours: bool = True
    citizens: bool = True
    caps: bool = True


def neighbours(ground: CityCells) -> NDArray[np.int32]:
    """Return the (n, 6) positions of the neighbours; the position is n where there is no neighbour."""
    own = np.arange(len(ground))[:, None]
    return np.where(ground.ring == own, len(ground), ground.ring).astype(np.int32)


# A simulated day has no hours. Its events happen at the first of these times of day; states are computed at the second,
# just after the events. So the last seven days are the same seven days as in the truth.
EVENT_TIME, EVALUATION_TIME = 1.0 - 1e-6, 1.0


def evidence(events: Events, cell: NDArray[np.int64]) -> EvidenceRows:
    """Return the evidence rows that the ledger has of events: one for each pass of a tour with logged time, one for each
    cell in which a tour without logged time met people, one for each citizen's report, none for repeats. cell: H3 cells
    by their position in the city."""
    events = events.where(events.kind != EventKind.REPEAT)
    citizens = events.kind == EventKind.CITIZEN
    by_tours = np.where(np.isnan(events.hours), Source.UNLOGGED, Source.LOGGED)
    rows = EvidenceRows(
        cell=cell[events.cell],
        day=events.day.astype(np.float64) + EVENT_TIME,
        source=np.where(citizens, Source.CITIZEN_ACCOUNT, by_tours).astype(np.int16),
        origin=events.source,
        persons=events.persons.astype(np.float64),
        hours=np.where(citizens, 0.0, events.hours),
        contacts=events.contacts.astype(np.float64),
    )
    untimed = np.flatnonzero(rows.source == Source.UNLOGGED)
    visits = np.stack([events.tour[untimed], events.cell[untimed]])
    _visits, first, visit = np.unique(visits, axis=1, return_index=True, return_inverse=True)
    for column in (rows.persons, rows.contacts):
        column[untimed[first]] = np.bincount(visit, column[untimed], len(first))
    kept = np.ones(len(rows), dtype=bool)
    kept[np.delete(untimed, first)] = False
    return rows.where(kept)


def _joined(parts: Sequence[EvidenceRows]) -> EvidenceRows:
    return EvidenceRows(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(EvidenceRows))
    )


class Fold:
    """The state of every cell of a simulated city. m0: persons expected per cell. rates: κ of every cell
    (mapping.coverage.citizen_rates); by default, the fold learns the rates from its own events whenever a state is derived, at
    most once a day."""

    def __init__(
        self, ground: CityCells, model: Model, m0: float, ablation: Ablation | None = None, rates: Floats | None = None
    ) -> None:
        self.ablation = ablation or Ablation()
        if not self.ablation.neighbours:
            model = replace(model, neighbour_weight=0.0)
        if not self.ablation.caps:
            model = replace(model, cell_day_limit=NO_LIMIT, cell_limit=NO_LIMIT)
        self.model = model
        self.parameters = {0: TerritoryParams(model, 0, m0)}
        self.cell = ground.cell
        self.states = CellStates.blank(ground.cell, np.zeros(len(ground), dtype=np.int32), 0.0)
        self.near = neighbours(ground)
        self._passes: list[EvidenceRows] = []
        self._said: list[EvidenceRows] = []
        self._learns = rates is None and self.ablation.citizens and model.citizen_silence > 0
        self._learnt = 0.0  # the day on which the rates were learnt
        if rates is not None:
            self.states.citizen_rate = rates.astype(np.float64)

    def enter(self, day: float, events: Events) -> None:
        """Age the state to the end of ``day`` and enter events of that day or before, without repeats."""
        self.states.aged(self.parameters, day + EVALUATION_TIME)
        rows = evidence(events, self.cell)
        sums.update(self.states, self.parameters, NO_ROWS, rows, {})
        if self.ablation.citizens:
            self._said.append(rows.where(rows.by_citizens))
        if self._learns:
            self._passes.append(rows.where(~rows.by_citizens))

    def _hear(self) -> None:
        """Recompute the citizens' part of the state from all their reports."""
        if not self._said:
            return
        self._said = [_joined(self._said)]
        rows = self._said[0]
        if not self.ablation.caps:
            # A source counts once a day in a cell, so each report gets a source of its own.
            rows = replace(rows, origin=np.arange(len(rows)))
        sums.set_citizen_sums(self.states, self.parameters, rows, np.ones(len(self.states), dtype=bool))

    def _learn(self) -> None:
        """Estimate the rates from the evidence of the last WINDOW_DAYS, as the nightly task does."""
        today = float(self.states.day[0])
        since = today - rate_estimates.WINDOW_DAYS
        passes, said = (
            rows.where(rows.day > since) for rows in (_joined(parts) for parts in (self._passes, self._said))
        )
        self._passes, self._learnt = [passes], today
        if not len(passes) and not len(said):
            return
        first = min(float(rows.day.min()) for rows in (passes, said) if len(rows))
        weight = coverage_model.weights(self.model, passes.source)
        place, count = np.searchsorted(self.cell, passes.cell), len(self.cell)
        found = rate_estimates.estimate(
            self.model,
            self.parameters[0].m0,
            self.cell,
            np.bincount(place, weight * passes.persons, count),
            np.bincount(place, coverage_model.sweeps(self.model, passes.hours, weight), count),
            said,
            today - first,
        )
        self.states.citizen_rate = rate_estimates.rates_at(self.cell, found.quarters, found.rates, found.rate)

    def derive(self) -> Posterior:
        """Compute posterior and status of every cell in ``states``, and return the posterior.

        Citizens' reports are added here, because their limits depend on all reports.
        """
        if self._learns and self._passes and self.states.day[0] > self._learnt:
            self._learn()
        self._hear()
        self.states.evaluate(self.parameters, self.near)
        assert self.states.posterior is not None
        return self.states.posterior

    def copy(self) -> "Fold":
        """Return a copy with the same past, for experiments."""
        twin = object.__new__(Fold)
        twin.__dict__.update(self.__dict__)
        twin.states = self.states.part(np.arange(len(self.states)))
        twin._said, twin._passes = list(self._said), list(self._passes)
        return twin
