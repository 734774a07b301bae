"""Scores of rankings, sets of cells, probabilities and intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats, Model, Posterior, tail, total_interval
from mapping.enums import Status
from solidarity.ops.model_benchmark.in_memory_fold import Ablation, Fold
from solidarity.ops.simulation.simulate import Events, World
from solidarity.ops.simulation.truth import Truth, truth
from volunteers.enums import CountKind
from volunteers.places.territories.people_counts import LEAST_ERROR

Marks = NDArray[np.bool_]
DAYS = range(90, 175, 7)
TOP = 0.05
UNSEEN_DAYS = 14
MANY = 4.0  # persons


def f1(said: Marks, true: Marks) -> float:
    """Return 2·hits / (predicted + true), or 0 if both are empty."""
    total = int(said.sum()) + int(true.sum())
    return 2.0 * int((said & true).sum()) / total if total else 0.0


def found_in_top(score: Floats, amount: Floats) -> tuple[float, float]:
    """Return (PAI, PEI): the amount in the best-scored share of the cells, relative to the mean and to the optimum."""
    if amount.sum() <= 0:
        return 0.0, 0.0
    count = int(np.ceil(TOP * len(score)))
    best = np.argsort(-score, kind="stable")[:count]
    caught = float(amount[best].sum())
    return caught / float(amount.sum()) / TOP, caught / float(np.sort(amount)[::-1][:count].sum())


def binned(chance: Floats, true: Marks, bins: int = 10) -> Floats:
    """Return three sums for each bin of probabilities, as (3, bins): the probabilities, the true cells, all cells."""
    place = np.clip((chance * bins).astype(int), 0, bins - 1)
    return np.array([np.bincount(place, each, bins) for each in (chance, true, np.ones(len(chance)))])


def calibration(chance: Floats, true: Marks, bins: int = 10) -> tuple[Floats, Floats, Floats]:
    """Return (predicted, observed, weight) of each non-empty bin of probabilities."""
    return of_bins(binned(chance, true, bins))


def of_bins(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (predicted, observed, weight) of each non-empty bin, from the sums of ``binned``."""
    said, happened, count = sums[:, sums[2] > 0]
    return said / count, happened / count, count / count.sum()


def calibration_error(chance: Floats, true: Marks) -> float:
    """Return the ECE: the mean distance between predicted and observed probabilities over ten bins."""
    said, happened, weight = calibration(chance, true)
    return float((np.abs(said - happened) * weight).sum())


def expected_unmet(model: Model, found: Posterior) -> Floats:
    """Return E max(0, r*·λ − s) over the posterior: each cell's expected shortfall in contacts per day."""
    norm = model.norm_per_day
    beyond = found.rate * found.aid / norm
    return np.asarray(norm * found.mean * _beyond(found.shape + 1.0, beyond) - found.aid * _beyond(found.shape, beyond))


def _beyond(shape: Floats, at: Floats) -> Floats:
    """Return the tail of a gamma distribution beyond ``at``; 1 at 0."""
    return np.where(at > 0, tail(shape, np.maximum(at, 1e-300)), 1.0)


@dataclass(frozen=True, slots=True)
class Watched:
    """The model's output and the truth on the scoring days: (days, cells) each. low, high: the 90 % interval.
    unseen: (days, 3): people likely in the cells that nobody had searched for 14 days, the variance of this sum without
    the error of the count, and the true number."""

    chance: Floats
    unmet_expected: Floats
    low: Floats
    high: Floats
    xt: Floats
    status: NDArray[np.int16]
    persons: Floats
    under: Marks
    unmet: Floats
    unseen: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores in bench/model.json. coverage90: share of occupied cells whose truth is in the 90 % interval.
    unseen_coverage: share of the days on which the true number of people in unsearched cells is in the range of the unseen
    estimate, for a count by night. unmet_found, unmet_best: share of the missing help in the cells that the model names,
    and in the best possible choice of as many. recall_four, recall_two: share of the under-covered cells with four or more
    people, and with two or three, that the model names; 0 without such cells."""

    f1: float
    pai5: float
    pei5: float
    brier: float
    ece: float
    coverage90: float
    under_given_covered: float
    false_covered_unsearched: float
    unseen_coverage: float
    unmet_found: float
    unmet_best: float
    recall_four: float
    recall_two: float


def by_day(world: World) -> list[Events]:
    """Return the events of each day, in order."""
    edges = np.searchsorted(world.events.day, np.arange(world.days + 1))
    spans = [np.arange(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return [world.events.where(span) for span in spans]  # type: ignore[arg-type]


def follow(
    world: World,
    model: Model,
    m0: float,
    days: Sequence[int] = DAYS,
    ablation: Ablation | None = None,
    group: float = 1.0,
) -> Watched:
    """Fold a world's events day by day and record the model's output on the given days. group: mean size of the group in
    which a person is met, as encounters record it."""
    fold = Fold(world.ground, model, m0, ablation)
    noted: list[tuple[NDArray, ...]] = []
    for day, events in enumerate(by_day(world)[: max(days) + 1]):
        fold.enter(float(day), events)
        if day in days or day % 7 == days[0] % 7:
            # Every week from the start, because a status depends on the previous status.
            found = fold.derive()
        if day not in days:
            continue
        low, high = found.interval(group=group)
        true: Truth = truth(world, day)
        noted.append(
            (found.chance.copy(), expected_unmet(model, found), low, high, fold.states.xt.copy(),
             fold.states.status.copy(), true.persons, true.under, true.unmet, _unseen(fold, found, world, day, group))
        )  # fmt: skip
    return Watched(*(np.array(column) for column in zip(*noted, strict=True)))


def _unseen(fold: Fold, found: Posterior, world: World, day: int, group: float) -> Floats:
    """Return a row of Watched.unseen."""
    where = ~(fold.states.day - fold.states.last < UNSEEN_DAYS)
    variance = group * (found.shape / found.rate**2)[where].sum()
    return np.array([found.mean[where].sum(), variance, world.persons[day][where].sum()])


def in_range(unseen: Floats, cv: float) -> Marks:
    """Return, for each row of Watched.unseen, whether the true number is in the range. cv: relative error of the
    count."""
    ends = np.array([total_interval(mean, variance + (cv * mean) ** 2) for mean, variance, _true in unseen.tolist()])
    return np.asarray((ends[:, 0] <= unseen[:, 2]) & (unseen[:, 2] <= ends[:, 1]))


def _share(of: Marks, among: Marks) -> float:
    return float(of[among].mean()) if among.any() else 0.0


def _best_unmet(seen: Watched, named: Marks) -> float:
    """Return the share of the missing help in the best possible choice of as many cells as are named, on each day."""
    ordered = -np.sort(-seen.unmet, axis=1)
    held = sum(float(row[:count].sum()) for row, count in zip(ordered, named.sum(axis=1).tolist(), strict=True))
    return held / max(float(seen.unmet.sum()), 1e-12)


def score(model: Model, seen: Watched) -> Scores:
    """Return the scores of one world."""
    tops = np.array([found_in_top(a, b) for a, b in zip(seen.unmet_expected, seen.unmet, strict=True)])
    covered = seen.status == Status.COVERED
    occupied = seen.persons > 0
    named = seen.chance >= model.under_covered_at
    many = seen.persons >= MANY
    inside = (seen.persons >= seen.low) & (seen.persons <= seen.high)
    return Scores(
        f1=f1(named, seen.under),
        pai5=float(tops[:, 0].mean()),
        pei5=float(tops[:, 1].mean()),
        brier=float(((seen.chance - seen.under) ** 2).mean()),
        ece=calibration_error(seen.chance.ravel(), seen.under.ravel()),
        coverage90=float(inside[occupied].mean()),
        under_given_covered=float(seen.under[covered].mean()) if covered.any() else 0.0,
        false_covered_unsearched=float((covered & (seen.xt <= 0)).sum()),
        unseen_coverage=float(in_range(seen.unseen, LEAST_ERROR[CountKind.COUNT]).mean()),
        unmet_found=float(seen.unmet[named].sum() / max(float(seen.unmet.sum()), 1e-12)),
        unmet_best=_best_unmet(seen, named),
        recall_four=_share(named, seen.under & many),
        recall_two=_share(named, seen.under & ~many),
    )


def oracle(rank: Floats, under: Marks) -> float:
    """Return the F1 of the k best-ranked cells of each day, where k is the true number of cells. rank, under: (days,
    cells)."""
    place = np.argsort(np.argsort(-rank, axis=1, kind="stable"), axis=1, kind="stable")
    return f1(place < under.sum(axis=1, keepdims=True), under)


def best_k(rank: Floats, under: Marks) -> float:
    """Return the F1 of the k best-ranked cells of each day, with the k for which it is highest. rank, under: (days,
    cells)."""
    order = np.argsort(-rank, axis=1, kind="stable")
    hits = np.take_along_axis(under, order, axis=1).cumsum(axis=1).sum(axis=0)
    said = len(rank) * np.arange(1, rank.shape[1] + 1)
    return float((2.0 * hits / (said + under.sum())).max())


Rank = Callable[[World, int], Floats]
