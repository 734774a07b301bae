"""The people in the street of a simulated city."""

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import CityCells, Floats
from solidarity.ops.simulation.city_records import Ints
from solidarity.ops.simulation.world_options import Options

Chance = np.random.Generator

EVICTED_KM = 0.5


class Crowd:
    """The people in the street, each with a cell and a day of departure."""

    def __init__(self, ground: CityCells, options: Options, chance: Chance, odd: Chance, density: Floats) -> None:
        self.ground, self.options, self.chance, self.odd, self.density = ground, options, chance, odd, density
        self.spots = ground.place[chance.integers(len(ground), size=options.hot_spots)].copy()
        self.pull = chance.gamma(2.0, 0.5, size=options.hot_spots)
        groups = options.persons // options.group
        self.at = self._arrivals(groups)
        self.until = chance.exponential(options.dwell_days, groups)
        self.hidden = odd.random(groups) < options.invisible

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
        if options.evictions_every and day % options.evictions_every == options.evictions_every - 1:
            self.until[self._evicted()] = day
        moving = np.flatnonzero(self.until <= day)
        self.at[moving] = self._arrivals(len(moving))
        self.until[moving] = day + chance.exponential(options.dwell_days, len(moving))
        if options.nightly_moves:
            self.at = self._stepped(self.at, options.nightly_moves)
        return self._count(self.at)

    def by_day(self) -> Ints:
        """Return the people in each cell whom passers-by can see."""
        return self._count(self.at[~self.hidden]) if self.options.invisible else self._count(self.at)

    def by_night(self) -> Ints:
        """Return the people in each cell whom tours can meet."""
        at, share = self.at, self.options.night_walks
        if share:
            at = np.where(self.odd.random(len(at)) < share, self._stepped(self._stepped(at, 1.0), 1.0), at)
        return self._count(at[~self.hidden])

    def _count(self, at: Ints) -> Ints:
        return np.bincount(at, minlength=len(self.ground)) * self.options.group

    def _stepped(self, at: Ints, share: float) -> Ints:
        """Return the cells after a share of the groups moved to a random neighbouring cell."""
        near = self.ground.ring[at, self.odd.integers(6, size=len(at))]
        return np.where(self.odd.random(len(at)) < share, near, at)

    def _evicted(self) -> NDArray[np.bool_]:
        """Return the people who are within 500 m of one of the twenty fullest cells."""
        full = np.argsort(-self._count(self.at), kind="stable")[:20]
        return np.asarray(self.ground.apart[self.odd.choice(full)][self.at] < EVICTED_KM)
