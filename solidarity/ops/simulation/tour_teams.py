"""The tours of a simulated city and their records."""

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import CityCells, Floats
from solidarity.ops.simulation.city_records import EventKind, Events, Ints, Tours
from solidarity.ops.simulation.world_options import Options

Chance = np.random.Generator


class Teams:
    """The associations' tours: habitual starts, random walks and encounters."""

    def __init__(
        self,
        ground: CityCells,
        options: Options,
        chance: Chance,
        odd: Chance,
        liking: Floats,
        rate: Floats,
        helped: Floats | None,
        by_habit: bool,
    ) -> None:
        self.ground, self.options, self.chance, self.rate = ground, options, chance, rate
        self.helped = np.full(len(ground), options.helped) if helped is None else helped
        self.skill = np.exp(options.association_rate_spread * odd.standard_normal(options.associations))
        if by_habit:
            liking = self._biased(np.log(np.maximum(liking, 1e-9)) + 0.6 * ground.patchwork(chance, 0.5))
        self.start = liking / liking.sum()

    def _biased(self, liking: Floats) -> Floats:
        """Return the weights exp(k·preference). Choose k so that the wanted share of cells stays unsearched in 28
        days."""
        options = self.options
        trial = self._wander(self.chance.integers(len(self.ground), size=500))
        distinct = np.mean([len(np.unique(route)) for route in trial]) / options.steps
        low, high = 0.0, 8.0
        for _ in range(30):
            strength = (low + high) / 2
            start = np.exp(strength * (liking - liking.max()))
            passes = spread = start / start.sum()
            for _step in range(1, options.steps):
                # Each neighbour is equally likely to be the previous cell.
                spread = spread[self.ground.ring].mean(axis=1)
                passes = passes + spread
            unsearched = np.exp(-28 * options.tours * distinct * passes).mean()
            low, high = (strength, high) if unsearched < options.unsearched else (low, strength)
        return start

    def routes(self, day: int) -> Ints:
        """Return a day's habitual (tours, steps) routes."""
        return self._wander(self.chance.choice(len(self.ground), size=self.options.tours, p=self.start))

    def _wander(self, starts: Ints) -> Ints:
        """Return random routes from the starts, from neighbour to neighbour."""
        options, chance = self.options, self.chance
        route = np.zeros((len(starts), options.steps), dtype=np.int64)
        route[:, 0] = starts
        for step in range(1, options.steps):
            here = route[:, step - 1]
            near = self.ground.ring[here]
            been = (near[:, :, None] == route[:, None, :step]).any(axis=2)
            liking = np.where(near == here[:, None], 0.0, np.where(been, max(options.returning, 1e-6), 1.0))
            alone = liking.sum(axis=1) == 0
            liking[alone] = 1.0
            reach = np.cumsum(liking / liking.sum(axis=1, keepdims=True), axis=1)
            pick = (chance.random((len(starts), 1)) > reach).sum(axis=1).clip(max=5)
            route[:, step] = near[np.arange(len(starts)), pick]
        return route

    def walk(self, day: int, route: Ints, present: Ints, sight: float = 1.0) -> tuple[Tours, Ints, Ints]:
        """Walk the routes. Return the tours, and the people met and helped at each step of ``route``. present: number
        of people who can be met. sight: factor that multiplies the search rate."""
        options, chance = self.options, self.chance
        hours = chance.gamma(4.0, options.pass_hours / 4.0, size=route.shape)
        source = chance.integers(options.associations, size=len(route))
        rate = sight * self.rate[route] * self.skill[source][:, None]
        met = chance.binomial(present[route], -np.expm1(-rate * hours))
        given = chance.binomial(met, self.helped[route])
        logged = chance.random(len(route)) >= options.unlogged_tours
        return Tours(np.full(len(route), day), source, route, hours, logged), met, given


def note(
    ground: CityCells, options: Options, chance: Chance, tours: Tours, met: Ints, given: Ints, first: int
) -> Events:
    """Return the records of one day's tours, with errors. first: number of the day's first tour."""
    shape = tours.route.shape
    wrong = np.where(chance.random(shape) < 0.5, -1, 1)
    persons = np.maximum(met + np.where(chance.random(shape) < options.miscounted, wrong, 0), 0)
    beside = ground.ring[tours.route, chance.integers(6, size=shape)]
    cell = np.where(chance.random(shape) < options.mislocated, beside, tours.route)
    # Tours that log no effort record only encounters.
    kept = tours.logged[:, None] | (persons > 0)
    twice = kept & (chance.random(shape) < options.sent_twice)

    def as_events(kind: EventKind, mask: NDArray[np.bool_]) -> Events:
        row, step = np.nonzero(mask)
        return Events(
            tours.day[row],
            np.full(len(row), int(kind)),
            cell[mask].astype(np.int64),
            tours.source[row],
            persons[mask],
            np.minimum(given, persons)[mask],
            np.where(tours.logged[row], tours.hours[mask], np.nan),
            first + row,
            step,
        )

    return Events.join([as_events(EventKind.PASS, kept), as_events(EventKind.REPEAT, twice)])


def elsewhere(options: Options, chance: Chance, contacts: int, start: Floats, present: Ints) -> Ints:
    """Return unrecorded contacts by others: a share of the recorded contacts, in cells with people in which tours
    start."""
    liking = start * present
    if not liking.any():
        return np.zeros(len(present), dtype=np.int64)
    number = chance.poisson(options.unlogged_aid * contacts)
    return np.bincount(chance.choice(len(present), size=number, p=liking / liking.sum()), minlength=len(present))
