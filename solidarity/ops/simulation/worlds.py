"""Cities that differ from what the model assumes. The model is not told of this difference.

Each world changes a few options of the plain city, or the count of people that the model is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from solidarity.ops.simulation.city_records import World
from solidarity.ops.simulation.simulate import simulate
from solidarity.ops.simulation.world_options import Options


@dataclass(frozen=True, slots=True)
class WorldKind:
    """A kind of world. number: number of the kind; 0 is the plain city. options: fields of Options that differ from it.
    census: factor by which the model's number of people differs from the plain city's number."""

    number: int
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    census: float = 1.0

    def make(self, cells: Sequence[int], seed: int) -> World:
        return simulate(cells, seed, **self.options)

    def expected_per_cell(self, cells: Sequence[int]) -> float:
        """Return m0, the persons per cell that the model is told to expect."""
        return self.census * Options().persons / len(cells)


_MOVES = {"nightly_moves": 0.3}
_RATES = {"association_rate_spread": 0.7}
_HIDDEN = {"invisible": 0.3}
_GROUPS = {"group": 3}
_NOISE = {"citizen_rate": 0.15, "false_citizens": 0.2}
_CAMPS = {"hot_spots": 3, "hot_spot_share": 0.5, "hot_spot_km": 0.1, "hot_spot_days": 1e9, "hot_spot_drift_km": 0.0}

WORLDS = (
    WorldKind(0, "plain city"),
    WorldKind(1, "people move at night", _MOVES),
    WorldKind(2, "rain", {"rainy_days": 0.35}),
    WorldKind(3, "people walk at night", {"night_walks": 0.3}),
    WorldKind(4, "search rate differs by association", _RATES),
    WorldKind(5, "40 % of tours log no time", {"unlogged_tours": 0.4}),
    WorldKind(6, "no tour logs time", {"unlogged_tours": 1.0}),
    WorldKind(7, "three camps hold half of the people", _CAMPS),
    WorldKind(8, "rich quarters are reported less", {"quiet_quarters": 0.3}),
    WorldKind(9, "evictions", {"evictions_every": 10}),
    WorldKind(10, "half as many people", {"persons": 600}),
    WorldKind(11, "half as many people and tours", {"persons": 600, "tours": 10}),
    WorldKind(12, "30 % of the people are invisible", _HIDDEN),
    WorldKind(13, "people in groups of three", _GROUPS),
    WorldKind(14, "people stay for 7 days", {"dwell_days": 7.0}),
    WorldKind(15, "40 % of the help is not logged", {"unlogged_aid": 0.4}),
    WorldKind(16, "noisy citizens", _NOISE),
    WorldKind(17, "count halved", census=0.5),
    WorldKind(18, "count doubled", census=2.0),
    WorldKind(
        19,
        "seven at once",
        {**_MOVES, **_RATES, **_HIDDEN, **_GROUPS, **_NOISE, "unlogged_tours": 0.4},
        census=2.0,
    ),
)
