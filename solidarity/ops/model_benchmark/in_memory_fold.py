"""The worker's fold without a database: cell states in memory, evidence entered day by day.

The arithmetic is the worker's (mapping.coverage, mapping.citizen_rates); a test compares the sums.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mapping.citizen_rates import rate_estimates
from mapping.coverage import coverage_model, help_by_day
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import NO_LIMIT, Floats, Model, Posterior
from mapping.enums import Source
from solidarity.ops.simulation.city_cells import CityCells
from solidarity.ops.simulation.simulate import EventKind, Events

Ints = NDArray[np.int64]

# The events of a simulated day have no time. They are entered at the first of these parts of the day; the state is
# evaluated at the second.
EVENT_TIME, EVALUATION_TIME = 0.8, 0.99


def time_of(day: Ints) -> Floats:
    """Return the day and time at which events of whole days are entered."""
    return day.astype(np.float64) + EVENT_TIME


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


LEARN_DAYS = 7.0


class Fold:
    """The state of every cell of a simulated city. m0: persons expected per cell. rates: κ of every cell
    (mapping.citizen_rates); by default, the fold learns the rates every LEARN_DAYS from its own events."""

    def __init__(
        self, ground: CityCells, model: Model, m0: float, ablation: Ablation | None = None, rates: Floats | None = None
    ) -> None:
        self.ablation = ablation or Ablation()
        if not self.ablation.neighbours:
            model = replace(model, neighbour_weight=0.0)
        if not self.ablation.caps:
            model = replace(model, cell_limit=NO_LIMIT)
        self.model = model
        self.parameters = {0: TerritoryParams(self.model, 0, m0)}
        self.cell = ground.cell
        self.states = CellStates.blank(ground.cell, np.zeros(len(ground), dtype=np.int32), 0.0)
        self.near = neighbours(ground)
        self._said: list[Events] = []
        self._passes: list[Events] = []
        self._learns = rates is None and self.ablation.citizens and model.citizen_silence > 0
        self._learnt = -np.inf  # the day on which the rates were learnt
        if rates is not None:
            self.states.citizen_rate = rates.astype(np.float64)

    def enter(self, day: float, events: Events) -> None:
        """Age the state to a whole day and enter events of that day or before, without repeats."""
        found, model = self.states, self.model
        found.aged(self.parameters, day + EVENT_TIME)
        rows = events.where(events.kind == EventKind.PASS)
        source = np.where(np.isnan(rows.hours), Source.UNLOGGED, Source.LOGGED)
        weight = coverage_model.weights(model, source)
        when, today = time_of(rows.day), found.day[rows.cell]
        fade = coverage_model.decay(today - when, model.half_life)
        seen = coverage_model.sweeps(model, rows.hours, weight) * fade
        np.add.at(found.a, rows.cell, weight * rows.persons * fade)
        np.add.at(found.x, rows.cell, seen)
        np.add.at(found.xt, rows.cell, seen)
        help_by_day.add(found.help, rows.cell, today, when, rows.contacts.astype(np.float64))
        np.fmax.at(found.last, rows.cell, when)
        if self._learns:
            self._passes.append(rows)
        if self.ablation.citizens:
            self._said.append(events.where(events.kind == EventKind.CITIZEN))

    def _hear(self) -> None:
        """Recompute the citizens' part of the state from all their reports."""
        if not self._said:
            return
        found, model = self.states, self.model
        said = Events.join(self._said)
        self._said = [said]
        if self.ablation.caps:
            source = np.full(len(said), int(Source.CITIZEN_ACCOUNT))
            cell, day, weight = coverage_model.citizen_rows(model, said.cell, said.source, time_of(said.day), source)
        else:
            cell, day, weight = said.cell, time_of(said.day), np.full(len(said), model.account_trust)
        share = weight * coverage_model.decay(found.day[cell] - day, model.half_life)
        found.ac[:] = np.bincount(cell, share, len(found))

    def learn(self) -> None:
        """Estimate the rates from the events of the last WINDOW_DAYS, as the nightly task does."""
        if not self._passes:
            return
        today, model = float(self.states.day[0]), self.model
        since = today - rate_estimates.WINDOW_DAYS
        passes, said = (Events.join(parts) for parts in (self._passes, self._said))
        passes, said = (events.where(events.day + EVENT_TIME > since) for events in (passes, said))
        self._passes, self._learnt = [passes], today
        if not len(passes) and not len(said):
            return
        first = min(float(events.day.min()) for events in (passes, said) if len(events)) + EVENT_TIME
        source = np.where(np.isnan(passes.hours), Source.UNLOGGED, Source.LOGGED)
        weight = coverage_model.weights(model, source)
        order = np.argsort(self.cell)
        found = rate_estimates.estimate(
            model,
            self.parameters[0].m0,
            self.cell[order],
            np.bincount(passes.cell, weight * passes.persons, len(order))[order],
            np.bincount(passes.cell, coverage_model.sweeps(model, passes.hours, weight), len(order))[order],
            rate_estimates.Reports(
                self.cell[said.cell],
                said.source.astype(np.int64),
                said.day.astype(np.float64),
                np.full(len(said), int(Source.CITIZEN_ACCOUNT)),
            ),
            today - first,
        )
        self.states.citizen_rate = rate_estimates.rates_at(self.cell, found.quarters, found.rates, found.rate)

    def derive(self) -> Posterior:
        """Compute posterior and status of every cell at the end of the last day; return the posterior.

        Citizens' reports are added here, because their limits depend on all of them.
        """
        self.states.aged(self.parameters, float(np.floor(self.states.day.max())) + EVALUATION_TIME)
        if self._learns and self.states.day[0] - self._learnt >= LEARN_DAYS:
            self.learn()
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
