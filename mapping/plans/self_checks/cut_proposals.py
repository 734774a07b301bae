"""Propose a threshold of P with a better expected F1. Nothing is applied automatically (docs/adr/0014).

A threshold is proposed where the checks show that P is calibrated, and once after a new count of people: where fewer
people live, the usual threshold is too high, and the checks need weeks to see it. Without logged time P is too high, so
then a count is no reason for a threshold; neither is a count that does not fit what teams find (docs/adr/0069).
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_noop

from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.models import Parameters, Prediction
from mapping.plans.parameters import versions
from mapping.plans.self_checks import past_checks
from mapping.plans.self_checks.calibration import Calibration, expected_f1, expected_f1_cut
from mapping.plans.self_checks.past_checks import recent_calibration
from mapping.plans.self_checks.predicting import COLUMNS, unpacked
from volunteers.models import Territory
from volunteers.places.territories import people_counts
from volunteers.places.territories.people_counts import PeopleCount

log = logging.getLogger(__name__)

LEAST_STEP, LEAST_GAIN = 0.03, 0.01  # smaller changes of the threshold and of expected F1 are not proposed
LEAST_GAIN_OF_COUNT = 0.005
LOWEST, HIGHEST = 0.06, 0.9
LEAST_TOURS = 10  # tours in 60 days, to see whether teams log their time
REASON = gettext_noop("Names the right zones more often, because the map is calibrated here")
REASON_OF_COUNT = gettext_noop("Names the right zones more often with the new count of people")


@dataclass(frozen=True, slots=True)
class Cut:
    """A new threshold of P for under-covered cells, the lower value of P at which a cell stops being under-covered, and
    the expected F1 with the present and with the new threshold."""

    under_covered_at: float
    leave_under_covered_at: float
    before: float
    after: float


def best_cut(model: Model, chances: Floats, least_gain: float = LEAST_GAIN) -> Cut | None:
    """Return the threshold to propose; None if the present threshold is about as good. The new threshold stays above
    the limits of covered cells. least_gain: smallest gain of expected F1."""
    wanted, _score = expected_f1_cut(chances)
    cut = round(float(np.clip(wanted, max(LOWEST, model.leave_covered_at + 0.01), HIGHEST)), 2)
    leave = round(max(cut * model.leave_under_covered_at / model.under_covered_at, model.covered_at + 0.01), 2)
    before, after = expected_f1(chances, model.under_covered_at), expected_f1(chances, cut)
    if abs(cut - model.under_covered_at) < LEAST_STEP or after - before < least_gain:
        return None
    return Cut(cut, min(leave, cut), before, after)


def propose_cuts(now: datetime | None = None) -> int:
    """Check every territory with a prediction; return the number of new proposals."""
    moment = now or timezone.now()
    newest = Prediction.objects.order_by("territory_id", "-day").distinct("territory_id").select_related("territory")
    counted, found = set(people_counts.counts_in_force()), 0
    for row in newest.defer("territory__polygon"):
        if row.territory_id in counted:
            found += _propose(row, moment) is not None
        else:
            _withdraw(row.territory)
    return found


def _propose(row: Prediction, now: datetime) -> Parameters | None:
    territory: Territory = row.territory
    found = recent_calibration(territory, timezone.localtime(now).date())
    current = Parameters.objects.in_force(territory)
    model = Model.of(current.values)
    chances = unpacked(bytes(row.table))[1][COLUMNS.index("chance")]
    count = None if found.holds else _new_count(territory, current, row.made_at, now)
    cut = None
    if found.holds:
        cut = best_cut(model, chances)
    elif count is not None:
        cut = best_cut(model, chances, LEAST_GAIN_OF_COUNT)
    if cut is None:
        _withdraw(territory)
        return None
    if _was_made(territory, current, cut):
        return None
    values = versions.values_of(current)
    values |= {
        "under_covered_at": cut.under_covered_at,
        "leave_under_covered_at": cut.leave_under_covered_at,
    }
    log.info("A proposal of a cut for a territory is stored.")
    reason, grounds = REASON, _grounds(found, cut, model, current)
    if count is not None:
        reason, grounds = REASON_OF_COUNT, grounds | {"count": count.persons}
    return versions.propose(territory, values, reason, grounds)


def _new_count(territory: Territory, current: Parameters, predicted_at: datetime, now: datetime) -> PeopleCount | None:
    """Return the count on which a territory depends, if it is newer than the parameters in force, the map was predicted
    with it, teams log their time, and the count does not contradict what they find; else None."""
    in_force = people_counts.count_in_force(territory)
    entered = in_force.count.entered_at if in_force is not None else None
    if in_force is None or entered is None or not current.made_at < entered < predicted_at:
        return None
    today = timezone.localtime(now).date()
    owner = Territory.objects.get(pk=in_force.owner)
    visits = past_checks.first_visits_of(owner, today)
    if not past_checks.time_is_logged(owner, today, LEAST_TOURS) or (visits is not None and visits.alarm):
        return None
    return in_force.count


def _withdraw(territory: Territory) -> None:
    """Close the open proposal of a threshold, because the reason for it no longer exists."""
    for older in Parameters.objects.proposals().filter(territory=territory, grounds__kind=versions.CUT):
        versions.close(older, "superseded", "", None)


def _was_made(territory: Territory, current: Parameters, cut: Cut) -> bool:
    """Whether a proposal of about the same threshold is open, or was declined, for the version in force."""
    return any(
        row.grounds.get("base") == current.pk
        and row.grounds.get("outcome") in (None, "declined")
        and abs(row.values["under_covered_at"] - cut.under_covered_at) < LEAST_STEP
        for row in Parameters.objects.filter(territory=territory, proposed=True, grounds__kind=versions.CUT)
    )


def _grounds(found: Calibration, cut: Cut, model: Model, current: Parameters) -> dict[str, object]:
    return {
        "base": current.pk,
        "kind": versions.CUT,
        "visits": found.places,
        "error": found.error,
        "upper": found.upper,
        "current": {"under_covered_at": model.under_covered_at, "expected_f1": cut.before},
        "proposed": {"under_covered_at": cut.under_covered_at, "expected_f1": cut.after},
    }
