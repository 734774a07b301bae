"""Simulation of a city day by day: people come and go, tours and citizens see some of them and make errors.

Five independent random streams (places, people, tours, records, citizens) come from one seed, so that people are in the
same places under every policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import Cells, CityCells, Floats
from solidarity.ops.simulation.street_needs import StreetNeeds

Ints = NDArray[np.int64]
Chance = np.random.Generator

CITIZENS_FROM = 10_000
SPAMMERS_FROM = 20_000


class EventKind(IntEnum):
    """PASS: a tour's pass through a cell. REPEAT: a pass sent again. CITIZEN: a citizen's report of one person."""

    PASS = 0
    REPEAT = 1
    CITIZEN = 2


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of the simulated world (docs/benchmarks.md). Shares are from 0 to 1; units are in the names."""

    persons: int = 1200
    dwell_days: float = 21.0
    hot_spots: int = 18
    hot_spot_km: float = 0.25
    hot_spot_days: float = 45.0
    hot_spot_drift_km: float = 0.05  # per day
    hot_spot_share: float = 0.6  # share of the people who arrive
    driven_away: float = 0.8  # when a hot spot ends, share of the people around it who leave
    driven_away_km: float = 0.4
    tours: int = 20  # per day
    steps: int = 9  # number of cells in a tour
    pass_hours: float = 1.0 / 3.0
    associations: int = 30
    unsearched: float = 0.27  # share of cells that habitual tours do not reach in 28 days
    returning: float = 1.0  # relative probability of a step to a visited cell; 0: only if necessary
    search_rate: float = 2.0  # per hour
    search_rate_spread: float = 0.4  # standard deviation of the rate's logarithm
    helped: float = 0.85  # share of the people met
    unlogged_tours: float = 0.2
    mislocated: float = 0.05
    miscounted: float = 0.1
    sent_twice: float = 0.08
    unlogged_aid: float = 0.15
    citizens: int = 400
    citizen_rate: float = 0.05  # reports a day per person in the street, at average footfall
    false_citizens: float = 0.05
    spam: bool = True
    spam_every: int = 14
    spam_reports: int = 100
    brigade: int = 12
    brigade_reports: int = 5


@dataclass(frozen=True, slots=True)
class Events:
    """Records as columns, ordered by day. cell: position in World.ground. hours: NaN if not logged. source: an
    association below CITIZENS_FROM, else a citizen. tour, step: position in World.tours, -1 for citizens."""

    day: Ints
    kind: Ints
    cell: Ints
    source: Ints
    persons: Ints
    contacts: Ints
    hours: Floats
    tour: Ints
    step: Ints

    def __len__(self) -> int:
        return len(self.day)

    def where(self, mask: NDArray[np.bool_]) -> "Events":
        return Events(*(getattr(self, field.name)[mask] for field in fields(self)))

    @classmethod
    def join(cls, parts: "Sequence[Events]") -> "Events":
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True, slots=True)
class Tours:
    """The tours, one row each. route: (tours, steps) positions of cells. hours: (tours, steps) spent there."""

    day: Ints
    source: Ints
    route: Ints
    hours: Floats
    logged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class World:
    """The truth and the records. persons, contacts, hours: true (days, cells) people present, people helped, hours of
    search effort."""

    ground: CityCells
    persons: Ints
    contacts: Ints
    hours: Floats
    footfall: Floats
    events: Events
    tours: Tours
    spammed: Ints

    @property
    def days(self) -> int:
        return len(self.persons)


class Policy(Protocol):
    """A choice of routes for tours (closed-loop benchmark). It sees the records, never the truth."""

    def routes(self, day: int, habit: Ints, chance: Chance) -> Ints:
        """Return the (tours, steps) routes of a day. habit: the routes without suggestions."""

    def observe(self, day: int, events: Events) -> None:
        """Process the records of a day."""


def simulate(
    cells: Sequence[int],
    seed: int,
    days: int = 180,
    *,
    policy: Policy | None = None,
    footfall: Floats | None = None,
    starts: Floats | None = None,
    helped: Floats | None = None,
    needs: StreetNeeds | None = None,
    **options: float,
) -> World:
    """Simulate a city for some days.

    cells: H3 cells; arrays follow their sorted order. footfall: passers-by per cell on any scale, which determine where
    citizens report; by default random and denser in the middle. starts: relative probability that a tour starts in each
    cell; by default from footfall and habit. helped: share of the people met who get something, per cell. needs:
    open needs, which appear and are answered meanwhile. options:
    fields of Options. Raise TypeError for unknown options and ValueError for arrays of the wrong length.
    """
    chosen = replace(Options(), **options)  # type: ignore[arg-type]
    ground = CityCells.of(cells)
    for given in (footfall, starts, helped):
        if given is not None and given.shape != (len(ground),):
            raise ValueError(f"one number a cell, please: {len(ground)}, not {given.shape}")
    places, people, walks, notes, citizens = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5))
    density = np.exp(0.8 * ground.patchwork(places, 0.8) - 0.1 * ground.from_middle())
    if footfall is None:
        footfall = np.exp(ground.patchwork(places, 0.6) - 0.35 * ground.from_middle())
    footfall = footfall / footfall.mean()
    rate = chosen.search_rate * np.exp(chosen.search_rate_spread * places.standard_normal(len(ground)))
    crowd = _Crowd(ground, chosen, people, density / density.sum())
    teams = _Teams(ground, chosen, walks, footfall if starts is None else starts, rate, helped, starts is None)
    street = _Citizens(ground, chosen, citizens, footfall)
    persons = np.zeros((days, len(ground)), dtype=np.int64)
    contacts, hours = np.zeros_like(persons), np.zeros(persons.shape)
    noted: list[Events] = []
    walked: list[Tours] = []
    for day in range(days):
        present = crowd.live(day)
        routes = teams.routes(day)
        if needs is not None:
            needs.appear(day, present)
        if policy is not None:
            routes = policy.routes(day, routes, walks)
        tours, met, aided = teams.walk(day, routes, present)
        if needs is not None:
            needs.meet(day, tours, rate)
        np.add.at(contacts[day], tours.route, aided)
        np.add.at(hours[day], tours.route, tours.hours)
        first = day * chosen.tours
        today = Events.join([_note(ground, chosen, notes, tours, met, aided, first), street.report(day, present)])
        contacts[day] += _elsewhere(chosen, notes, int(contacts[day].sum()), teams.start, present)
        persons[day] = present
        noted.append(today)
        walked.append(tours)
        if policy is not None:
            policy.observe(day, today)
    every = Tours(*(np.concatenate([getattr(part, field.name) for part in walked]) for field in fields(Tours)))
    spammed = np.array(street.spammed, dtype=np.int64)
    return World(ground, persons, contacts, hours, footfall, Events.join(noted), every, spammed)


class _Crowd:
    """The people in the street, each with a cell and a day of departure."""

    def __init__(self, ground: CityCells, options: Options, chance: Chance, density: Floats) -> None:
        self.ground, self.options, self.chance, self.density = ground, options, chance, density
        self.spots = ground.place[chance.integers(len(ground), size=options.hot_spots)].copy()
        self.pull = chance.gamma(2.0, 0.5, size=options.hot_spots)
        self.at = self._arrivals(options.persons)
        self.until = chance.exponential(options.dwell_days, options.persons)

    def _arrivals(self, number: int) -> Ints:
        """Return the cells of people who arrive today: around the hot spots, or anywhere."""
        share = self.options.hot_spot_share if len(self.spots) else 0.0
        drawn = (1.0 - share) * self.density
        if share:
            bumps = np.array([self.ground.near(spot, self.options.hot_spot_km) for spot in self.spots])
            heat = self.pull @ bumps
            drawn = drawn + share * heat / heat.sum()
        return self.chance.choice(len(self.ground), size=number, p=drawn / drawn.sum())

    def live(self, day: int) -> Ints:
        """Advance one day and count the people in each cell."""
        options, chance = self.options, self.chance
        self.spots += chance.normal(0.0, options.hot_spot_drift_km, self.spots.shape)
        for dead in np.flatnonzero(chance.random(len(self.spots)) < 1.0 / options.hot_spot_days):
            far = np.hypot(*(self.ground.place[self.at] - self.spots[dead]).T)
            driven = (far < options.driven_away_km) & (chance.random(len(self.at)) < options.driven_away)
            self.until[driven] = day
            self.spots[dead] = self.ground.place[chance.integers(len(self.ground))]
            self.pull[dead] = chance.gamma(2.0, 0.5)
        moving = np.flatnonzero(self.until <= day)
        self.at[moving] = self._arrivals(len(moving))
        self.until[moving] = day + chance.exponential(options.dwell_days, len(moving))
        return np.bincount(self.at, minlength=len(self.ground))


class _Teams:
    """The associations' tours: habitual starts, random walks and encounters."""

    def __init__(
        self,
        ground: CityCells,
        options: Options,
        chance: Chance,
        liking: Floats,
        rate: Floats,
        helped: Floats | None,
        by_habit: bool,
    ) -> None:
        self.ground, self.options, self.chance, self.rate = ground, options, chance, rate
        self.helped = np.full(len(ground), options.helped) if helped is None else helped
        if by_habit:
            liking = self._biased(np.log(np.maximum(liking, 1e-9)) + 0.6 * ground.patchwork(chance, 0.5))
        self.start = liking / liking.sum()

    def _biased(self, liking: Floats) -> Floats:
        """Return weights exp(k·preference) with the k that leaves the wanted share of cells unsearched in 28 days."""
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

    def walk(self, day: int, route: Ints, present: Ints) -> tuple[Tours, Ints, Ints]:
        """Walk the routes. Return the tours, and the people met and helped at each step of ``route``."""
        options, chance = self.options, self.chance
        hours = chance.gamma(4.0, options.pass_hours / 4.0, size=route.shape)
        met = chance.binomial(present[route], -np.expm1(-self.rate[route] * hours))
        given = chance.binomial(met, self.helped[route])
        source = chance.integers(options.associations, size=len(route))
        logged = chance.random(len(route)) >= options.unlogged_tours
        return Tours(np.full(len(route), day), source, route, hours, logged), met, given


def _note(
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


def _elsewhere(options: Options, chance: Chance, contacts: int, start: Floats, present: Ints) -> Ints:
    """Return unrecorded contacts by others: a share of the recorded contacts, in cells with people in which tours
    start."""
    liking = start * present
    if not liking.any():
        return np.zeros(len(present), dtype=np.int64)
    number = chance.poisson(options.unlogged_aid * contacts)
    return np.bincount(chance.choice(len(present), size=number, p=liking / liking.sum()), minlength=len(present))


class _Citizens:
    """Passers-by who report people. Some reports are wrong, and some people send many."""

    def __init__(self, ground: CityCells, options: Options, chance: Chance, footfall: Floats) -> None:
        self.options, self.chance, self.footfall = options, chance, footfall
        home = chance.integers(len(ground), size=options.citizens)
        zeal = chance.permutation(1.0 / np.arange(1, options.citizens + 1) ** 0.8)
        reach = np.exp(-ground.apart[:, home]) * zeal
        self.reach = np.cumsum(reach, axis=1) / reach.sum(axis=1, keepdims=True)
        self.spammed: list[tuple[int, int]] = []

    def report(self, day: int, present: Ints) -> Events:
        """Return all citizens' reports of a day."""
        options, chance = self.options, self.chance
        expected = options.citizen_rate * self.footfall * present
        true = np.repeat(np.arange(len(present)), chance.poisson(expected))
        who = (chance.random((len(true), 1)) > self.reach[true]).sum(axis=1).clip(max=options.citizens - 1)
        false = chance.choice(
            len(present),
            size=chance.poisson(options.false_citizens * expected.sum()),
            p=self.footfall / self.footfall.sum(),
        )
        cells, sources = [true, false], [who, chance.integers(options.citizens, size=len(false))]
        empty = np.flatnonzero(present == 0)
        if options.spam and len(empty):
            turn = day % options.spam_every
            if turn in (options.spam_every // 4, options.spam_every * 3 // 4):
                alone = turn == options.spam_every // 4
                target = int(chance.choice(empty))
                number = options.spam_reports if alone else options.brigade * options.brigade_reports
                accounts = np.zeros(number, dtype=np.int64) if alone else np.arange(number) % options.brigade
                cells.append(np.full(number, target))
                sources.append(SPAMMERS_FROM - CITIZENS_FROM + day * max(options.brigade, 1) + accounts)
                self.spammed.append((day, target))
        cell = np.concatenate(cells)
        number = len(cell)
        return Events(
            np.full(number, day),
            np.full(number, int(EventKind.CITIZEN)),
            cell,
            CITIZENS_FROM + np.concatenate(sources),
            np.ones(number, dtype=np.int64),
            np.zeros(number, dtype=np.int64),
            np.full(number, np.nan),
            np.full(number, -1),
            np.full(number, -1),
        )


__all__ = ["Cells", "EventKind", "Events", "Options", "Policy", "Tours", "World", "simulate"]
