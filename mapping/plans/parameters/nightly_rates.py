"""Estimate the rates of all territories each night, store them as versions, and put them in force."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import cell_states, ledger
from mapping.coverage.cells.cell_states import TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.citizen_rates import group_sizes
from mapping.coverage.citizen_rates.rate_estimates import WINDOW_DAYS, estimate
from mapping.coverage.folding import fold, rebuild, region_locks
from mapping.models import CitizenRates, Evidence, Recompute, evidence_day
from needs.base.retention_rules.retention_periods import PERIODS
from solidarity.lib import cell_geometry

_NO_DECAY = 1e9  # half-life in days


def renew(now: datetime | None = None) -> Recompute | None:
    """Store a new version of the rates of each territory where teams log searches, and the sizes of groups, and recompute
    all cells with them, in one transaction. Return None if there is no such territory. Safe to run while folds run, because this
    function holds the same lock."""
    with transaction.atomic():
        region_locks.lock_all()
        logging = _logging(now or timezone.now())
        if not logging:
            return None
        fold.store_waiting()
        moment = now or timezone.now()  # not earlier than the reports that were just stored
        CitizenRates.objects.bulk_create(_estimated(moment, logging))
        group_sizes.renew(moment)
        run = rebuild.recompute_all(moment, job="rates")
    return run


def _logging(moment: datetime) -> dict[int, TerritoryParams]:
    """Return the parameters of each territory that has cells and logs searches."""
    params_of = cell_states.territory_params_of(moment=moment)
    zoned = np.unique(rebuild.zoned_grid().territory).tolist()
    return {territory: params_of[territory] for territory in zoned if not params_of[territory].presence_only}


def _estimated(moment: datetime, params_of: Mapping[int, TerritoryParams]) -> list[CitizenRates]:
    """Return a new, unsaved version of each territory."""
    whole, today = rebuild.zoned_grid(), evidence_day(moment)
    since = today - min(WINDOW_DAYS, PERIODS["REPORT_DAYS"].value)
    said = ledger.citizens_until(today, since)
    searches = {
        model: ledger.association_sums(replace(model, half_life=_NO_DECAY), today, of=f"e.day > {since!r}")
        for model in {params.model for params in params_of.values()}
    }
    made = []
    for territory, params in params_of.items():
        cells = whole.cell[whole.territory == territory]
        days = _days_with_evidence(cells.tolist(), since, today)
        seen, sweeps = _of_cells(searches[params.model], cells)
        found = estimate(params.model, params.m0, cells, seen, sweeps, said, days)
        values = asdict(found) | {"quarters": found.quarters.tolist(), "rates": found.rates.tolist()}
        made.append(CitizenRates(territory_id=territory, made_at=moment, day=today, days=days, **values))
    return made


def _days_with_evidence(cells: Sequence[int], since: float, today: float) -> float:
    """Return the number of days from the first stored evidence in the cells after ``since`` until today. Earlier days
    do not count, because nobody could report here yet."""
    rows = Evidence.objects.filter(cell__in=cells, day__gt=since, day__lte=today)
    first: float | None = rows.aggregate(first=Min("day"))["first"]
    return 0.0 if first is None else today - first


def _of_cells(sums: ledger.Sums, cells: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return A and X of each cell; ``cells`` are in ascending order."""
    seen, sweeps = np.zeros(len(cells)), np.zeros(len(cells))
    at, known = cell_geometry.rows_of(sums.cell, cells)
    seen[at[known]], sweeps[at[known]] = sums.a[known], sums.x[known]
    return seen, sweeps


def superseded(now: datetime) -> QuerySet[CitizenRates]:
    """Return the versions that no zone or release can refer to any more, because a newer version has been in force for
    the whole time for which reports are kept."""
    limit = now - PERIODS["REPORT_DAYS"].length
    newer = CitizenRates.objects.filter(
        territory=OuterRef("territory"), made_at__gt=OuterRef("made_at"), made_at__lte=limit
    )
    return CitizenRates.objects.filter(Exists(newer))
