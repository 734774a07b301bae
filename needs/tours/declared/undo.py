"""How actions of tours are undone. Every lookup checks again what the person may see and change."""

from collections.abc import Mapping
from datetime import datetime

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.models import NextCrewWord, PlannedTour, TourRequest, TourStop
from needs.tours import planning
from needs.tours.next_crew_words import crew_words, word_writing
from needs.tours.tour_requests import request_answers
from needs.tours.tour_stops import stop_outcomes
from needs.tours.tour_stops.trips import own_trip
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _decline_tour(viewer: Viewer, user: User, suggested: str) -> Undone:
    """Subject: a suggested tour."""
    row = get_object_or_404(TourRequest.objects.answerable_by(viewer), pk=suggested)
    done = request_answers.undo_decline(row, user)
    words = _("Undone. You can still answer this suggestion.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:tour_request", args=[row.pk]))


def _cancel_plan(viewer: Viewer, user: User, plan: str, cancelled_at: str, following: str) -> Undone:
    """Subject: a planned tour and the time when it was cancelled."""
    own = get_object_or_404(PlannedTour.objects.of_associations(user), pk=plan)
    done = planning.undo_cancel(own, datetime.fromisoformat(cancelled_at), following=following == "True")
    words = _("Undone. The tour is planned as before.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:plans"))


def _take_back_word(viewer: Viewer, user: User, word: str, taken_back_at: str) -> Undone:
    """Subject: a word to the next crew and the time when it was taken back."""
    own = get_object_or_404(NextCrewWord.objects.select_related("territory"), pk=word)
    crew_words.territory_or_404(viewer, own.territory.slug)
    done = crew_words.may_take_back(viewer, own) and word_writing.undo_take_back(
        own.pk, datetime.fromisoformat(taken_back_at)
    )
    words = _("Undone. The next crews see the word as before.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:words", args=[own.territory.slug]))


def _stop_outcome(viewer: Viewer, user: User, stop: str, recorded_at: str) -> Undone:
    """Subject: a stop of a tour and the time of its outcome."""
    own = get_object_or_404(TourStop.objects.filter(outcome_by=user).select_related("plan__tour", "tour"), pk=stop)
    key = own_trip(user, own.plan_id or own.tour_id).key  # type: ignore[arg-type]
    done = stop_outcomes.undo(own, user, recorded_at)
    return Undone(
        done, _("Undone. The stop is ahead again.") if done else undoing.changed(), reverse("needs:stops", args=[key])
    )


ACTIONS: Mapping[str, Undo] = {
    "decline-tour": _decline_tour,
    "cancel-plan": _cancel_plan,
    "take-back-word": _take_back_word,
    "stop-outcome": _stop_outcome,
}
