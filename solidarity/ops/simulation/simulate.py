"""Simulation of a city day by day: people come and go, tours and citizens see some of them and make errors.

Seven independent random streams (places, people, tours, records, citizens, differences from the plain world, weather)
come from one seed, so that people are in the same places under every policy.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import Cells, CityCells, Floats
from solidarity.ops.simulation.city_records import (
    CITIZENS_FROM,
    SPAMMERS_FROM,
    EventKind,
    Events,
    Ints,
    Tours,
    World,
)
from solidarity.ops.simulation.crowd import Crowd
from solidarity.ops.simulation.passers_by import PassersBy
from solidarity.ops.simulation.street_needs import StreetNeeds
from solidarity.ops.simulation.tour_teams import Teams, elsewhere, note
from solidarity.ops.simulation.world_options import Options

Chance = np.random.Generator

RAIN_SIGHT, RAIN_OUTDOORS = 0.5, 0.3  # factors of a rainy day on the search rate and on the passers-by
RAIN_SPELL_DAYS = 2.5


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

    cells: H3 cells; arrays follow their sorted order. footfall: relative number of passers-by in each cell, which
    determines where citizens report; by default random and denser in the middle. starts: relative probability that a
    tour starts in each cell; by default from footfall and habit. helped: share of the people met who get something, per
    cell. needs: open needs, which appear and are answered during the simulation. options: fields of Options. Raise
    TypeError for unknown options and ValueError for arrays of the wrong length.
    """
    chosen = replace(Options(), **options)  # type: ignore[arg-type]
    ground = CityCells.of(cells)
    for given in (footfall, starts, helped):
        if given is not None and given.shape != (len(ground),):
            raise ValueError(f"one number a cell, please: {len(ground)}, not {given.shape}")
    places, people, walks, notes, citizens, odd, weather = (
        np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(7)
    )
    density = np.exp(0.8 * ground.patchwork(places, 0.8) - 0.1 * ground.from_middle())
    if footfall is None:
        footfall = np.exp(ground.patchwork(places, 0.6) - 0.35 * ground.from_middle())
    footfall = footfall / footfall.mean()
    rate = chosen.search_rate * np.exp(chosen.search_rate_spread * places.standard_normal(len(ground)))
    crowd = Crowd(ground, chosen, people, odd, density / density.sum())
    teams = Teams(ground, chosen, walks, odd, footfall if starts is None else starts, rate, helped, starts is None)
    street = PassersBy(ground, chosen, citizens, odd, footfall)
    rain = rainy(chosen, weather, days)
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
        wet = bool(rain[day])
        tours, met, aided = teams.walk(day, routes, crowd.by_night(), RAIN_SIGHT if wet else 1.0)
        if needs is not None:
            needs.meet(day, tours, rate)
        np.add.at(contacts[day], tours.route, aided)
        np.add.at(hours[day], tours.route, tours.hours)
        first = day * chosen.tours
        reported = street.report(day, crowd.by_day(), RAIN_OUTDOORS if wet else 1.0)
        today = Events.join([note(ground, chosen, notes, tours, met, aided, first), reported])
        contacts[day] += elsewhere(chosen, notes, int(contacts[day].sum()), teams.start, present)
        persons[day] = present
        noted.append(today)
        walked.append(tours)
        if policy is not None:
            policy.observe(day, today)
    every = Tours(*(np.concatenate([getattr(part, field.name) for part in walked]) for field in fields(Tours)))
    spammed = np.array(street.spammed, dtype=np.int64)
    return World(ground, persons, contacts, hours, footfall, Events.join(noted), every, spammed)


def rainy(options: Options, chance: Chance, days: int) -> NDArray[np.bool_]:
    """Return a mask of the rainy days: rainy periods of 2.5 days on average, and the chosen share of rainy days over
    time."""
    share = options.rainy_days
    found = np.zeros(days, dtype=bool)
    if not share:
        return found
    ends = 1.0 / RAIN_SPELL_DAYS
    starts = ends * share / (1.0 - share)
    wet = bool(chance.random() < share)
    for day in range(days):
        found[day] = wet
        wet = chance.random() >= ends if wet else chance.random() < starts
    return found


__all__ = [
    "CITIZENS_FROM",
    "SPAMMERS_FROM",
    "Cells",
    "EventKind",
    "Events",
    "Options",
    "Policy",
    "Tours",
    "World",
    "simulate",
]
