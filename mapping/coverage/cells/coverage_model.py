"""The model that docs/model.md describes: evidence, posterior, status. Pure functions on numbers and numpy arrays.

Units: days, hours, persons, sweeps (one sweep sees the whole cell once), contacts (a person helped once).
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln

from mapping.coverage.cells.help_by_day import WINDOW_DAYS
from mapping.enums import Source, Status

Floats = NDArray[np.float64]

NO_LIMIT = 1e6  # this value switches a limit off, because JSON has no infinity


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters of the model (docs/model.md). The defaults were chosen on held-out simulated cities
    (docs/adr/0035)."""

    search_rate: float = 2.0  # ρ, sweeps per hour in the cell
    unlogged_hours: float = 1.0  # hours assumed for a visit without logged time
    unlogged_weight: float = 0.5  # weight of a visit without logged time, a factor on y and x
    half_life: float = 6.5  # Tn, days
    prior: float = 0.1  # a0
    neighbour_weight: float = 0.2  # ω
    neighbour_limit: float = 0.6  # maximum that the neighbours add to the posterior's rate
    norm_per_week: float = 1.0  # r*, contacts per person and week
    norm_share: float = 0.5  # c*
    least_persons: float = 2.0  # n_min
    searched: float = 0.5  # minimum X_T of a searched cell
    covered_at: float = 0.10
    under_covered_at: float = 0.25
    leave_covered_at: float = 0.15  # hysteresis: a covered cell stays covered until P exceeds this
    leave_under_covered_at: float = 0.18  # an under-covered cell stays under-covered until P is below this
    uncovered_share: float = 0.1  # a cell is uncovered if help is below this share of the norm
    account_trust: float = 0.5  # τ of a citizen with an account
    citizen_trust: float = 0.35  # τ of a citizen without an account
    citizen_search: float = 0.0  # x of a citizen's report
    citizen_silence: float = 0.9  # weight of silence where citizens usually report; 0 if only reports count
    cell_day_limit: float = 0.5  # maximum weight of all citizens' reports of one day in one cell
    cell_limit: float = 0.45  # maximum decayed weight of all citizens' reports of all days in one cell
    evidence_weight: float = 1.2  # weight of a cell's own sums, relative to prior and neighbours
    aid_factor: float = 1.3  # actual contacts per recorded contact
    aid_spread: float = 0.5  # uncertainty of aid_factor: standard deviation of its logarithm
    recent_days: float = 14.0  # days for which pages call a search recent; no status depends on it

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Model":
        """Build the model from the values of a Parameters row; raise KeyError for an unknown name. For a missing
        parameter, use the value from PUBLISHED, so that older versions give the same results as before. Parameters in
        RETIRED are ignored."""
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


# Names that stored versions of the parameters may contain, but that the model no longer uses (docs/adr/0032, 0033).
RETIRED = ("aid_half_life", "source_limit")

# The first published values. Parameters that were added later are switched off.
PUBLISHED = Model(
    unlogged_hours=0.33,
    half_life=10.0,
    prior=0.5,
    neighbour_weight=0.1,
    neighbour_limit=0.5,
    account_trust=0.3,
    citizen_trust=0.2,
    citizen_search=0.2,
    citizen_silence=0.0,
    cell_day_limit=1.0,
    cell_limit=NO_LIMIT,
    evidence_weight=1.0,
    aid_factor=1.0,
    aid_spread=0.0,
)
MODELS = {"default": Model(), "published": PUBLISHED}


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior as arrays of equal length. shape, rate: parameters of the gamma distribution of the persons present.
    mean: expected number of persons. theta: θ, persons. chance: the probability P that help is missing. aid: the number
    s of contacts per day."""

    shape: Floats
    rate: Floats
    mean: Floats
    theta: Floats
    chance: Floats
    aid: Floats

    def interval(self, level: float = 0.9, group: float = 1.0) -> tuple[Floats, Floats]:
        """Return the bounds of the central interval, in persons. group: mean size of the group in which a person is met.
        If people come in groups, the number of groups has the gamma distribution, so the variance of the number of
        people is ``group`` times as large, with the same mean."""
        return interval(self.shape / group, self.rate / group, level)


def sweeps(model: Model, hours: Floats, weight: Floats) -> Floats:
    """Return the weighted search effort x = 1 − exp(−ρ·h). hours: search time in hours; NaN if no time was logged, 0 if
    nobody searched."""
    filled = np.where(np.isnan(hours), model.unlogged_hours, hours)
    return np.asarray(weight * -np.expm1(-model.search_rate * filled))


def weights(model: Model, source: NDArray[np.integer[Any]]) -> Floats:
    """Return the weight of each row, a factor on y and x. The row of an association has the weight 1 if its time was
    logged, and a smaller weight otherwise. A citizen's row has the weight 0."""
    return np.where(source == Source.LOGGED, 1.0, np.where(source == Source.UNLOGGED, model.unlogged_weight, 0.0))


def decay(days: Floats, half_life: float) -> Floats:
    """Return the decay factor 2^(−Δt/T), which is 1 for evidence dated in the future."""
    return np.asarray(np.exp2(-np.maximum(days, 0.0) / half_life))


SEARCHES = 1.5 * 2.0 ** (52 - 39)
"""Rounds terms of A and X to multiples of 2⁻³⁹, by less than 1e-12. Their sums are exact up to 16,384."""
REPORTS = 1.5 * 2.0 ** (52 - 44)
"""Rounds terms of the citizens' weight U to multiples of 2⁻⁴⁴. Their sums are exact up to 512."""


def on_grid(terms: Floats, shift: float) -> Floats:
    """Round the terms of a sum. shift: SEARCHES or REPORTS; adding it to a float leaves no room for smaller digits.

    Exact sums are the same in every order, in PostgreSQL, in numpy and in parts that several machines compute
    (docs/adr/0045).
    """
    return (terms + shift) - shift


def on_grid_sql(term: str, shift: float) -> str:
    """Return the SQL of ``on_grid``."""
    return f"({term} + {shift}::float8) - {shift}::float8"


def c_exp(values: Floats) -> Floats:
    """Return e^x as the C library computes it, and therefore as PostgreSQL does. numpy has its own exp, which differs in the
    last bit for 5 % of the values."""
    return np.fromiter(map(math.exp, values.tolist()), np.float64, len(values))


def trusts(model: Model) -> tuple[float, float]:
    """Return the trust in citizens with and without an account, as multiples of 2⁻⁵⁰: their sums are exact up to 8, far above
    any limit."""
    return round(model.account_trust * 2.0**50) / 2.0**50, round(model.citizen_trust * 2.0**50) / 2.0**50


def citizen_rows(
    model: Model, cell: NDArray[np.int64], origin: NDArray[np.int64], day: Floats, source: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Weigh citizens' reports. Return the result as (cell, day, weight), one row per cell and day.

    Each source counts only once per cell and day, with its highest trust. Together, all reports of one day in a cell
    weigh at most ``cell_day_limit`` and have the time of the latest report. The order of the input does not matter.
    """
    if len(cell) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    whole_day = np.floor(day).astype(np.int64)
    trust = np.where(source == Source.CITIZEN_ACCOUNT, *trusts(model))
    order = np.lexsort((origin, whole_day, cell))
    cell, origin, day, whole_day, trust = cell[order], origin[order], day[order], whole_day[order], trust[order]
    new_day = np.ones(len(cell), dtype=bool)
    new_day[1:] = (cell[1:] != cell[:-1]) | (whole_day[1:] != whole_day[:-1])
    new_source = new_day.copy()
    new_source[1:] |= origin[1:] != origin[:-1]
    sources, days = np.flatnonzero(new_source), np.flatnonzero(new_day)
    trust = np.maximum.reduceat(trust, sources)
    weight = np.add.reduceat(trust, np.searchsorted(sources, days))
    return cell[days], np.maximum.reduceat(day, days), np.minimum(weight, model.cell_day_limit)


def citizen_parts(
    model: Model, rate: Floats, reports: Floats, half_life: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the citizens' parts of A and X. reports: U, the decayed sum of the weights of their reports. rate: κ, the
    weighted reports that are usual per person present and day (mapping.coverage.citizen_rates). half_life: replaces the model's
    half-life.

    U counts up to ``cell_limit``. If each person is reported κ times a day, U is n·κ·T/ln 2 for n persons in the long
    run. So the reports and the silence between them are worth a search of κ·T/ln 2 sweeps. If the limit reduces the
    reports, it reduces these sweeps in the same proportion. This part of X has no dates, so it does not decay.
    """
    life = model.half_life if half_life is None else half_life
    share = np.minimum(1.0, np.divide(model.cell_limit, reports, out=np.ones(np.shape(reports)), where=reports > 0))
    a = reports * share
    return a, model.citizen_search * a + model.citizen_silence * rate * life / np.log(2.0) * share


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
    # Recorded help is as likely to be too low as too high. So compute the tail twice, with the help lower and higher by
    # one spread, and take the mean. If θ = n_min in both cases, the tails are equal, and one computation is enough.
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
    """Return the status of each cell (docs/model.md). xt: X_T, the search effort of associations only. before: the
    previous status of each cell, 0 for none. The previous statuses are needed for hysteresis: a cell enters and leaves
    "covered" and "under-covered" at different limits."""
    searched = xt >= model.searched
    lacking = found.chance >= model.under_covered_at
    enough = found.chance <= model.covered_at
    if before is not None:
        was_lacking = (before == Status.UNDER_COVERED) | (before == Status.UNCOVERED)
        lacking |= searched & was_lacking & (found.chance >= model.leave_under_covered_at)
        enough |= (before == Status.COVERED) & (found.chance <= model.leave_covered_at)
    unhelped = found.aid < model.uncovered_share * model.norm_per_day * found.mean
    of_lacking = np.where(unhelped, np.int16(Status.UNCOVERED), np.int16(Status.UNDER_COVERED))
    of_searched = np.where(lacking, of_lacking, np.int16(Status.CONTRADICTORY))
    of_unsearched = np.where(lacking, np.int16(Status.TO_VERIFY), np.int16(Status.NOT_SEARCHED))
    return np.where(searched, np.where(enough, np.int16(Status.COVERED), of_searched), of_unsearched)


SIGN = 0.1
"""Decayed evidence from which people seen, or needs reported, count as a sign where nobody was counted."""


def search_statuses(model: Model, seen: Floats, reported: Floats, xt: Floats) -> NDArray[np.int16]:
    """Return the status of cells whose territory has no count with a source: searched, to verify (people were seen or needs
    reported), not searched. seen, reported: the decayed evidence A of associations, and the weight U of citizens' reports.
    xt: as in :func:`statuses`."""
    signs = (seen >= SIGN) | (reported >= SIGN)
    of_unsearched = np.where(signs, np.int16(Status.TO_VERIFY), np.int16(Status.NOT_SEARCHED))
    return np.where(xt >= model.searched, np.int16(Status.SEARCHED), of_unsearched)


def total_interval(mean: float, variance: float, level: float = 0.9) -> tuple[float, float]:
    """Return the central interval of a sum of gamma posteriors. A gamma with the same mean and variance approximates the
    sum."""
    if mean <= 0 or variance <= 0:
        return 0.0, 0.0
    low, high = interval(np.array([mean * mean / variance]), np.array([mean / variance]), level)
    return float(low[0]), float(high[0])
