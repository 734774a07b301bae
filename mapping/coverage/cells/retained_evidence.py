"""Retained evidence: decayed sums of erased reports. These sums have the same effect on cell states as the reports had.

A report is erased when it is REPORT_DAYS old (needs.doors.retention). At this age, its evidence has less than 1/60 of its
original weight. Nevertheless, the map must not change suddenly. Each cell therefore stores the sums of its erased
evidence, as of a certain day. From that day on, the sums decay exactly. Cell states of earlier days cannot be computed
from them.

Help counts for seven days only (docs/adr/0032), so the help in erased reports no longer counts.

Evidence rows contain no parameters (docs/adr/0002), but sums depend on the half-life. Sums are stored for every
half-life that is in LADDER or in use, and are exact for these half-lives. For other half-lives, the logarithm of the
sum is interpolated as a cubic of the rate. The weights of sources and the assumed hours of visits without logged time
are applied when the sums are read, so these parameters may change. The search rate is applied through the mean search
time. Trust in citizens and their limit per day are applied once, before erasure. docs/adr/0022 gives the errors.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from mapping.coverage.cells import cell_states, coverage_model, ledger
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.enums import Source
from mapping.models import Parameters, RetainedEvidence
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of

LADDER = (0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 45, 60, 90, 120, 240, 365)
"""Half-lives in days. The parameters allow 0.5 to 365."""

_SUMS = ("persons", "unlogged", "searches", "sweeps")
_LEAST = 1e-300


# --- pure: sums at a set of half-lives -------------------------------------------------------------------------------


@dataclass(slots=True)
class Sum:
    """Sums of one cell and source, as arrays with one value per half-life; see models.RetainedEvidence."""

    day: float
    rate: float
    lives: Floats
    persons: Floats
    unlogged: Floats
    searches: Floats
    sweeps: Floats
    last: float | None = None

    @classmethod
    def of(cls, day: float, rate: float, arrays: Iterable[Any], last: float | None = None) -> "Sum":
        """Build the object from the half-lives and the four sums, given in the order of the fields."""
        lives, persons, unlogged, searches, sweeps = (np.asarray(each, dtype=np.float64) for each in arrays)
        return cls(day, rate, lives, persons, unlogged, searches, sweeps, last)

    def at(self, day: float, rate: float, lives: Floats) -> "Sum":
        """Convert the sums to another day, another search rate and other half-lives."""
        fade = np.exp2((self.day - day) / lives)
        columns = {name: at_lives(self.lives, getattr(self, name), lives) for name in _SUMS}
        columns["sweeps"] = at_rate(columns["searches"], columns["sweeps"], rate / self.rate)
        return Sum.of(day, rate, (lives, *(columns[name] * fade for name in _SUMS)), self.last)

    def add(self, other: "Sum") -> None:
        """Add other sums that have the same day, rate and half-lives."""
        for name in _SUMS:
            getattr(self, name)[:] += getattr(other, name)
        self.last = max((day for day in (self.last, other.last) if day is not None), default=None)


def at_lives(lives: Floats, sums: Floats, wanted: Floats) -> Floats:
    """Return Σ w·2^(−age/T) for other half-lives T: the stored sum if there is one, else an interpolation from the four
    nearest sums. The logarithm of the sum is a smooth, convex function of the rate 1/T, so a cubic can interpolate
    it."""
    found = np.zeros(len(wanted))
    place = {life: row for row, life in enumerate(lives.tolist())}
    if not sums.any():
        return found
    rates, logs = 1.0 / lives, np.log(np.maximum(sums, _LEAST))
    for number, life in enumerate(wanted.tolist()):
        if life in place:
            found[number] = sums[place[life]]
            continue
        near = np.argsort(np.abs(np.log(lives / life)))[:4]
        value = 0.0
        for row in near:
            others = near[near != row]
            value += logs[row] * np.prod((1.0 / life - rates[others]) / (rates[row] - rates[others]))
        found[number] = np.exp(value)
    return found


def at_rate(searches: Floats, sweeps: Floats, times: float) -> Floats:
    """Return Σ(1 − e^(−ρh)) for a search rate that is higher by the factor ``times``. All searches are assumed to have
    taken the same time."""
    if times == 1.0:
        return sweeps
    share = np.divide(sweeps, searches, out=np.zeros(len(sweeps)), where=searches > 0)
    return np.asarray(searches * -np.expm1(times * np.log1p(-np.clip(share, 0.0, 1.0 - 1e-15))))


# --- reading ---------------------------------------------------------------------------------------------------------


def association_sums(model: Model, day: float, cells: Collection[int] | None = None) -> ledger.Sums:
    """Return the decayed sums, at a day, of the associations' erased evidence, for all cells or some cells, ordered by
    cell."""
    totals: dict[int, list[float]] = {}
    half, assumed = model.unlogged_weight, float(-np.expm1(-model.search_rate * model.unlogged_hours))
    for row in _stored(day, cells, f"source <= {Source.UNLOGGED:d}", model.half_life):
        sums = row.sum.at(day, model.search_rate, np.array([model.half_life]))
        weight = half if row.source == Source.UNLOGGED else 1.0
        seen = weight * (sums.sweeps[0] + assumed * sums.unlogged[0])
        last = np.nan if sums.last is None else sums.last
        total = totals.setdefault(row.cell, [0.0, 0.0, np.nan])
        total[0] += weight * sums.persons[0]
        total[1] += seen
        total[2] = float(np.fmax(total[2], last))
    order = sorted(totals)
    table = np.array([totals[cell] for cell in order]).reshape(-1, 3)
    return ledger.Sums(np.array(order, dtype=np.int64), *(table[:, column].copy() for column in range(3)))


def citizen_sums(
    states: cell_states.CellStates, params_of: dict[int, cell_states.TerritoryParams], where: NDArray[np.bool_]
) -> Floats:
    """Return the weight of erased citizens' reports in every cell, at the cell's day; 0 in cells outside ``where``."""
    found = np.zeros(len(states))
    for mask, params in states.by_model(params_of):
        here, life = mask & where, params.model.half_life
        if not here.any():
            continue
        cells = None if here.all() else states.cell[here].tolist()
        for row in _stored(float(states.day.max()), cells, f"source = {Source.CITIZEN:d}", life):
            at = int(np.searchsorted(states.cell, row.cell))
            if at < len(states) and states.cell[at] == row.cell and here[at]:
                weight = float(at_lives(row.sum.lives, row.sum.persons, np.array([life]))[0])
                found[at] = weight * 2.0 ** ((row.sum.day - float(states.day[at])) / life)
    return found


def reading_whether_citizens(cells: Collection[int]) -> prepared_statements.Statement:
    """Return the statement that tells whether a weight of erased citizens' reports is stored for some cells."""
    return _WHETHER_CITIZENS, [prepared_statements.array(cells), prepared_statements.array(regions_of(cells))]


_WHETHER_CITIZENS = (
    "SELECT EXISTS (SELECT FROM mapping_retainedevidence WHERE cell = ANY($1::bigint[]) AND region = ANY($2::bigint[]) "
    f"AND source = {Source.CITIZEN:d}) AS some"
)


def last_searches(cells: Collection[int]) -> dict[int, float]:
    """Return the day of the last erased search, by cell."""
    here = RetainedEvidence.objects.filter(cell__in=list(cells), region__in=regions_of(cells))
    rows = here.exclude(last=None).values_list("cell", "last")
    found: dict[int, float] = {}
    for cell, last in rows:
        found[cell] = max(found.get(cell, last or 0.0), last or 0.0)
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    cell: int
    source: int
    sum: Sum


def _stored(day: float, cells: Collection[int] | None, which: str, life: float) -> list[_Row]:
    """Load the stored sums up to a day. If a row has a sum for the wanted half-life, load only this sum; otherwise load
    all sums of the row."""
    columns = ", ".join(
        f"CASE WHEN lives @> ARRAY[$2::float8] THEN ARRAY[{name}[array_position(lives, $2)]] ELSE {name} END"
        for name in ("lives", *_SUMS)
    )
    found = prepared_statements.run(
        f"SELECT cell, source, day, rate, last, {columns} FROM mapping_retainedevidence WHERE {which} "
        f"AND day <= $1::float8"
        + ("" if cells is None else " AND cell = ANY($3::bigint[]) AND region = ANY($4::bigint[])"),
        [day, life, *([] if cells is None else map(prepared_statements.array, (cells, regions_of(cells))))],
    )
    return [_Row(cell, source, Sum.of(when, rate, arrays, last)) for cell, source, when, rate, last, *arrays in found]


# --- retaining --------------------------------------------------------------------------------------------------------


def retain(rows: ledger.EvidenceRows, until: float, now: datetime) -> None:
    """Retain the evidence of reports that will be erased. The caller's transaction holds the lock FOLD.

    rows: all evidence of those reports, already deleted from the stored evidence. until: a whole day number, later than
    the day of every row. The limit on
    citizens per cell and day is exact if the rows contain all evidence of their days.
    """
    if not len(rows):
        return
    models = _models_of(np.unique(rows.cell).tolist(), now)
    lives = lives_in_use()
    ours = rows.where(~rows.by_citizens)
    for source in (Source.LOGGED, Source.UNLOGGED):
        chosen = ours.where(ours.source == source)
        _merge(source, _sums_of(chosen, until, lives, models), lives)
    said = rows.where(rows.by_citizens)
    if len(said):
        _retain_citizens(said, until, lives, models)


def lives_in_use() -> Floats:
    """Return the half-lives of LADDER and of all versions of the parameters, in ascending order."""
    found = {float(life) for life in LADDER}
    for values in Parameters.objects.values_list("values", flat=True):
        found.add(Model.of(values).half_life)
    return np.array(sorted(found))


def _models_of(cells: Collection[int], now: datetime) -> dict[int, Model]:
    """Return the model in force by cell, for cells in a territory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cell, territory_id::int FROM volunteers_cell WHERE cell = ANY(%s)", [list(cells)])
        owners = dict(cursor.fetchall())
    params_of = cell_states.territory_params_of(set(owners.values()), now) if owners else {}
    return {cell: params_of[owner].model for cell, owner in owners.items()}


def _sums_of(rows: ledger.EvidenceRows, until: float, lives: Floats, models: dict[int, Model]) -> dict[int, Sum]:
    """Return the sums, at ``until``, of the given associations' rows, by cell. All rows have the same source type."""
    if not len(rows):
        return {}
    cells, place = np.unique(rows.cell, return_inverse=True)
    rate = np.array([models.get(cell, coverage_model.PUBLISHED).search_rate for cell in cells.tolist()])
    untimed, timed = np.isnan(rows.hours), np.nan_to_num(rows.hours) > 0
    seen = -np.expm1(-rate[place] * np.where(timed, np.minimum(np.nan_to_num(rows.hours), 1e6), 0.0))
    columns = (rows.persons, untimed * 1.0, timed * 1.0, seen)
    fade = np.exp2(-(until - rows.day)[:, None] / lives)
    tables = [np.zeros((len(cells), len(lives))) for _name in _SUMS]
    for table, column in zip(tables, columns, strict=True):
        np.add.at(table, place, column[:, None] * fade)
    last = np.full(len(cells), -np.inf)
    np.maximum.at(last, place[untimed | timed], rows.day[untimed | timed])
    return {
        cell: Sum.of(
            until, float(rate[number]), (lives, *(table[number] for table in tables)),
            float(last[number]) if np.isfinite(last[number]) else None,
        )
        for number, cell in enumerate(cells.tolist())
    }  # fmt: skip


def _merge(source: int, fresh: dict[int, Sum], lives: Floats) -> None:
    """Add sums to the stored sums of their cells."""
    stored = {row.cell: row for row in RetainedEvidence.objects.filter(source=source, cell__in=list(fresh))}
    made = []
    for cell, new in fresh.items():
        row = stored.get(cell)
        if row is not None:
            old = Sum.of(row.day, row.rate, (getattr(row, name) for name in ("lives", *_SUMS)), row.last)
            day = max(old.day, new.day)
            total = old.at(day, new.rate, lives)
            total.add(new.at(day, new.rate, lives))
            new = total
        made.append(
            RetainedEvidence(
                cell=cell, source=source, day=new.day, rate=new.rate, last=new.last, lives=lives.tolist(),
                **{name: getattr(new, name).tolist() for name in _SUMS},
            )
        )  # fmt: skip
    RetainedEvidence.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    RetainedEvidence.objects.bulk_create(made, batch_size=500)


def _retain_citizens(rows: ledger.EvidenceRows, until: float, lives: Floats, models: dict[int, Model]) -> None:
    """Retain the weight of citizens' rows for each half-life."""
    cells = np.unique(rows.cell)
    weights = np.zeros((len(cells), len(lives)))
    by_model: dict[Model, list[int]] = {}
    for cell in cells.tolist():
        by_model.setdefault(models.get(cell, coverage_model.PUBLISHED), []).append(cell)
    for model, members in by_model.items():
        chosen = rows.where(np.isin(rows.cell, members))
        where, day, weight = coverage_model.citizen_rows(model, chosen.cell, chosen.origin, chosen.day, chosen.source)
        np.add.at(weights, np.searchsorted(cells, where), weight[:, None] * np.exp2(-(until - day)[:, None] / lives))
    sums = {}
    for number, cell in enumerate(cells.tolist()):
        nothing = [np.zeros(len(lives)) for _name in _SUMS[1:]]
        rate = models.get(cell, coverage_model.PUBLISHED).search_rate
        sums[cell] = Sum.of(until, rate, (lives, weights[number], *nothing))
    _merge(Source.CITIZEN, sums, lives)


def merged(one: ledger.Sums, other: ledger.Sums) -> ledger.Sums:
    """Add two sets of sums, cell by cell. Both sets are from the same day."""
    if not len(other.cell):
        return one
    cells: NDArray[np.int64] = np.union1d(one.cell, other.cell)
    a, x = np.zeros(len(cells)), np.zeros(len(cells))
    last = np.full(len(cells), np.nan)
    for part in (one, other):
        at = np.searchsorted(cells, part.cell)
        a[at] += part.a
        x[at] += part.x
        last[at] = np.fmax(last[at], part.last)
    return ledger.Sums(cells, a, x, last)
