"""The results of a simulation: the true numbers of people, the tours and the records that an organisation would
have."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import CityCells, Floats

Ints = NDArray[np.int64]

CITIZENS_FROM = 10_000
SPAMMERS_FROM = 20_000


class EventKind(IntEnum):
    """PASS: a tour's pass through a cell. REPEAT: a pass sent again. CITIZEN: a citizen's report of one person."""

    PASS = 0
    REPEAT = 1
    CITIZEN = 2


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
