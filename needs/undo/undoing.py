"""The effect of undo for each action. Every lookup checks again what the person may see and change."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.crises import crisis_events
from needs.crises.agreements.event_messages import Change, tell_others
from needs.crises.coordinators import led_crisis
from needs.desk import scope
from needs.lending import item_changes, wishes
from needs.lifecycle import transitions
from needs.loans import loan_steps
from needs.matching import proposals
from needs.models import (
    Encounter,
    Loan,
    Merge,
    NeedStep,
    NextCrewWord,
    Place,
    PlaceCapacity,
    PlaceConflict,
    PlaceNotice,
    PlannedTour,
    Reservation,
    Retraction,
    TourRequest,
    TourStop,
)
from needs.moderation.queue import case_access, deciding
from needs.next_crew_words import crew_words, word_writing
from needs.offers import offer_changes, offer_requests
from needs.places import place_access, place_entries, place_notices
from needs.places.conflicts import decisions
from needs.places.free_beds import free_numbers, reservations
from needs.places.free_beds.free_numbers import NumberSet
from needs.reports import filing
from needs.tour_requests import request_answers
from needs.tour_stops import stop_outcomes
from needs.tour_stops.trips import own_trip
from needs.tours import planning
from needs.triage import duplicates
from needs.triage.duplicates import MergeRefused
from needs.undo.offering import UndoAction
from volunteers.accounts.viewer import Viewer
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import User


@dataclass(frozen=True, slots=True)
class Undone:
    """The result: whether the action was undone, and a sentence about it.

    path: path of the page to show next; "" for the page that showed the undo button.
    """

    done: bool
    words: str
    path: str


def undo(viewer: Viewer, action: str, subject: str) -> Undone:
    """Undo one of the viewer's own actions. Raises Http404 for an unknown action, or if the viewer may no longer see
    what the action changed."""
    if action not in UndoAction:
        raise Http404
    return _HOW[UndoAction(action)](viewer, viewer.user_or_404, *subject.split("|"))


def too_late() -> str:
    return _("It is too late to undo this.")


def _changed() -> str:
    return _("This cannot be undone: it has been changed in the meantime.")


def _take_back(viewer: Viewer, user: User, retraction: str) -> Undone:
    row = Retraction.objects.filter(pk=retraction, author=user).first()
    own = Encounter.objects.of_associations(user).filter(pk=row.report).first() if row else None
    if row is None or own is None or not filing.restore(row.pk):
        return Undone(False, _changed(), reverse("needs:mine"))
    page = reverse("needs:tour", args=[own.tour_id]) if own.tour_id else reverse("needs:encounter", args=[own.pk])
    return Undone(True, _("Undone. The encounter counts again."), page)


def _close_crisis(viewer: Viewer, user: User, slug: str, closed_at: str) -> Undone:
    crisis = led_crisis(viewer, slug)
    done = crisis_events.undo_close(crisis, datetime.fromisoformat(closed_at))
    if done:
        details = {"again": True}
        recording.record(user, Verb.CRISIS_OPENED, "crisis", crisis.pk, purpose=Purpose.COORDINATION, details=details)
        tell_others(crisis, user, Change.REOPENED)
    words = _("Undone. The event accepts reports as before.") if done else _changed()
    return Undone(done, words, reverse("mapping:crises"))


def _decline(viewer: Viewer, user: User, proposal: str) -> Undone:
    done = proposals.undo_decline(uuid.UUID(proposal), user)
    words = _("Undone. You can still answer this proposal.") if done else _changed()
    return Undone(done, words, reverse("needs:proposals"))


def _decline_tour(viewer: Viewer, user: User, suggested: str) -> Undone:
    row = get_object_or_404(TourRequest.objects.answerable_by(viewer), pk=suggested)
    done = request_answers.undo_decline(row, user)
    words = _("Undone. You can still answer this suggestion.") if done else _changed()
    return Undone(done, words, reverse("needs:tour_request", args=[row.pk]))


def _step(viewer: Viewer, user: User, step: str) -> Undone:
    need = scope.need_for(viewer, get_object_or_404(NeedStep, pk=step, by=user).need_id)
    back = transitions.undo(int(step), user.pk)
    words = _("Undone. The need is “%(state)s” again.") % {"state": back.get_state_display()} if back else _changed()
    return Undone(back is not None, words, reverse("needs:triage_need", args=[need.pk]))


def _steps(viewer: Viewer, user: User, *steps: str) -> Undone:
    """Undo steps one by one: a need that has since changed or left the viewer's desk does not affect the others."""
    own = NeedStep.objects.filter(pk__in=steps, by=user, need__in=scope.needs_for(viewer)).order_by("pk")
    done = sum(transitions.undo(step, user.pk) is not None for step in own.values_list("pk", flat=True))
    if not done:
        return Undone(False, _changed(), "")
    words = ngettext("Undone for %(n)d need.", "Undone for %(n)d needs.", done) % {"n": done}
    if left := len(steps) - done:
        words += " " + ngettext(
            "%(n)d need has been changed in the meantime and stays as it is.",
            "%(n)d needs have been changed in the meantime and stay as they are.",
            left,
        ) % {"n": left}
    return Undone(True, words, "")


def _merge(viewer: Viewer, user: User, merge: str) -> Undone:
    row = get_object_or_404(Merge, pk=merge, by=user)
    scope.needs_or_404(viewer, row.kept_id, row.merged_id)
    page = reverse("needs:triage_need", args=[row.kept_id])
    try:
        duplicates.undo_merge(row.pk, user)
    except MergeRefused as refused:
        return Undone(False, str(refused.words), page)
    return Undone(True, _("The merge is undone. Both needs have their previous state."), page)


def _cancel_plan(viewer: Viewer, user: User, plan: str, cancelled_at: str, following: str) -> Undone:
    own = get_object_or_404(PlannedTour.objects.of_associations(user), pk=plan)
    done = planning.undo_cancel(own, datetime.fromisoformat(cancelled_at), following=following == "True")
    words = _("Undone. The tour is planned as before.") if done else _changed()
    return Undone(done, words, reverse("needs:plans"))


def _close_place(viewer: Viewer, user: User, place: str, closed_at: str) -> Undone:
    row = get_object_or_404(place_access.editable(viewer, Place.objects.all()), pk=place)
    by = place_entries.By(user, row.association if place_access.is_member_of(viewer, row) else None)
    done = place_entries.reopen(row, by, datetime.fromisoformat(closed_at))
    if not done:
        return Undone(False, _changed(), reverse("needs:places_mine"))
    return Undone(True, _("Undone. The place is in the guide again."), reverse("needs:place", args=[row.pk]))


def _end_notice(viewer: Viewer, user: User, notice: str, taken_back_at: str) -> Undone:
    row = get_object_or_404(PlaceNotice, pk=notice)
    place_access.editable_or_404(viewer, row.place_id)
    done = place_notices.restore(row, datetime.fromisoformat(taken_back_at))
    words = _("Undone. The notice is on the page again.") if done else _changed()
    return Undone(done, words, reverse("needs:place", args=[row.place_id]))


def _decide_conflict(viewer: Viewer, user: User, conflict: str, decided_at: str) -> Undone:
    row = get_object_or_404(PlaceConflict.objects.select_related("place__association"), pk=conflict, decided_by=user)
    place = place_access.editable_or_404(viewer, row.place_id)
    by = place_entries.By(user, place.association if place_access.is_member_of(viewer, place) else None)
    done = decisions.undo(row, by, datetime.fromisoformat(decided_at))
    words = _("Undone. Both values wait for a decision again.") if done else _changed()
    return Undone(done, words, reverse("needs:place_conflicts"))


def _set_free(viewer: Viewer, user: User, capacity: str, before: str, said_before: str, at: str) -> Undone:
    row = get_object_or_404(PlaceCapacity.objects.select_related("place"), pk=capacity, set_by=user)
    if not free_numbers.may_set(viewer, row.place):
        raise Http404
    earlier = NumberSet(int(before), datetime.fromisoformat(said_before), datetime.fromisoformat(at))
    done = free_numbers.undo_set(row.pk, earlier)
    words = _("Undone. The number before is back.") if done else _changed()
    return Undone(done, words, reverse("needs:place_beds", args=[row.place_id]))


def _end_reservation(viewer: Viewer, user: User, reservation: str, ended_at: str) -> Undone:
    row = get_object_or_404(Reservation.objects.select_related("capacity__place"), pk=reservation)
    place, of_place = row.capacity.place, free_numbers.may_set(viewer, row.capacity.place)
    if not (of_place or reservations.is_holder(viewer, row)):
        raise Http404
    done = reservations.undo_end(row.pk, datetime.fromisoformat(ended_at))
    words = _("Undone. It is reserved again.") if done else _changed()
    return Undone(done, words, reverse("needs:place_beds" if of_place else "needs:place", args=[place.pk]))


def _take_back_word(viewer: Viewer, user: User, word: str, taken_back_at: str) -> Undone:
    own = get_object_or_404(NextCrewWord.objects.select_related("territory"), pk=word)
    crew_words.territory_or_404(viewer, own.territory.slug)
    done = crew_words.may_take_back(viewer, own) and word_writing.undo_take_back(
        own.pk, datetime.fromisoformat(taken_back_at)
    )
    words = _("Undone. The next crews see the word as before.") if done else _changed()
    return Undone(done, words, reverse("needs:words", args=[own.territory.slug]))


def _stop_outcome(viewer: Viewer, user: User, stop: str, recorded_at: str) -> Undone:
    own = get_object_or_404(TourStop.objects.filter(outcome_by=user).select_related("plan__tour", "tour"), pk=stop)
    key = own_trip(user, own.plan_id or own.tour_id).key  # type: ignore[arg-type]
    done = stop_outcomes.undo(own, user, recorded_at)
    return Undone(
        done, _("Undone. The stop is ahead again.") if done else _changed(), reverse("needs:stops", args=[key])
    )


def _remove_item(viewer: Viewer, user: User, item: str, removed_at: str) -> Undone:
    done = item_changes.undo_remove(uuid.UUID(item), user, datetime.fromisoformat(removed_at))
    words = _("Undone. Others can find it as before.") if done else _changed()
    return Undone(done, words, reverse("needs:item", args=[item]) if done else reverse("needs:my_items"))


def _close_wish(viewer: Viewer, user: User, wish: str, closed_at: str) -> Undone:
    done = wishes.undo_close(uuid.UUID(wish), user, datetime.fromisoformat(closed_at))
    return Undone(done, _("Undone. You look for it as before.") if done else _changed(), reverse("needs:wishes"))


def _close_offer(viewer: Viewer, user: User, offer: str, closed_at: str) -> Undone:
    done = offer_changes.undo_close(uuid.UUID(offer), user, datetime.fromisoformat(closed_at))
    words = _("Undone. Others can ask for it as before.") if done else _changed()
    return Undone(done, words, reverse("needs:giving_mine"))


def _decline_request(viewer: Viewer, user: User, asked: str) -> Undone:
    done = offer_requests.undo_decline(uuid.UUID(asked), user)
    words = _("Undone. You can still answer this request.") if done else _changed()
    return Undone(done, words, "")


def _loan_step(_viewer: Viewer, user: User, step: str) -> Undone:
    loan = get_object_or_404(Loan.objects.of(user), steps=step)
    back = loan_steps.undo(int(step), user)
    words = _("Undone. The loan is “%(state)s” again.") % {"state": back.get_state_display()} if back else _changed()
    return Undone(back is not None, words, reverse("needs:loan", args=[loan.pk]))


def _decide_case(viewer: Viewer, user: User, case: str, decided_at: str) -> Undone:
    row = case_access.case_or_404(viewer, case)
    done = deciding.undo(row, user, datetime.fromisoformat(decided_at))
    words = _("Undone. It waits for a decision again.") if done else _changed()
    return Undone(done, words, reverse("needs:moderation_case", args=[row.pk]))


_HOW: Mapping[UndoAction, Callable[..., Undone]] = {
    UndoAction.TAKE_BACK: _take_back,
    UndoAction.CLOSE_CRISIS: _close_crisis,
    UndoAction.DECLINE: _decline,
    UndoAction.DECLINE_TOUR: _decline_tour,
    UndoAction.STEP: _step,
    UndoAction.STEPS: _steps,
    UndoAction.MERGE: _merge,
    UndoAction.CANCEL_PLAN: _cancel_plan,
    UndoAction.CLOSE_PLACE: _close_place,
    UndoAction.END_NOTICE: _end_notice,
    UndoAction.DECIDE_CONFLICT: _decide_conflict,
    UndoAction.SET_FREE: _set_free,
    UndoAction.END_RESERVATION: _end_reservation,
    UndoAction.TAKE_BACK_WORD: _take_back_word,
    UndoAction.STOP_OUTCOME: _stop_outcome,
    UndoAction.REMOVE_ITEM: _remove_item,
    UndoAction.CLOSE_WISH: _close_wish,
    UndoAction.CLOSE_OFFER: _close_offer,
    UndoAction.DECLINE_REQUEST: _decline_request,
    UndoAction.LOAN_STEP: _loan_step,
    UndoAction.DECIDE_CASE: _decide_case,
}
