"""Read the checks of a territory and of the territories below it: calibration and causes over the last SHOWN_DAYS."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Sum
from django.utils import timezone

from mapping.coverage.cells.coverage_model import Floats
from mapping.enums import CheckFinding
from mapping.models import CheckedAssociation, CheckedDay, Parameters
from mapping.plans.parameters import versions
from mapping.plans.self_checks import causes, first_visits
from mapping.plans.self_checks.calibration import BANDS, COLUMNS, FACTORS, Calibration, calibration
from mapping.plans.self_checks.causes import Tally
from mapping.plans.self_checks.first_visits import WINDOW_DAYS, FirstVisits
from volunteers.models import Association, Territory
from volunteers.places.territories import people_counts

SHOWN_DAYS = 60
FIRST_TEST = date(2026, 1, 1)
"""Day on which the tests of a count begin if it is unknown when the count was entered."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Causes that were found. persons: (number of expected people that predicts the visits best, number now); None if
    the number now may be right. unlogged, different: associations whose tours log no time, and associations that search
    differently, by name. confirmed: share of citizens' reports that tours confirm, compared with other places; None if
    enough.
    proposal: open proposal of another half-life."""

    persons: tuple[float, float] | None
    unlogged: tuple[Association, ...]
    different: tuple[Association, ...]
    confirmed: float | None
    proposal: Parameters | None

    def __bool__(self) -> bool:
        return any((self.persons is not None, self.unlogged, self.different, self.confirmed is not None, self.proposal))


@dataclass(frozen=True, slots=True)
class PastChecks:
    """Result of the checks of the last days. first, last: first and last day; None without any. first_visits: None if
    the territory depends on no single count with a source."""

    calibration: Calibration
    causes: Causes
    first_visits: FirstVisits | None
    first: date | None
    last: date | None


def past_checks(territory: Territory, today: date) -> PastChecks:
    """Read the checks of the last days before ``today``."""
    rows = _rows(territory, today)
    place = _places(rows)
    found = _found(_tours(territory, place), place)
    meetings, reported = (
        Tally(*_by_day(((place[row.day], getattr(row, name)) for row in rows), len(place), 4).T)
        for name in ("meetings", "reported")
    )
    named = Causes(
        persons=_persons(territory, rows, place),
        unlogged=found[CheckFinding.UNLOGGED],
        different=found[CheckFinding.SEARCH],
        confirmed=causes.unconfirmed(reported, meetings),
        proposal=_other_half_life(territory),
    )
    visits = first_visits_of(territory, today)
    return PastChecks(_calibration(rows, place), named, visits, min(place, default=None), max(place, default=None))


def associations_found(territory: Territory, today: date) -> dict[CheckFinding, tuple[Association, ...]]:
    """Return the associations about which the checks of the last days find something, by kind."""
    place = _places(_rows(territory, today))
    return _found(_tours(territory, place), place)


def _tours(territory: Territory, place: dict[date, int]) -> list[CheckedAssociation]:
    below = Territory.objects.under(territory).values("pk")
    return list(CheckedAssociation.objects.filter(territory__in=below, day__in=list(place)))


def _found(tours: list[CheckedAssociation], place: dict[date, int]) -> dict[CheckFinding, tuple[Association, ...]]:
    return {
        CheckFinding.UNLOGGED: _associations(_without_time(tours)),
        CheckFinding.SEARCH: _associations(causes.different_search(_tallies(tours, place))),
    }


def first_visits_of(territory: Territory, today: date) -> FirstVisits | None:
    """Return the first visits of the last days under the present count, in the territories under this one that depend on
    the same count; None if this count has no source.

    Each test lasts WINDOW_DAYS, beginning on the day after the count was entered; then the next test begins.
    """
    in_force = people_counts.count_in_force(territory)
    if in_force is None:
        return None
    same = [pk for pk, one in people_counts.counts_in_force().items() if one.owner == in_force.owner]
    entered = in_force.count.entered_at
    begin = (timezone.localtime(entered).date() if entered else FIRST_TEST) + timedelta(days=1)
    test = begin + timedelta(days=(today - begin).days // WINDOW_DAYS * WINDOW_DAYS)
    since = max(begin, today - timedelta(days=WINDOW_DAYS))
    rows = CheckedDay.objects.filter(
        territory__in=Territory.objects.under(territory).filter(pk__in=same).values("pk"), day__gte=min(test, since)
    ).exclude(first_visits=[])
    by_day: dict[date, Floats] = defaultdict(lambda: np.zeros(len(first_visits.COLUMNS)))
    for row in rows:
        by_day[row.day] += row.first_visits
    days = sorted(by_day)

    def table(start: date) -> Floats:
        return np.array([by_day[day] for day in days if day >= start]).reshape(-1, len(first_visits.COLUMNS))

    return first_visits.over_days(table(since), table(test) if in_force.owner == territory.pk else table(date.max))


def recent_calibration(territory: Territory, today: date) -> Calibration:
    """Return the calibration over the last days before ``today``."""
    rows = _rows(territory, today)
    return _calibration(rows, _places(rows))


def time_is_logged(territory: Territory, today: date, least: int) -> bool:
    """Whether at least ``least`` tours were checked in the last days in a territory and below it, and most of them logged
    their time."""
    since = today - timedelta(days=SHOWN_DAYS)
    below = Territory.objects.under(territory).values("pk")
    sums = CheckedAssociation.objects.filter(territory__in=below, day__gte=since).aggregate(
        tours=Sum("tours", default=0), unlogged=Sum("unlogged", default=0)
    )
    return bool(sums["tours"] >= least and sums["unlogged"] < causes.UNLOGGED_SHARE * sums["tours"])


def _rows(territory: Territory, today: date) -> list[CheckedDay]:
    below = Territory.objects.under(territory).values("pk")
    since = today - timedelta(days=SHOWN_DAYS)
    return list(CheckedDay.objects.filter(territory__in=below, day__gte=since).order_by("day"))


def _places(rows: list[CheckedDay]) -> dict[date, int]:
    """Return the position of each day."""
    return {day: number for number, day in enumerate(sorted({row.day for row in rows}))}


def _calibration(rows: list[CheckedDay], place: dict[date, int]) -> Calibration:
    bands = _by_day(((place[row.day], row.bands) for row in rows), len(place), BANDS * len(COLUMNS))
    return calibration(bands.reshape(len(place), BANDS, len(COLUMNS)))


def _by_day(rows: Iterable[tuple[int, list[float]]], days: int, width: int) -> Floats:
    found = np.zeros((days, width))
    for day, sums in rows:
        found[day] += sums
    return found


def _persons(territory: Territory, rows: list[CheckedDay], place: dict[date, int]) -> tuple[float, float] | None:
    """Return the best number of expected people and the number now; None if there is nothing to change.

    A territory's expected people come from itself or from the nearest territory above it that has a number. A change of
    the number of ``territory`` affects only the territories below that inherit it, so only these count.
    """
    tree = {each.pk: each for each in Territory.objects.under(territory).defer("polygon").select_related("coverage")}
    same = {pk for pk, each in tree.items() if _follows(each, territory, tree)}
    used = [row for row in rows if row.territory_id in same]
    if not used:
        return None
    likelihoods = _by_day(((place[row.day], row.likelihoods) for row in used), len(place), len(FACTORS))
    visits = sum(row.meetings[0] for row in used)
    factor = causes.expected_people_factor(likelihoods) if visits >= causes.LEAST_VISITS else None
    if factor is None:
        return None
    now = territory.expected_persons
    if now is None:
        now = sum(tree[pk].coverage.m0 * tree[pk].cells.count() for pk in same)
    return factor * now, now


def _follows(each: Territory, territory: Territory, tree: dict[int, Territory]) -> bool:
    """Whether the expected people of ``each`` come from ``territory``, or would come from it if a number were entered
    there."""
    step = each
    while step.pk != territory.pk:
        if step.expected_persons is not None or step.parent_id is None:
            return False
        step = tree[step.parent_id]
    return True


def _without_time(rows: list[CheckedAssociation]) -> list[int]:
    tours: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        tours[row.association_id][0] += row.tours
        tours[row.association_id][1] += row.unlogged
    return [key for key, (number, unlogged) in tours.items() if causes.logs_no_time(number, unlogged)]


def _tallies(rows: list[CheckedAssociation], place: dict[date, int]) -> dict[int, Tally]:
    sums: dict[int, Floats] = defaultdict(lambda: np.zeros((4, len(place))))
    for row in rows:
        sums[row.association_id][:, place[row.day]] += (row.visits, row.expected, row.met, row.variance)
    return {key: Tally(*table) for key, table in sums.items()}


def _associations(keys: Iterable[int]) -> tuple[Association, ...]:
    """Return associations in alphabetical order, never by a figure."""
    return tuple(Association.objects.filter(pk__in=list(keys)).order_by("name"))


def _other_half_life(territory: Territory) -> Parameters | None:
    """Return the open nightly proposal of another half-life."""
    own = Parameters.objects.in_force(territory).values.get("half_life")
    open_now = Parameters.objects.proposals().filter(territory=territory).order_by("-version")
    learnt = (row for row in open_now if row.grounds.get("kind") != versions.CUT)
    return next((row for row in learnt if row.values.get("half_life") != own), None)
