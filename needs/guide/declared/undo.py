"""How actions of the guide of places are undone. Every lookup checks again what the person may see and change."""

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.guide.places import place_access, place_entries, place_notices
from needs.guide.places.conflicts import decisions
from needs.guide.places.free_beds import free_numbers, reservations
from needs.guide.places.free_beds.free_numbers import NumberSet
from needs.models import Place, PlaceCapacity, PlaceConflict, PlaceNotice, Reservation
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _close_place(viewer: Viewer, user: User, place: str, closed_at: str) -> Undone:
    """Subject: a place of the guide and the time when it was closed."""
    row = get_object_or_404(place_access.editable(viewer, Place.objects.all()), pk=place)
    by = place_entries.By(user, row.association if place_access.is_member_of(viewer, row) else None)
    done = place_entries.reopen(row, by, datetime.fromisoformat(closed_at))
    if not done:
        return Undone(False, undoing.changed(), reverse("needs:places_mine"))
    return Undone(True, _("Undone. The place is in the guide again."), reverse("needs:place", args=[row.pk]))


def _end_notice(viewer: Viewer, user: User, notice: str, taken_back_at: str) -> Undone:
    """Subject: a notice of a place and the time when it was taken back."""
    row = get_object_or_404(PlaceNotice, pk=notice)
    place_access.editable_or_404(viewer, row.place_id)
    done = place_notices.restore(row, datetime.fromisoformat(taken_back_at))
    words = _("Undone. The notice is on the page again.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:place", args=[row.place_id]))


def _decide_conflict(viewer: Viewer, user: User, conflict: str, decided_at: str) -> Undone:
    """Subject: a conflict of a place and the time when it was decided."""
    row = get_object_or_404(PlaceConflict.objects.select_related("place__association"), pk=conflict, decided_by=user)
    place = place_access.editable_or_404(viewer, row.place_id)
    by = place_entries.By(user, place.association if place_access.is_member_of(viewer, place) else None)
    done = decisions.undo(row, by, datetime.fromisoformat(decided_at))
    words = _("Undone. Both values wait for a decision again.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:place_conflicts"))


def _set_free(viewer: Viewer, user: User, capacity: str, before: str, said_before: str, at: str) -> Undone:
    """Subject: a capacity, its previous number, and the times when that number and the new one were set."""
    row = get_object_or_404(PlaceCapacity.objects.select_related("place"), pk=capacity, set_by=user)
    if not free_numbers.may_set(viewer, row.place):
        raise Http404
    earlier = NumberSet(int(before), datetime.fromisoformat(said_before), datetime.fromisoformat(at))
    done = free_numbers.undo_set(row.pk, earlier)
    words = _("Undone. The number before is back.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:place_beds", args=[row.place_id]))


def _end_reservation(viewer: Viewer, user: User, reservation: str, ended_at: str) -> Undone:
    """Subject: a reservation and the time when it was ended."""
    row = get_object_or_404(Reservation.objects.select_related("capacity__place"), pk=reservation)
    place, of_place = row.capacity.place, free_numbers.may_set(viewer, row.capacity.place)
    if not (of_place or reservations.is_holder(viewer, row)):
        raise Http404
    done = reservations.undo_end(row.pk, datetime.fromisoformat(ended_at))
    words = _("Undone. It is reserved again.") if done else undoing.changed()
    return Undone(done, words, reverse("needs:place_beds" if of_place else "needs:place", args=[place.pk]))


ACTIONS: Mapping[str, Undo] = {
    "close-place": _close_place,
    "end-notice": _end_notice,
    "decide-conflict": _decide_conflict,
    "set-free": _set_free,
    "end-reservation": _end_reservation,
}
