"""The model that docs/model.md describes: evidence, posterior, status. Pure functions on numbers and numpy arrays.

Units: days, hours, persons, sweeps (one sweep sees the whole cell once), contacts (a person helped once).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln

from mapping.coverage.help_by_day import WINDOW_DAYS
from mapping.enums import Source, Status

Floats = NDArray[np.float64]

NO_LIMIT = 1e6  # this value switches a limit off; JSON has no infinity


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters of the model (docs/model.md). The defaults were chosen on held-out simulated cities
    (docs/adr/0015)."""

    search_rate: float = 2.0  # ρ, sweeps per hour in the cell
    unlogged_hours: float = 0.33  # hours assumed for a visit without logged time
    unlogged_weight: float = 0.5  # weight of a visit without logged time, a factor on y and x
    half_life: float = 8.0  # Tn, days
    prior: float = 0.25  # a0
    neighbour_weight: float = 0.13  # ω
    neighbour_limit: float = 0.5  # maximum that the neighbours add to the posterior's rate
    norm_per_week: float = 1.0  # r*, contacts per person and week
    norm_share: float = 0.5  # c*
    least_persons: float = 2.0  # n_min
    searched: float = 0.5  # minimum X_T of a searched cell
    covered_at: float = 0.10
    under_covered_at: float = 0.25
    leave_covered_at: float = 0.15  # hysteresis: a covered cell stays covered until P exceeds this
    leave_under_covered_at: float = 0.18  # an under-covered cell stays under-covered until P is below this
    uncovered_share: float = 0.1  # a cell is uncovered if help is below this share of the norm
    account_trust: float = 0.3  # τ of a citizen with an account
    citizen_trust: float = 0.2  # τ of a citizen without an account
    citizen_search: float = 0.2  # x of a citizen's report
    source_limit: float = 2.0  # maximum sum of decayed reports of one source in one cell
    cell_day_limit: float = 1.0  # maximum weight of all citizens' reports of one day in one cell
    cell_limit: float = 0.5  # maximum decayed weight of all citizens' reports of all days in one cell
    evidence_weight: float = 1.4  # weight of a cell's own sums, relative to prior and neighbours
    aid_factor: float = 1.2  # actual contacts per recorded contact
    aid_spread: float = 0.6  # uncertainty of aid_factor: standard deviation of its logarithm
    recent_days: float = 14.0  # days for which pages call a search recent; no status depends on it

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Model":
        """Build the model from the values of a Parameters row; raise KeyError for an unknown name. A missing parameter
        takes its value from PUBLISHED, so older versions keep giving the same results. Parameters in RETIRED are
        ignored."""
        known = {field.name for field in fields(cls)}
        unknown = set(values) - known - set(RETIRED)
        if unknown:
            raise KeyError(f"unknown model parameters: {sorted(unknown)}")
        return cls(**{**PUBLISHED.values(), **{name: float(values[name]) for name in known & set(values)}})

    def values(self) -> dict[str, float]:
        return asdict(self)

    @property
    def norm_per_day(self) -> float:
        """r* in contacts per person and day."""
        return self.norm_per_week / 7.0


# Names that stored versions of the parameters may contain, but that the model no longer uses (docs/adr/0032).
RETIRED = ("aid_half_life",)

# The first published values. Parameters added later are switched off.
PUBLISHED = Model(
    half_life=10.0,
    prior=0.5,
    neighbour_weight=0.1,
    cell_limit=NO_LIMIT,
    evidence_weight=1.0,
    aid_factor=1.0,
    aid_spread=0.0,
)
MODELS = {"default": Model(), "published": PUBLISHED}


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior as arrays of equal length. shape, rate: parameters of the gamma distribution of the persons present.
    mean: expected persons. theta: θ, persons. chance: P. aid: s, contacts per day."""

    shape: Floats
    rate: Floats
    mean: Floats
    theta: Floats
    chance: Floats
    aid: Floats

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Return the bounds of the central interval, in persons."""
        return interval(self.shape, self.rate, level)


def sweeps(model: Model, hours: Floats, weight: Floats) -> Floats:
    """Return the weighted search effort x = 1 − exp(−ρ·h). hours: NaN where no time was logged, 0 for no search."""
    filled = np.where(np.isnan(hours), model.unlogged_hours, hours)
    return np.asarray(weight * -np.expm1(-model.search_rate * filled))


def weights(model: Model, source: NDArray[np.integer[Any]]) -> Floats:
    """Return the weight of each row, a factor on y and x. An association's row has the weight 1 if its time was logged,
    and less if not. A citizen's row has the weight 0."""
    return np.select([source == Source.LOGGED, source == Source.UNLOGGED], [1.0, model.unlogged_weight], 0.0)


def decay(days: Floats, half_life: float) -> Floats:
    """Return the decay factor 2^(−Δt/T), which is 1 for evidence dated in the future."""
    return np.asarray(np.exp2(-np.maximum(days, 0.0) / half_life))


@dataclass(frozen=True, slots=True)
class RetainedCaps:
    """The part of the caps on citizens' reports that erased reports use up. Values are (day, decayed sum at that day).
    cells: the values by cell. sources: the values by (cell, origin)."""

    cells: Mapping[int, tuple[float, float]]
    sources: Mapping[tuple[int, int], tuple[float, float]]


NO_RETAINED_CAPS = RetainedCaps({}, {})


def citizen_rows(
    model: Model,
    cell: NDArray[np.int64],
    origin: NDArray[np.int64],
    day: Floats,
    source: NDArray[np.integer[Any]],
    held: RetainedCaps = NO_RETAINED_CAPS,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Apply the caps to citizens' reports. Return the result as (cell, day, weight), one row per cell and day.

    Each source counts once per cell and day, with its highest trust and its latest time. In a cell, the reports of one
    source have a total weight of at most ``source_limit``, including the decayed sum of its earlier reports. All
    reports of one day in a cell have a total weight of at most ``cell_day_limit``. The order of the input does not
    matter. held: the part of the caps that erased reports use up. The input contains no erased reports.
    """
    empty = np.zeros(0)
    if len(cell) == 0:
        return np.zeros(0, dtype=np.int64), empty, empty
    cell, origin, day, accepted, trust = capped_sources(model, cell, origin, day, source, held)
    whole_day = np.floor(day).astype(np.int64)
    weight = accepted * trust
    order = np.lexsort((origin, whole_day, cell))
    cell, day, whole_day, weight = cell[order], day[order], whole_day[order], weight[order]
    first = np.ones(len(cell), dtype=bool)
    first[1:] = (cell[1:] != cell[:-1]) | (whole_day[1:] != whole_day[:-1])
    starts = np.flatnonzero(first)
    total = np.minimum(np.add.reduceat(weight, starts), model.cell_day_limit)
    cell, day = cell[starts], np.maximum.reduceat(day, starts)
    if model.cell_limit < NO_LIMIT:
        before = _before(cell, held.cells, cell.tolist())
        total = _room(cell, day, total, model.cell_limit, model.half_life, before)
    return cell, day, total


def capped_sources(
    model: Model,
    cell: NDArray[np.int64],
    origin: NDArray[np.int64],
    day: Floats,
    source: NDArray[np.integer[Any]],
    held: RetainedCaps = NO_RETAINED_CAPS,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats]:
    """Return one row (cell, origin, day, share accepted under ``source_limit``, trust) per source, cell and day. The
    input must not be empty."""
    whole_day = np.floor(day).astype(np.int64)
    trust = np.where(source == Source.CITIZEN_ACCOUNT, model.account_trust, model.citizen_trust)
    order = np.lexsort((day, whole_day, origin, cell))
    cell, origin, day, whole_day, trust = cell[order], origin[order], day[order], whole_day[order], trust[order]
    first = np.ones(len(cell), dtype=bool)
    first[1:] = (cell[1:] != cell[:-1]) | (origin[1:] != origin[:-1]) | (whole_day[1:] != whole_day[:-1])
    starts = np.flatnonzero(first)
    ends = np.r_[starts[1:], len(cell)] - 1
    trust = np.maximum.reduceat(trust, starts)
    cell, origin, day = cell[starts], origin[starts], day[ends]
    new = np.ones(len(cell), dtype=bool)
    new[1:] = (cell[1:] != cell[:-1]) | (origin[1:] != origin[:-1])
    group = np.cumsum(new)
    before = _before(
        group, held.sources, list(zip(cell.tolist(), origin.tolist(), strict=True)) if held.sources else []
    )
    accepted = _room(group, day, np.ones(len(cell)), model.source_limit, model.half_life, before)
    return cell, origin, day, accepted, trust


def _before(
    group: NDArray[np.int64], held: Mapping[Any, tuple[float, float]], keys: Sequence[Any]
) -> dict[int, tuple[float, float]]:
    """Return the retained (day, sum) by group. Groups without one are left out. keys: the key of each row in
    ``held``."""
    return {int(group[row]): held[key] for row, key in enumerate(keys) if key in held} if held else {}


def _room(
    group: NDArray[np.int64],
    day: Floats,
    weight: Floats,
    limit: float,
    half_life: float,
    held: Mapping[int, tuple[float, float]],
) -> Floats:
    """Return the accepted weight of each row. The decayed sum of each group never exceeds ``limit``.

    The rows must be sorted by (group, day). held: maps some groups to a day and the decayed sum of erased reports on it. This
    sum affects the group's rows from that day on.
    """
    accepted = weight.copy()
    new = np.ones(len(group), dtype=bool)
    new[1:] = group[1:] != group[:-1]
    starts = np.flatnonzero(new)
    lengths = np.diff(np.r_[starts, len(group)])
    whole = np.add.reduceat(weight, starts) if len(starts) else np.zeros(0)
    if held:
        whole = whole + np.array([held.get(key, (0.0, 0.0))[1] for key in group[starts].tolist()])
    full = whole > limit
    for start, length in zip(starts[full], lengths[full], strict=True):
        total, last = 0.0, day[start]
        since, waiting = held.get(int(group[start]), (0.0, 0.0))
        for row in range(start, start + length):
            if waiting and day[row] >= since:
                gone = max(since - last, 0.0) if row > start else 0.0
                total = total * 2.0 ** (-gone / half_life) + waiting
                last = max(last, since) if row > start else since
                waiting = 0.0
            total *= 2.0 ** (-(day[row] - last) / half_life)
            last = day[row]
            accepted[row] = min(weight[row], max(0.0, limit - total))
            total += accepted[row]
    return accepted


def posterior(
    model: Model, m0: Floats | float, a: Floats, x: Floats, ring_a: Floats, ring_x: Floats, s: Floats
) -> Posterior:
    """Compute the posterior from the cells' decayed sums A and X, their contacts ``s`` of the last seven days, and the
    decayed sums ΣA and ΣX of their neighbours (docs/model.md)."""
    b0 = model.prior / np.asarray(m0, dtype=np.float64)
    near_rate = b0 + model.neighbour_weight * ring_x
    expected = (model.prior + model.neighbour_weight * ring_a) / near_rate
    beta = np.minimum(near_rate, b0 + model.neighbour_limit)
    shape = expected * beta + model.evidence_weight * a
    rate = beta + model.evidence_weight * x
    aid = help_per_day(model, s)
    theta = _theta(model, aid)
    if model.aid_spread <= 0:
        return Posterior(shape, rate, shape / rate, theta, tail(shape, rate * theta), aid)
    # Recorded help is as likely to be too low as too high. So compute the tail twice, with the help one spread lower
    # and one spread higher, and take the mean. If θ = n_min in both cases, the tails are equal, and one is enough.
    low, high = (_theta(model, aid * np.exp(side * model.aid_spread)) for side in (-1.0, 1.0))
    chance = tail(shape, rate * low)
    two = high > low
    chance[two] = (chance[two] + tail(shape[two], rate[two] * high[two])) / 2.0
    return Posterior(shape, rate, shape / rate, theta, chance, aid)


# SciPy's gammaincc is fifty times slower if the shape is below 1 and the argument is below this value.
_SLOW_BELOW = 1.1


def tail(shape: Floats, at: Floats) -> Floats:
    """Return Pr(G > ``at``) for gamma variables G of the given shapes and rate 1; ``at`` must be above 0. Where
    gammaincc is slow, use two steps of the recurrence P(a, x) = P(a + 1, x) + xᵃe⁻ˣ/Γ(a + 1)."""
    slow = (shape < 1.0) & (at <= _SLOW_BELOW)
    if not slow.any():
        return np.asarray(gammaincc(shape, at))
    found = np.empty(np.shape(at))
    found[~slow] = gammaincc(shape[~slow], at[~slow])
    a, x = shape[slow], at[slow]
    step = np.exp(a * np.log(x) - x - gammaln(a + 1.0))
    found[slow] = 1.0 - (gammainc(a + 2.0, x) + step * (1.0 + x / (a + 1.0)))
    return found


def help_per_day(model: Model, s: Floats) -> Floats:
    """Return the contacts per day, multiplied by ``aid_factor``. s: contacts of the last seven days."""
    return np.asarray(model.aid_factor * s / WINDOW_DAYS)


def _theta(model: Model, aid: Floats) -> Floats:
    """Return θ, the largest number of persons for whom ``aid`` contacts a day reach the share c* of the norm. θ is at
    least n_min."""
    return np.maximum(model.least_persons, aid / (model.norm_share * model.norm_per_day))


def interval(shape: Floats, rate: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """Return the bounds of the central interval of a gamma distribution."""
    tail = (1.0 - level) / 2.0
    return np.asarray(gammaincinv(shape, tail) / rate), np.asarray(gammaincinv(shape, 1.0 - tail) / rate)


def statuses(model: Model, found: Posterior, xt: Floats, before: NDArray[np.int16] | None = None) -> NDArray[np.int16]:
    """Return the status of each cell (docs/model.md). xt: X_T, the search effort of associations only. before: previous
    statuses (0: none). They are needed for hysteresis: the limit at which a cell leaves "covered" or "under-covered"
    differs from the limit at which it enters."""
    searched = xt >= model.searched
    lacking = found.chance >= model.under_covered_at
    enough = found.chance <= model.covered_at
    if before is not None:
        was_lacking = (before == Status.UNDER_COVERED) | (before == Status.UNCOVERED)
        lacking |= searched & was_lacking & (found.chance >= model.leave_under_covered_at)
        enough |= (before == Status.COVERED) & (found.chance <= model.leave_covered_at)
    unhelped = found.aid < model.uncovered_share * model.norm_per_day * found.mean
    return np.select(
        [searched & enough, searched & lacking & unhelped, searched & lacking, searched, lacking],
        [Status.COVERED, Status.UNCOVERED, Status.UNDER_COVERED, Status.CONTRADICTORY, Status.TO_VERIFY],
        Status.NOT_SEARCHED,
    ).astype(np.int16)


def total_interval(mean: float, variance: float, level: float = 0.9) -> tuple[float, float]:
    """Return the central interval of a sum of independent gamma posteriors. A gamma with the same mean and variance
    approximates the sum."""
    if mean <= 0 or variance <= 0:
        return 0.0, 0.0
    low, high = interval(np.array([mean * mean / variance]), np.array([mean / variance]), level)
    return float(low[0]), float(high[0])
