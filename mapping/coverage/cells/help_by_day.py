"""Contacts of the last seven days, in daily buckets. Pure functions on arrays.

The buckets of a cell are a ring: position d mod BUCKETS contains the contacts of the UTC day d (whole days since
2020-01-01). On the day D, the ring contains the days D − 7 to D + 1. The bucket of D + 1 is empty, unless a report came
shortly before midnight from a clock that is ahead of the server's. Contacts are whole numbers, so adding and
subtracting them is exact.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

WINDOW_DAYS = 7
BUCKETS = WINDOW_DAYS + 2


def blank(count: int) -> Floats:
    """Return the empty buckets of ``count`` cells, as an array of shape (count, BUCKETS)."""
    return np.zeros((count, BUCKETS))


def age(buckets: Floats, before: Floats, after: float) -> None:
    """Empty the buckets that a later day uses again. before: the day of each cell so far. after: the new day."""
    old = np.floor(before)
    gone = np.clip(np.floor(after) - old, 0, BUCKETS)
    if not gone.any():
        return
    place = (np.arange(BUCKETS) - old[:, None] - 2) % BUCKETS
    buckets[place < gone[:, None]] = 0.0


def add(buckets: Floats, rows: NDArray[np.int64], today: Floats, day: Floats, contacts: Floats) -> None:
    """Add contacts to the buckets of the cells at ``rows``; negative contacts are subtracted. today: the day of each
    cell's state. day: the day of the help. Help older than the window is ignored; help dated in the future counts at
    once."""
    last = np.floor(today)
    when = np.minimum(np.floor(day), last + 1)
    use = when >= last - WINDOW_DAYS
    np.add.at(buckets, (rows[use], when[use].astype(np.int64) % BUCKETS), contacts[use])


def total(buckets: Floats, day: Floats) -> Floats:
    """Return the contacts of exactly the seven days before ``day``, for each cell.

    Only a part of the oldest day is less than seven days ago. The bucket of this day counts in proportion to this part,
    as if the help had been given evenly over the day. The sum therefore changes smoothly.
    """
    last = np.floor(day)
    oldest = (last.astype(np.int64) - WINDOW_DAYS) % BUCKETS
    return np.asarray(buckets.sum(axis=1) - (day - last) * buckets[np.arange(len(buckets)), oldest])


def total_of_one(buckets: Sequence[float], day: float) -> float:
    """Return ``total`` of one cell, the same bits."""
    last = math.floor(day)
    return sum(buckets) - (day - last) * buckets[(last - WINDOW_DAYS) % BUCKETS]


def share(day: NDArray[np.integer[Any]] | Floats, today: Floats | float) -> Floats:
    """Return the share, from 0 to 1, of the help of ``day`` that counts in the total of ``today``."""
    return np.clip(1.0 + WINDOW_DAYS - (today - np.floor(day)), 0.0, 1.0)


TOTAL_SQL = (
    f"CASE WHEN {{0}}help = '{{{{{','.join(['0'] * BUCKETS)}}}}}'::float8[] THEN 0 ELSE "
    + " + ".join(f"{{0}}help[{place + 1}]" for place in range(BUCKETS))
    + " - ({0}day - floor({0}day)) * "
    f"{{0}}help[1 + mod(mod(floor({{0}}day)::int - {WINDOW_DAYS}, {BUCKETS}) + {BUCKETS}, {BUCKETS})] END"
)
"""``total`` of a stored cell state, in SQL. {0}: the prefix of its columns. Most cells have no help in the window; one
comparison finds that out faster than reading ten array elements."""
