"""A tour in Nord with needs beside it, for the tests of tour stops."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import StopOutcome
from needs.models import Need, PlannedTour, Tour, TourStop
from needs.tours import planning
from needs.tours.tour_stops import stop_accepting, stop_outcomes
from needs.tours.tour_stops.stop_outcomes import Report
from needs.tours.tour_stops.trips import Trip, own_trip
from solidarity.lib import grid
from tests import filing_verbs
from tests.support import Cast
from volunteers.models import User

LAT, LNG = 48.8661, 2.3413
EAST = 0.0048
"""Degrees of longitude between the centres of two neighbouring cells, about."""
WORDS = "under the third arch"


def cell_at(steps: float = 0) -> int:
    """The cell some steps east of the start."""
    return grid.cell_of(LAT, LNG + EAST * steps)


def a_need(steps: float = 0, *, state: str = "open", hours: float = 2, **fields: Any) -> Need:
    """A need some steps east of the start. Its exact place is not in the middle of its cell."""
    values = {"kinds": ["food"], "urgency": "soon", "persons": 1, "place_text": WORDS, **fields}
    draft = NeedDraft(at=timezone.now() - timedelta(hours=hours), place=DraftPlace(LAT, LNG + EAST * steps), **values)
    filing_verbs.report_need(draft, state=state)
    return Need.objects.get(pk=draft.id)


def a_plan(
    cast: Cast, *, steps: tuple[float, ...] = (0, 1, 2, 3), author: User | None = None, **fields: Any
) -> PlannedTour:
    values = {"start": timezone.now() + timedelta(hours=2), "minutes": 120, **fields}
    cells = list(dict.fromkeys(cell_at(step) for step in steps))
    return PlannedTour.objects.create(association=cast.maraude, author=author or cast.bob, cells=cells, **values)


def trip_of(user: User, of: PlannedTour | Tour) -> Trip:
    return own_trip(user, of.pk)


def started(cast: Cast, plan: PlannedTour, user: User | None = None) -> Tour:
    """Start the tour of a plan."""
    return planning.start_planned(plan, author=(user or cast.bob).pk, walkers=2)


def on_tour(cast: Cast, *needs: Need, user: User | None = None) -> tuple[Tour, list[TourStop]]:
    """A tour under way that holds needs, and its stops in the order of the needs."""
    who = user or cast.bob
    plan = a_plan(cast)
    done = stop_accepting.accept(trip_of(who, plan), [need.pk for need in needs], who)
    assert done.added == len(needs), done
    stops = {stop.need_id: stop for stop in TourStop.objects.filter(plan=plan)}
    return started(cast, plan, who), [stops[need.pk] for need in needs]


def said(outcome: StopOutcome, at: datetime | None = None, **fields: Any) -> Report:
    return Report(uuid.uuid4(), outcome, at or timezone.now(), **fields)


def record(tour: Tour, stop: TourStop, outcome: StopOutcome, user: User, **fields: Any) -> TourStop:
    return stop_outcomes.record(tour, stop.pk, said(outcome, **fields), user)
