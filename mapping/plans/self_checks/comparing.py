"""Compare stored predictions with the tours of the 24 hours after them. Only sums are stored; the prediction is
deleted.

A day is compared when it is WAIT_DAYS old, because reports can be late. Only tours count, because an encounter outside
a tour is filed only if somebody was met. Visits without logged time are counted, but not compared.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.enums import Source
from mapping.models import CheckedAssociation, CheckedDay, Evidence, Prediction, evidence_day
from mapping.plans.self_checks import calibration, first_visits
from mapping.plans.self_checks.calibration import Visits
from mapping.plans.self_checks.predicting import COLUMNS, unpacked
from needs.enums import ReportKind
from volunteers.models import Association
from volunteers.places.territories import people_counts

WAIT_DAYS = 3
WINDOW = timedelta(days=1)
REPORTED_DAYS = 7.0  # number of days before a prediction in which a citizens' report counts as a claim about its cell


@dataclass(frozen=True, slots=True)
class TourRows:
    """The tours' evidence in a period: one row per pass of a tour through a cell. report: number of the tour. hours:
    search time in hours; NaN if no time was logged."""

    cell: NDArray[np.int64]
    report: NDArray[np.int64]
    origin: NDArray[np.int64]
    met: Floats
    hours: Floats

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "TourRows":
        return TourRows(*(getattr(self, name)[rows] for name in self.__slots__))


def compare_due(now: datetime | None = None) -> int:
    """Compare all predictions that are old enough; return the number of days and territories."""
    today = timezone.localtime(now or timezone.now()).date()
    due = Prediction.objects.filter(day__lte=today - timedelta(days=WAIT_DAYS))
    return sum(compare(day) for day in due.order_by("day").values_list("day", flat=True).distinct())


@transaction.atomic
def compare(day: date) -> int:
    """Compare the predictions of a local day with the tours after them, store the sums and delete the predictions."""
    predictions = list(Prediction.objects.filter(day=day).select_for_update())
    by_time: dict[datetime, list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        by_time[prediction.made_at].append(prediction)
    following = Prediction.objects.filter(day=day + timedelta(days=1)).order_by("made_at").first()
    days: list[CheckedDay] = []
    associations: list[CheckedAssociation] = []
    shares = _shares(predictions)
    for made_at, made in by_time.items():
        # Each visit counts only once, even if the next prediction was made early.
        end = min(made_at + WINDOW, following.made_at) if following else made_at + WINDOW
        tours, claims, searched = _tours(made_at, end), _claims(made_at), _searched(made_at)
        known = set(Association.objects.filter(pk__in=np.unique(tours.origin).tolist()).values_list("pk", flat=True))
        for prediction in made:
            cell, columns = unpacked(bytes(prediction.table))
            here = tours.where(np.isin(tours.cell, cell))
            if len(here.cell):
                share = shares.get(prediction.territory_id)
                days.append(_sums(prediction, cell, columns, here, claims, searched, share))
                associations += _by_association(prediction, cell, columns, here, known)
    CheckedDay.objects.bulk_create(days, ignore_conflicts=True)
    CheckedAssociation.objects.bulk_create(associations, ignore_conflicts=True)
    Prediction.objects.filter(pk__in=[prediction.pk for prediction in predictions]).delete()
    return len(predictions)


def _tours(start: datetime, end: datetime) -> TourRows:
    rows = Evidence.objects.filter(
        kind=ReportKind.TOUR, day__gt=evidence_day(start), day__lte=evidence_day(end), source__lte=Source.UNLOGGED
    ).exclude(hours=0)
    columns = list(zip(*rows.values_list("cell", "report", "origin", "persons", "hours"), strict=True)) or [()] * 5
    numbered = np.unique(np.array([str(report) for report in columns[1]]), return_inverse=True)[1]
    return TourRows(
        np.array(columns[0], dtype=np.int64), numbered.astype(np.int64), np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.float64), np.array(columns[4], dtype=np.float64),
    )  # fmt: skip


def _claims(made_at: datetime) -> NDArray[np.int64]:
    """Return the cells, in order, that citizens reported in the days before a prediction."""
    day = evidence_day(made_at)
    rows = Evidence.objects.filter(source__gte=Source.CITIZEN_ACCOUNT, day__gt=day - REPORTED_DAYS, day__lte=day)
    return np.array(sorted(rows.values_list("cell", flat=True).distinct()), dtype=np.int64)


def _searched(made_at: datetime) -> NDArray[np.int64]:
    """Return the cells, in order, that an association had searched in the days before a prediction."""
    day = evidence_day(made_at)
    rows = Evidence.objects.filter(
        source__lte=Source.UNLOGGED, day__gt=day - first_visits.UNSEARCHED_DAYS, day__lte=day
    ).exclude(hours=0)
    return np.array(sorted(rows.values_list("cell", flat=True).distinct()), dtype=np.int64)


def _shares(predictions: Iterable[Prediction]) -> dict[int, float]:
    """Return, for each territory with a count that has a source, the people counted ÷ the people that the map estimated
    in all territories that depend on the same count."""
    in_force = people_counts.counts_in_force()
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    owner_of: dict[int, int] = {}
    for prediction in predictions:
        if prediction.territory_id in in_force:
            owner = owner_of[prediction.territory_id] = in_force[prediction.territory_id].owner
            cell, columns = unpacked(bytes(prediction.table))
            shape, rate = (columns[COLUMNS.index(name)] for name in ("shape", "rate"))
            sums[owner][0] += prediction.m0 * len(cell)
            sums[owner][1] += float((shape / rate).sum())
    return {territory: sums[owner][0] / max(sums[owner][1], 1e-9) for territory, owner in owner_of.items()}


def _logged(
    prediction: Prediction, cell: NDArray[np.int64], columns: Floats, tours: TourRows
) -> tuple[TourRows, Visits]:
    """Return the visits with logged time. All passes of a tour through a cell are one visit."""
    rows = tours.where(~np.isnan(tours.hours))
    sweeps = coverage_model.sweeps(Model.of(prediction.values), rows.hours, np.ones(len(rows.hours)))
    place = np.searchsorted(cell, rows.cell)
    shape, rate, theta, chance, near_a, near_x = columns[:, place]
    single = Visits(shape, rate, theta, chance, near_a, near_x, sweeps, rows.met)
    first, visits = _added(single, rows.report * len(cell) + place)
    return rows.where(first), visits


def _added(visits: Visits, key: NDArray[np.int64]) -> tuple[NDArray[np.int64], Visits]:
    """Add up the sweeps and the people met of the visits with the same key; return the position of the first of
    each."""
    _keys, first, place = np.unique(key, return_index=True, return_inverse=True)
    sweeps, met = (np.bincount(place, column, len(first)) for column in (visits.sweeps, visits.met))
    return first, replace(visits.where(first), sweeps=sweeps, met=met)


def _sums(
    prediction: Prediction,
    cell: NDArray[np.int64],
    columns: Floats,
    tours: TourRows,
    claims: NDArray[np.int64],
    searched: NDArray[np.int64],
    share: float | None,
) -> CheckedDay:
    """Return the sums over the places visited in a territory. All tours through a cell are one visit, because they meet
    the same people. Their sweeps and counts are added up. claims, searched: cells that citizens reported, and that an
    association searched, before the prediction. share: as in ``_shares``."""
    rows, single = _logged(prediction, cell, columns, tours)
    first, visits = _added(single, rows.cell)
    model = Model.of(prediction.values)
    fresh = visits.where(~np.isin(rows.cell[first], searched))
    return CheckedDay(
        territory_id=prediction.territory_id,
        day=prediction.day,
        bands=calibration.band_sums(visits).ravel().tolist(),
        likelihoods=calibration.expected_people_likelihoods(model, prediction.m0, visits).tolist(),
        meetings=calibration.meeting_sums(visits).tolist(),
        reported=calibration.meeting_sums(visits.where(np.isin(rows.cell[first], claims))).tolist(),
        first_visits=[] if share is None else first_visits.first_visit_sums(fresh, share).tolist(),
    )


def _by_association(
    prediction: Prediction, cell: NDArray[np.int64], columns: Floats, tours: TourRows, known: set[int]
) -> Iterable[CheckedAssociation]:
    """Yield the sums of each association that toured in a territory. known: associations that still exist."""
    rows, visits = _logged(prediction, cell, columns, tours)
    for association in sorted(known & set(tours.origin.tolist())):
        mine, own = tours.origin == association, rows.origin == association
        number = len(np.unique(tours.report[mine]))
        timed = len(np.unique(rows.report[own]))
        part = visits.where(own)
        yield CheckedAssociation(
            territory_id=prediction.territory_id, day=prediction.day, association_id=association, tours=number,
            unlogged=number - timed, visits=len(part), expected=float(part.expected.sum()), met=float(part.met.sum()),
            variance=float(part.spread.sum()),
        )  # fmt: skip
