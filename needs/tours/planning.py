"""Changes of planned tours: making, changing, cancelling and starting a plan."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from needs.enums import TourMode
from needs.models import PlannedTour, Tour
from needs.reports import filing
from needs.signals import tour_over
from needs.tours.tour_seats import seat_news, seats
from solidarity.lib.database.advisory_locks import lock

HORIZON = timedelta(weeks=4)
FILL = "needs.tours.planning.fill"


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan before it is stored. cells: the stops of the tour in order, as H3 cells of resolution 9."""

    start: datetime
    minutes: int
    cells: Sequence[int]
    mode: str = TourMode.FOOT
    seats: int = 0
    repeats: bool = False
    note: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def fields(self) -> dict[str, Any]:
        """The columns that all plans of a series share, without ``repeats``."""
        return {
            "minutes": self.minutes,
            "cells": list(dict.fromkeys(self.cells)),
            "mode": str(self.mode),
            "seats": self.seats,
            "note": self.note,
        }


class SeriesClash(Exception):
    """The series already has a plan at that time."""


class Settled(Exception):
    """The plan is cancelled or its tour has started, so it can no longer be changed."""


def make_plan(draft: PlanDraft, *, association: int, author: int | None) -> PlannedTour:
    """Store a plan, and its repetitions up to HORIZON. Idempotent by id."""
    with transaction.atomic():
        plan, new = PlannedTour.objects.get_or_create(
            pk=draft.id,
            defaults={
                **draft.fields,
                "association_id": association,
                "author_id": author,
                "start": draft.start,
                "repeats": draft.repeats,
                "series": draft.id,
            },
        )
        if new and draft.repeats:
            fill([plan.series])
    return plan


def change_plan(plan: PlannedTour, draft: PlanDraft, *, following: bool = False) -> PlannedTour:
    """Change a plan; with ``following``, also change the later plans of its series and move them by the same time.

    A repeating plan that is changed without ``following`` leaves its series; the series then has no plan in that week.
    If the draft no longer repeats, the series ends with this plan. Seats already taken remain taken, even if fewer are
    offered. Raises Settled for a cancelled or started plan, and SeriesClash if the series already has a plan at the new
    time.
    """
    try:
        with transaction.atomic():
            own = _open(plan.pk)
            if own.repeats and not following:
                _leave_series(own)
            elif own.repeats and not draft.repeats:
                later = list(_later(own).select_for_update().values_list("pk", flat=True))
                _cancel(later)
                PlannedTour.objects.filter(series=own.series).update(repeats=False)
                own.repeats = False
            else:
                own.repeats = draft.repeats
            rows = [own, *(_later(own).select_for_update().order_by("start") if own.repeats else [])]
            shift = _local(draft.start) - _local(own.start)
            # start with the plan that is furthest in the direction of the shift, so that no two plans collide meanwhile
            for row in rows if shift < timedelta(0) else reversed(rows):
                before = _shown(row)
                for name, value in draft.fields.items():
                    setattr(row, name, value)
                row.start = _moved(row.start, shift)
                row.save()
                if _shown(row) != before:
                    seat_news.tell_changed(row)
                seats.move_up(row)
            if own.repeats:
                fill([own.series])
    except IntegrityError as error:
        raise SeriesClash from error
    own.refresh_from_db()
    return own


def _shown(plan: PlannedTour) -> tuple[Any, ...]:
    """Return the values for which a change is announced to the people who joined."""
    return plan.start, plan.minutes, plan.mode, plan.cells, plan.note


def _later(plan: PlannedTour) -> QuerySet[PlannedTour]:
    """Return the later plans of the series that can still be changed."""
    return PlannedTour.objects.filter(series=plan.series, start__gt=plan.start, cancelled_at=None, tour=None)


def _leave_series(plan: PlannedTour) -> None:
    """Give the plan its own series. A cancelled copy ensures that the old series gets no new plan for that week."""
    gap = _repetition(plan, plan.start)
    gap.cancelled_at = timezone.now()
    plan.series, plan.repeats = uuid.uuid4(), False
    plan.save(update_fields=["series", "repeats"])
    gap.save()


def cancel_plan(plan: PlannedTour, *, following: bool = False) -> int:
    """Cancel a plan; with ``following``, also cancel the later plans of its series.

    Return the number of cancelled plans. Volunteers with a seat are notified in the same transaction. Raises Settled.
    """
    with transaction.atomic():
        own = _open(plan.pk)
        keys = [own.pk, *(_later(own).select_for_update().values_list("pk", flat=True) if following else [])]
        _cancel(keys)
        if following:
            PlannedTour.objects.filter(series=own.series).update(repeats=False)
    return len(keys)


def undo_cancel(plan: PlannedTour, cancelled_at: datetime, *, following: bool = False) -> bool:
    """Restore a plan, and the plans cancelled with it at ``cancelled_at``; return False if it is no longer cancelled.

    following: if True, the series repeats again. Volunteers who were already told of the cancellation are told that the
    tour takes place. Messages about the cancellation that still wait are deleted.
    """
    with transaction.atomic():
        rows = PlannedTour.objects.select_for_update().filter(series=plan.series, cancelled_at=cancelled_at, tour=None)
        keys = list(rows.values_list("pk", flat=True))
        if plan.pk not in keys:
            return False
        PlannedTour.objects.filter(pk__in=keys).update(cancelled_at=None)
        if following:
            PlannedTour.objects.filter(series=plan.series).update(repeats=True)
        seat_news.tell_restored(plan.pk, keys, cancelled_at)
    return True


def _cancel(keys: Sequence[uuid.UUID]) -> None:
    """Cancel plans. Each person who joined a future plan gets one message, once nobody can undo the cancellation any
    more."""
    now = timezone.now()
    PlannedTour.objects.filter(pk__in=keys).update(cancelled_at=now)
    tour_over.send(sender=None, tours=[], plans=list(keys))
    if keys:
        seat_news.tell_cancelled(keys, now)


def _open(key: uuid.UUID) -> PlannedTour:
    """Lock and return a plan. Raises Settled if it is cancelled or started."""
    plan = PlannedTour.objects.select_for_update().get(pk=key)
    if plan.cancelled_at is not None or plan.tour_id is not None:
        raise Settled
    return plan


# --- every week ----------------------------------------------------------------------------------------------------


def fill(series: Sequence[uuid.UUID] | None = None, now: datetime | None = None) -> int:
    """Create the plans of repeating series up to HORIZON; return their number. series: the series to fill, None for
    all.

    The local time of day stays the same across daylight saving changes. Safe to repeat and to run concurrently: a
    constraint allows one plan per series and start. Cancelled plans are not created again.
    """
    now = now or timezone.now()
    with transaction.atomic():
        lock([FILL])
        repeating = PlannedTour.objects.filter(repeats=True)
        if series is not None:
            repeating = repeating.filter(series__in=series)
        rows = []
        for last in repeating.order_by("series", "-start").distinct("series"):
            start = _moved(last.start, timedelta(weeks=1))
            while start <= now + HORIZON:
                if start > now:
                    rows.append(_repetition(last, start))
                start = _moved(start, timedelta(weeks=1))
        before = PlannedTour.objects.count()
        PlannedTour.objects.bulk_create(rows, ignore_conflicts=True)
        return PlannedTour.objects.count() - before


def _repetition(plan: PlannedTour, start: datetime) -> PlannedTour:
    return PlannedTour(
        association_id=plan.association_id,
        author_id=plan.author_id,
        start=start,
        minutes=plan.minutes,
        mode=plan.mode,
        cells=plan.cells,
        seats=plan.seats,
        repeats=True,
        series=plan.series,
        note=plan.note,
    )


def _local(at: datetime) -> datetime:
    """Return the local time of day as a naive datetime."""
    return timezone.localtime(at).replace(tzinfo=None)


def _moved(at: datetime, shift: timedelta) -> datetime:
    """Return a datetime shifted in local time."""
    return timezone.make_aware(_local(at) + shift)


# --- from plan to tour ---------------------------------------------------------------------------------------------


def start_planned(plan: PlannedTour, *, author: int | None, walkers: int) -> Tour:
    """Start the tour of a plan now, or return the tour already started. Raises Settled for a cancelled plan.

    Planned cells do not count as searched; they are preselected in the form that closes the tour.
    """
    with transaction.atomic():
        row = PlannedTour.objects.select_for_update().get(pk=plan.pk)
        if row.tour_id is not None:
            return Tour.objects.get(pk=row.tour_id)
        if row.cancelled_at is not None:
            raise Settled
        filed = filing.start_tour(
            association=row.association_id, author=author, at=timezone.now(), mode=row.mode, walkers=walkers
        )
        row.tour_id = filed.id
        row.save(update_fields=["tour"])
    return Tour.objects.get(pk=filed.id)


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """A plan compared with its tour. both, only_planned, only_searched: cells. actual_minutes: the actual duration in
    minutes, None if not logged."""

    both: tuple[int, ...]
    only_planned: tuple[int, ...]
    only_searched: tuple[int, ...]
    planned_minutes: int
    actual_minutes: int | None


def compare_with_plan(tour: Tour) -> PlanComparison | None:
    """Compare a tour with its plan. Return None for a tour without a plan."""
    plan = PlannedTour.objects.filter(tour=tour).first()
    if plan is None:
        return None
    cells = set(tour.cells.values_list("cell", flat=True))
    timed = tour.ended_at is not None and tour.ended_at > tour.at
    return PlanComparison(
        both=tuple(cell for cell in plan.cells if cell in cells),
        only_planned=tuple(cell for cell in plan.cells if cell not in cells),
        only_searched=tuple(sorted(cells - set(plan.cells))),
        planned_minutes=plan.minutes,
        actual_minutes=round((tour.ended_at - tour.at) / timedelta(minutes=1)) if timed and tour.ended_at else None,
    )
