"""Common methods for comparison. Each ranks the cells on a day, from counts of two weeks."""

from functools import lru_cache

import numpy as np

from mapping.coverage.cells.coverage_model import Floats
from solidarity.ops.model_benchmark.score import Marks, Rank
from solidarity.ops.simulation.simulate import EventKind, Events, World

WINDOW = 14
BANDWIDTH_KM = 0.2
# Chosen from a grid for the best F1 with the known truth, like k for the other baselines.
CLUSTER_KM, CLUSTER_PERSONS = 0.35, 3


def window(world: World, day: int) -> Events:
    """Return the events of the last 14 days, without repeats."""
    events = world.events
    return events.where((events.day <= day) & (events.day > day - WINDOW) & (events.kind != EventKind.REPEAT))


def counts(world: World, day: int) -> Floats:
    """Return the persons recorded by tours and citizens."""
    seen = window(world, day)
    return np.bincount(seen.cell, seen.persons, len(world.ground))


def counts_less_aid(world: World, day: int) -> Floats:
    """Return the persons recorded minus the contacts recorded."""
    seen = window(world, day)
    return np.bincount(seen.cell, seen.persons - seen.contacts, len(world.ground))


def _hours(world: World, day: int) -> Floats:
    """Return the hours of search effort, plus twenty minutes to avoid division by zero."""
    seen = window(world, day)
    hours = np.where(np.isnan(seen.hours), 1.0 / 3.0, seen.hours) * (seen.kind == EventKind.PASS)
    return np.asarray(1.0 / 3.0 + np.bincount(seen.cell, hours, len(world.ground)))


def count_per_effort(world: World, day: int) -> Floats:
    """Return the persons recorded per hour of search effort; an unlogged pass counts as twenty minutes."""
    return np.asarray(counts(world, day) / _hours(world, day))


def left_per_effort(world: World, day: int) -> Floats:
    """Return persons minus contacts per hour of search effort: the strongest of these methods."""
    return np.asarray(counts_less_aid(world, day) / _hours(world, day))


def kernel_density(world: World, day: int) -> Floats:
    """Return scikit-learn's Gaussian kernel density of the counts (bandwidth 200 m) at the centre of each cell."""
    from sklearn.neighbors import KernelDensity  # type: ignore[import-untyped]

    noted = counts(world, day)
    rows = np.flatnonzero(noted)
    if not len(rows):
        return noted
    place = world.ground.place
    fitted = KernelDensity(bandwidth=BANDWIDTH_KM, rtol=1e-4).fit(place[rows], sample_weight=noted[rows])
    return np.asarray(fitted.score_samples(place))


@lru_cache(maxsize=2)
def _touching(ring: bytes, cells: int) -> "object":
    from libpysal.weights import W  # type: ignore[import-untyped]

    rows = np.frombuffer(ring, dtype=np.int32).reshape(cells, 6)
    return W(
        {row: [int(other) for other in np.unique(near) if other != row] for row, near in enumerate(rows)},
        silence_warnings=True,
    )


def hot_spots(world: World, day: int) -> Floats:
    """Return esda's Getis-Ord Gi* of the counts: each cell with its neighbours is compared with the city."""
    from esda.getisord import G_Local  # type: ignore[import-untyped]

    touching = _touching(world.ground.ring.tobytes(), len(world.ground))
    found = G_Local(counts(world, day), touching, transform="B", star=True, permutations=0)
    return np.nan_to_num(np.asarray(found.Zs, dtype=np.float64))


def in_clusters(world: World, day: int) -> Marks:
    """Return whether each cell is in a cluster of scikit-learn's DBSCAN."""
    from sklearn.cluster import DBSCAN  # type: ignore[import-untyped]

    noted = counts(world, day)
    inside = np.zeros(len(noted), dtype=bool)
    rows = np.flatnonzero(noted)
    if len(rows):
        fitted = DBSCAN(eps=CLUSTER_KM, min_samples=CLUSTER_PERSONS)
        inside[rows] = fitted.fit(world.ground.place[rows], sample_weight=noted[rows]).labels_ >= 0
    return inside


def clusters(world: World, day: int) -> Floats:
    """Return the counts, raised so that cells in clusters rank first."""
    noted = counts(world, day)
    return np.asarray(noted + in_clusters(world, day) * (noted.max() + 1.0), dtype=np.float64)


BASELINES: dict[str, Rank] = {
    "counts": counts,
    "counts_less_aid": counts_less_aid,
    "kde": kernel_density,
    "gi_star": hot_spots,
    "dbscan": clusters,
    "count_per_effort": count_per_effort,
    "left_per_effort": left_per_effort,
}

__all__ = ["BASELINES", "in_clusters"]
