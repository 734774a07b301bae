"""The outcome of a stop: helped, not found, refused, postponed, visited.

Pages and the phone queue call the same functions. The outcome "helped" files an encounter and marks its kinds as met.
Every outcome except a postponement counts as a visit: the stop's cell then belongs to the tour. The end of a tour
postpones the needs that it did not visit.
"""

import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.enums import NeedState, OutcomeReason, ReportKind, StopKind, StopOutcome
from needs.help.commitments import ending, taking
from needs.help.records.refusals import Refused
from needs.models import Commitment, Encounter, Need, PlannedTour, Tour, TourCell, TourStop
from needs.reports import filing, intake
from needs.signals import Touch, evidence_changed
from needs.tours.tour_stops.stop_accepting import reason_undone
from needs.tours.tour_stops.trips import Trip, trip_of_tour
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.models import User

OF_NEEDS = (StopOutcome.HELPED, StopOutcome.NOT_FOUND, StopOutcome.REFUSED, StopOutcome.POSTPONED)
REMEMBERED = timedelta(hours=1)
"""Duration of a commitment that is made again because the outcome arrived after the end of the tour."""
_REASON = {StopOutcome.NOT_FOUND: OutcomeReason.NOT_FOUND, StopOutcome.REFUSED: OutcomeReason.REFUSED}


@dataclass(frozen=True, slots=True)
class Report:
    """A crew's record of a stop. id: id of the outcome, chosen by the phone; it becomes the id of the encounter.

    given: kinds that were given; None for everything that the need asks for. seen: the observations of the crew if it
    found nobody. at: the time of the outcome.
    """

    id: uuid.UUID
    outcome: StopOutcome
    at: datetime
    given: Sequence[str] | None = None
    seen: str = ""


class AlreadySaid(Exception):
    """The stop has an outcome already."""


class NotOfStop(Exception):
    """The outcome does not belong to this kind of stop."""


def outcomes_of(stop: TourStop) -> tuple[StopOutcome, ...]:
    """Return the outcomes that a stop can have."""
    return OF_NEEDS if stop.kind == StopKind.NEED else (StopOutcome.VISITED, StopOutcome.POSTPONED)


def record(tour: Tour, key: uuid.UUID, report: Report, user: User) -> TourStop:
    """Record the outcome of a stop of a tour. The caller has checked that the user belongs to the tour.

    An outcome that arrives after the end of the tour replaces the postponement that the end had set. If other people
    took the need in the meantime, the help is recorded, but the need stays with them. Raises TourStop.DoesNotExist,
    AlreadySaid, NotOfStop.
    """
    trip = trip_of_tour(tour)
    with transaction.atomic():
        stop = trip.stops().select_for_update(of=("self",)).get(pk=key)
        if report.outcome not in outcomes_of(stop):
            raise NotOfStop
        if stop.outcome and not (stop.outcome == StopOutcome.POSTPONED and stop.outcome_by_id is None):
            raise AlreadySaid
        need = Need.objects.select_for_update(of=("self",)).filter(tour_stops=stop).first()
        stop.follow_need()
        given = _given(need, report)
        stop.encounter = _encounter(tour, stop, need, report, given, user)
        if report.outcome != StopOutcome.POSTPONED:
            _visited(tour, stop.cell, not_found=report.outcome == StopOutcome.NOT_FOUND)
        if need is not None:
            _tell_need(trip, stop, need, report.outcome, given, user)
        stop.outcome, stop.outcome_at, stop.outcome_by = report.outcome, report.at, user
        stop.seen = report.seen if report.outcome == StopOutcome.NOT_FOUND else ""
        stop.save()
    return stop


def _given(need: Need | None, report: Report) -> list[str]:
    if need is None or report.outcome != StopOutcome.HELPED:
        return []
    return list(dict.fromkeys(need.kinds if report.given is None else report.given))


def _encounter(
    tour: Tour, stop: TourStop, need: Need | None, report: Report, given: Sequence[str], user: User
) -> Encounter | None:
    """File an encounter with the people who were helped or refused help. The place of the encounter is the middle of
    the cell."""
    if need is None or report.outcome not in (StopOutcome.HELPED, StopOutcome.REFUSED):
        return None
    draft = EncounterDraft(
        id=report.id, at=report.at, place=DraftPlace(*grid.centre(stop.cell)), persons=max(need.persons, 1),
        asked=tuple(need.kinds), given=tuple(given), tour=tour.pk,
    )  # fmt: skip
    filed = intake.file_encounter(draft, association=tour.association_id, author=user.pk, implied=("at",))
    if filed.stored is InsertResult.CONFLICT:
        raise AlreadySaid
    return Encounter.objects.get(pk=report.id)


def _visited(tour: Tour, cell: int, *, not_found: bool) -> None:
    """Add the cell of a stop to the cells of the tour: the visit counts as search effort."""
    row, _made = TourCell.objects.get_or_create(tour=tour, cell=cell)
    if not_found and not row.need_not_found:
        TourCell.objects.filter(pk=row.pk).update(need_not_found=True)
    evidence_changed.send(sender=None, touches=[Touch(ReportKind.TOUR, tour.pk, cell, cell)])


def _tell_need(trip: Trip, stop: TourStop, need: Need, outcome: StopOutcome, given: Sequence[str], user: User) -> None:
    """End the commitment that holds the need. If the commitment has ended already, take the free kinds again just for
    this."""
    own = _held(stop, need, user)
    if own is None:
        return
    with suppress(Refused):  # the commitment has just expired, or the crew gave none of the kinds that it holds
        if outcome == StopOutcome.HELPED:
            held = [kind for kind in own.parts.filter(held=True).values_list("kind", flat=True) if kind in set(given)]
            if not held:  # something else was given, so the need stays open
                ending.withdraw(own.pk, own.volunteer, OutcomeReason.NOTHING_LEFT, by=user)
            else:
                ending.mark_done(own.pk, own.volunteer, kinds=held, by=user, logs_aid=False)
        else:
            reason = _REASON.get(outcome) or reason_undone(trip)
            ending.withdraw(own.pk, own.volunteer, reason, by=user)


def _held(stop: TourStop, need: Need, user: User) -> Commitment | None:
    running = Commitment.objects.running(timezone.now()).select_related("volunteer")
    own = running.filter(tour_stops=stop).first()
    if own is not None or stop.outcome == "":
        return own
    try:
        row = taking.lock_takeable(need.pk)
        free = taking.free_kinds(row)
        if not free:
            return None
        stop.commitment = taking.create_commitment(row, user, trip_of(stop).association, free, REMEMBERED)
        if row.state != NeedState.COMMITTED:
            transitions.move(row.pk, NeedState.COMMITTED, Cause(Actor.HELPER, user.pk))
    except Refused:
        return None
    return stop.commitment


def trip_of(stop: TourStop) -> Trip:
    """Return the trip of a stop."""
    if stop.plan is not None:
        return Trip(stop.plan, stop.plan.tour)
    return Trip(None, stop.tour)


def undo(stop: TourStop, user: User, recorded_at: str) -> bool:
    """Undo the outcome of a stop, if it is still the one that the person recorded; its need is held again.

    recorded_at: the time of the outcome in ISO format. Return False, changing nothing, if the tour is over or the need
    has changed meanwhile.
    """
    with transaction.atomic():
        row = TourStop.objects.select_for_update(of=("self",)).filter(pk=stop.pk, outcome_by=user).first()
        if row is None or row.outcome_at is None or row.outcome_at.isoformat() != recorded_at:
            return False
        trip = trip_of(row)
        if trip.tour is None or not trip.is_under_way(timezone.now()):
            return False
        if row.commitment_id is not None and not ending.resume(row.commitment_id, user):
            return False
        if row.encounter_id is not None:
            filing.retract(ReportKind.ENCOUNTER, row.encounter_id, author=user.pk)
        row.outcome, row.outcome_at, row.outcome_by, row.seen, row.encounter = "", None, None, "", None
        row.save()
        _forget_visit(trip, row.cell)
    return True


def _forget_visit(trip: Trip, cell: int) -> None:
    """Remove a stop's cell from the tour, if the tour did nothing else there."""
    tour = trip.tour
    assert tour is not None
    others = trip.stops().filter(cell=cell).exclude(outcome__in=["", StopOutcome.POSTPONED])
    own = TourCell.objects.filter(tour=tour, cell=cell)
    own.update(need_not_found=others.not_found().exists())
    if not others.exists() and not tour.encounters.live().filter(cell=cell).exists():
        own.filter(minutes=None).delete()
    evidence_changed.send(sender=None, touches=[Touch(ReportKind.TOUR, tour.pk, cell, cell)])


def leave_undone(*, tours: Collection[uuid.UUID], plans: Collection[uuid.UUID], **_more: Any) -> None:
    """Give back the needs that tours left undone, so that the next crew is offered them first (receiver of
    ``tour_over``)."""
    for tour in Tour.objects.filter(pk__in=tours).select_related("association"):
        _give_back(trip_of_tour(tour))
    for plan in PlannedTour.objects.filter(pk__in=plans).select_related("association"):
        _give_back(Trip(plan, None))


def _give_back(trip: Trip) -> None:
    now = timezone.now()
    for stop in trip.stops().left_open().select_related("commitment__volunteer"):
        own = stop.commitment
        assert own is not None
        stop.outcome, stop.outcome_at = StopOutcome.POSTPONED, now
        stop.save(update_fields=["outcome", "outcome_at"])
        with suppress(Refused):  # it has just expired
            ending.withdraw(own.pk, own.volunteer, reason_undone(trip))
