"""Planned tours: making, changing and cancelling them, places for volunteers, starting a tour from its plan."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.enums import TourMode
from needs.models import PlannedTour, Seat, Tour
from needs.reports import filing
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.notifications.notifying import Message, notify

HORIZON = timedelta(weeks=4)
FILL = "needs.tours.planning.fill"


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan before it is stored. cells: H3 cells of resolution 9, in the order of walking; each once."""

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
        """Columns that a change of several plans sets alike; not the moment and not the repetition."""
        return {
            "minutes": self.minutes,
            "cells": list(dict.fromkeys(self.cells)),
            "mode": str(self.mode),
            "seats": self.seats,
            "note": self.note,
        }


class SeriesClash(Exception):
    """The series has another plan at that moment."""


class Settled(Exception):
    """The plan was cancelled or its tour was started: nothing can be changed any more."""


def make_plan(draft: PlanDraft, *, association: int, author: int | None) -> PlannedTour:
    """Store a plan; one that repeats also gets its weeks up to the horizon. The same id again gives the plan there is."""
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
    """Change a plan; with ``following`` also the later ones of its series, which move by as much.

    A plan of a weekly series that is changed alone leaves the series; its week stays empty there. A series that is
    changed to repeat no longer ends with this plan. Raises Settled for a plan that was cancelled or started, SeriesClash
    when another of the series is at that moment. Places that volunteers took stay theirs, also when fewer are offered.
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
            # Moved from the end that leads the way, no plan steps on another of its series.
            for row in rows if shift < timedelta(0) else reversed(rows):
                for name, value in draft.fields.items():
                    setattr(row, name, value)
                row.start = _moved(row.start, shift)
                row.save()
            if own.repeats:
                fill([own.series])
    except IntegrityError as error:
        raise SeriesClash from error
    own.refresh_from_db()
    return own


def _later(plan: PlannedTour) -> QuerySet[PlannedTour]:
    """Plans of the series after this one that can still be changed."""
    return PlannedTour.objects.filter(series=plan.series, start__gt=plan.start, cancelled_at=None, tour=None)


def _leave_series(plan: PlannedTour) -> None:
    """Give the plan a series of its own; a cancelled one keeps its week in the old one empty."""
    gap = _again(plan, plan.start)
    gap.cancelled_at = timezone.now()
    plan.series, plan.repeats = uuid.uuid4(), False
    plan.save(update_fields=["series", "repeats"])
    gap.save()


def cancel_plan(plan: PlannedTour, *, following: bool = False) -> int:
    """Cancel a plan; with ``following`` the series ends with it. The number of plans cancelled; Settled as above.

    Whoever has a place in one of them is told, in the same transaction.
    """
    with transaction.atomic():
        own = _open(plan.pk)
        keys = [own.pk, *(_later(own).select_for_update().values_list("pk", flat=True) if following else [])]
        _cancel(keys)
        if following:
            PlannedTour.objects.filter(series=own.series).update(repeats=False)
    return len(keys)


def _cancel(keys: Sequence[uuid.UUID]) -> None:
    """Cancel plans and tell those who have a place in one to come: one message each, however many tours fall away."""
    PlannedTour.objects.filter(pk__in=keys).update(cancelled_at=timezone.now())
    seats = Seat.objects.filter(plan__in=keys, plan__start__gt=timezone.now())
    people = list(User.objects.filter(pk__in=seats.values("volunteer")))
    if not people:
        return
    notify(people, Topic.TOUR, f"tours-cancelled:{keys[0]}", lambda: Message(
        title=_("A tour that you joined is cancelled"),
        body=_("You need not come. Perhaps there is another one that you can join."),
        path=reverse("mapping:seats"),
    ))  # fmt: skip


def _open(key: uuid.UUID) -> PlannedTour:
    """The plan, locked; raises Settled when it was cancelled or started."""
    plan = PlannedTour.objects.select_for_update().get(pk=key)
    if plan.cancelled_at is not None or plan.tour_id is not None:
        raise Settled
    return plan


# --- every week ----------------------------------------------------------------------------------------------------


def fill(series: Sequence[uuid.UUID] | None = None, now: datetime | None = None) -> int:
    """Make the plans of the coming four weeks of series that repeat (of the given ones alone); how many were made.

    A week keeps its time on the clock over a change to or from summer time. Safe to repeat, also side by side: a series
    has one plan at a moment, by constraint; what was cancelled is not made again.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        lock([FILL])
        repeating = PlannedTour.objects.filter(repeats=True)
        if series is not None:
            repeating = repeating.filter(series__in=series)
        rows = []
        for last in repeating.order_by("series", "-start").distinct("series"):
            start = _moved(last.start, timedelta(weeks=1))
            while start <= moment + HORIZON:
                if start > moment:
                    rows.append(_again(last, start))
                start = _moved(start, timedelta(weeks=1))
        before = PlannedTour.objects.count()
        PlannedTour.objects.bulk_create(rows, ignore_conflicts=True)
        return PlannedTour.objects.count() - before


def _again(plan: PlannedTour, start: datetime) -> PlannedTour:
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


def _local(moment: datetime) -> datetime:
    """What the clock on the wall shows."""
    return timezone.localtime(moment).replace(tzinfo=None)


def _moved(moment: datetime, shift: timedelta) -> datetime:
    """A moment shifted by time on the wall's clock."""
    return timezone.make_aware(_local(moment) + shift)


# --- places for volunteers -----------------------------------------------------------------------------------------


class Taking(Enum):
    """What became of asking for a place: TAKEN (also when it was one's own before), FULL, or OVER: too late."""

    TAKEN = "taken"
    FULL = "full"
    OVER = "over"


def take_seat(plan: uuid.UUID, volunteer: int) -> Taking:
    """Take a place in a planned tour. Of several who want the last one, one gets it.

    Raises PlannedTour.DoesNotExist when there is no such plan.
    """
    with transaction.atomic():
        row = PlannedTour.objects.select_for_update().get(pk=plan)
        if row.taken.filter(volunteer=volunteer).exists():
            return Taking.TAKEN
        if row.cancelled_at is not None or row.tour_id is not None or row.start <= timezone.now():
            return Taking.OVER
        if row.taken.count() >= row.seats:
            return Taking.FULL
        Seat.objects.create(plan=row, volunteer_id=volunteer)
    return Taking.TAKEN


def leave_seat(plan: uuid.UUID, volunteer: int) -> bool:
    """Give a place back; False when there was none."""
    deleted, _each = Seat.objects.filter(plan=plan, volunteer=volunteer).delete()
    return bool(deleted)


# --- from plan to tour ---------------------------------------------------------------------------------------------


def start_planned(plan: PlannedTour, *, author: int | None, walkers: int) -> Tour:
    """Start the tour of a plan now; when it was started before, the tour there is. Raises Settled when cancelled.

    The planned cells are no search yet: they are offered when the tour is closed.
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
class Walked:
    """A plan beside its tour. both, only_planned, only_walked: cells. planned_minutes: of the plan. walked_minutes: None
    when no time was logged."""

    both: tuple[int, ...]
    only_planned: tuple[int, ...]
    only_walked: tuple[int, ...]
    planned_minutes: int
    walked_minutes: int | None


def walked(tour: Tour) -> Walked | None:
    """What was planned against what was walked; None for a tour without a plan."""
    plan = PlannedTour.objects.filter(tour=tour).first()
    if plan is None:
        return None
    cells = set(tour.cells.values_list("cell", flat=True))
    timed = tour.ended_at is not None and tour.ended_at > tour.at
    return Walked(
        both=tuple(cell for cell in plan.cells if cell in cells),
        only_planned=tuple(cell for cell in plan.cells if cell not in cells),
        only_walked=tuple(sorted(cells - set(plan.cells))),
        planned_minutes=plan.minutes,
        walked_minutes=round((tour.ended_at - tour.at) / timedelta(minutes=1)) if timed and tour.ended_at else None,
    )
