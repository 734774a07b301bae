"""Nightly proposals for half-life and neighbour weight, computed from a territory's own past. The proposals change no
parameters.

mapping.plans.parameters.learning computes the scores. A proposal is stored if the gain exceeds two standard errors and there
is enough past evidence. Coordinators accept or decline it on the page of parameters.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from mapping.coverage.cells import cell_states, coverage_model, ledger
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.coverage.citizen_rates.rates_in_force import rates_in_force
from mapping.models import Parameters, evidence_day
from mapping.plans.parameters import learning, versions
from mapping.plans.parameters.learning import Learnt, Past
from needs.enums import ReportKind
from solidarity.lib import grid
from volunteers.models import Territory
from volunteers.places.territories import people_counts

log = logging.getLogger(__name__)

LONGEST_DAYS = 400.0  # length of the period of past evidence that is used
LEAST_VISITS, LEAST_TOURS, LEAST_DAYS = 300, 40, 21.0
LEAST_REPORTS, LEAST_WEEKS = 300, 8

REASON = gettext_noop("Predicts the past of this territory better")


def propose_all() -> int:
    """Check every zoned territory; return the number of new proposals."""
    found = 0
    for territory in (
        Territory.objects.zoned()
        .exclude(coverage__model=None)
        .select_related("coverage")
        .defer("polygon")
        .order_by("path")
    ):
        found += propose(territory) is not None
    return found


def propose(territory: Territory, now: datetime | None = None) -> Parameters | None:
    """Store and return the proposal for a territory; return None if there is nothing to propose or the proposal was
    already made. Without a count nothing is proposed and open proposals are closed: what a territory's past says about
    the parameters depends on the number of people expected."""
    moment = now or timezone.now()
    current = Parameters.objects.in_force(territory)
    counted = people_counts.count_in_force(territory) is not None
    for older in Parameters.objects.proposals().filter(territory=territory):
        if not counted or older.grounds.get("base") != current.pk:
            versions.close(older, "superseded", "", None)
    if not counted:
        return None
    model, past = past_of(territory, Model.of(current.values), moment)
    learnt = estimate(model, past, presence_only=territory.coverage.presence_only)
    if learnt is None or not learnt.worth_it:
        return None
    values = versions.values_of(current)
    values["half_life"], values["neighbour_weight"] = learnt.best
    if _was_made(territory, current, learnt):
        return None
    log.info("A proposal of parameters for a territory is stored.")
    return versions.propose(
        territory, values, REASON, _grounds(learnt, model, past, current, territory.coverage.presence_only)
    )


def estimate(model: Model, past: Past, *, presence_only: bool) -> Learnt | None:
    """Score half-lives and neighbour weights on past evidence; return None if there is too little evidence."""
    visits = ~np.isnan(past.met) & past.inside[past.cell]
    if presence_only:
        inside = past.inside[past.cell]
        if int(inside.sum()) < LEAST_REPORTS or np.ptp(past.day) < 7 * (LEAST_WEEKS + learning.WARM_UP_WEEKS):
            return None
        return learning.of_reports(model, past)
    days = past.day[visits]
    if len(days) < LEAST_VISITS or len(np.unique(days)) < LEAST_TOURS or np.ptp(days) < LEAST_DAYS:
        return None
    return learning.of_visits(model, past)


def past_of(territory: Territory, model: Model, now: datetime) -> tuple[Model, Past]:
    """Return the past evidence in a territory's cells and their neighbours, and the model adapted to the size of its
    cells."""
    own = list(territory.cells.order_by("cell").values_list("cell", flat=True))
    around = {other for cell in own for other in grid.neighbours(cell)}
    cells = sorted(around | set(own))
    position = {cell: row for row, cell in enumerate(cells)}
    near = np.full((len(cells), 6), len(cells), dtype=np.int64)
    for cell in own:
        ring = [position[other] for other in grid.neighbours(cell)]
        near[position[cell], : len(ring)] = ring
    inside = np.zeros(len(cells), dtype=bool)
    inside[[position[cell] for cell in own]] = True
    fitted = cell_states.territory_params_of([territory.pk], now)[territory.pk].model
    model = replace(model, search_rate=fitted.search_rate, citizen_search=fitted.citizen_search)
    evidence = ledger.stored_rows(cells)
    rows, kinds = evidence.rows, np.array(evidence.kinds, dtype=np.int64)
    today = evidence_day(now)
    known = (rows.day <= today) & (rows.day > today - LONGEST_DAYS)
    teams = known & ~rows.by_citizens & ~(rows.hours == 0)
    mine = rows.where(teams)
    weight = coverage_model.weights(model, mine.source)
    looked = coverage_model.sweeps(model, mine.hours, np.ones(len(mine)))
    # All passes of a tour through a cell are one visit, because the people met are recorded for all passes together.
    _numbers, first, visit = np.unique(evidence.visit[teams], return_index=True, return_inverse=True)

    def per_visit(values: Floats) -> Floats:
        return np.bincount(visit, values, minlength=len(first)).astype(np.float64)

    tour = kinds[teams][first] == ReportKind.TOUR
    cited = rows.where(known & rows.by_citizens)
    told_in, told_on, trust = coverage_model.citizen_rows(model, cited.cell, cited.origin, cited.day, cited.source)
    nothing = np.full(len(told_in), np.nan)
    table = np.array(cells, dtype=np.int64)
    return model, Past(
        cell=np.searchsorted(table, np.concatenate([mine.cell[first], told_in])).astype(np.int64),
        day=np.r_[mine.day[first], told_on],
        persons=np.r_[per_visit(weight * mine.persons), trust],
        sweeps=np.r_[per_visit(weight * looked), np.zeros(len(told_in))],
        met=np.r_[np.where(tour, per_visit(mine.persons), np.nan), nothing],
        seen=np.r_[np.where(tour, per_visit(looked), np.nan), nothing],
        told=np.r_[np.zeros(len(first), dtype=bool), np.ones(len(told_in), dtype=bool)],
        near=near,
        inside=inside,
        rate=_rates(table, territory, now),
        m0=territory.coverage.m0,
    )


def _rates(cells: NDArray[np.int64], territory: Territory, now: datetime) -> Floats:
    """Return the rate κ of each cell in its territory; 0 where nobody logs searches."""
    params_of = cell_states.territory_params_of([territory.pk], now)
    return rates_in_force(cells, np.full(len(cells), territory.pk, dtype=np.int32), params_of, now)


def _was_made(territory: Territory, current: Parameters, learnt: Learnt) -> bool:
    """Whether the same proposal for the same version already exists, either open or declined."""
    wanted = {"half_life": learnt.best[0], "neighbour_weight": learnt.best[1]}
    return any(
        row.grounds.get("base") == current.pk
        and row.grounds.get("outcome") in (None, "declined")
        and all(row.values[name] == value for name, value in wanted.items())
        for row in Parameters.objects.filter(territory=territory, proposed=True)
    )


def _grounds(learnt: Learnt, model: Model, past: Past, current: Parameters, presence_only: bool) -> dict[str, Any]:
    """Return the reasons for a proposal as JSON types: log likelihoods per observation, and the gain over all
    observations."""
    count = learnt.observations
    return {
        "base": current.pk,
        "kind": "reports" if presence_only else "visits",
        "from": float(past.day.min()),
        "to": float(past.day.max()),
        "observations": count,
        "groups": learnt.groups,
        "current": {
            "half_life": model.half_life,
            "neighbour_weight": model.neighbour_weight,
            "log_likelihood": learnt.current / count,
        },
        "proposed": {
            "half_life": learnt.best[0],
            "neighbour_weight": learnt.best[1],
            "log_likelihood": learnt.best_score / count,
        },
        "gain": learnt.gain,
        "standard_error": learnt.standard_error,
    }
