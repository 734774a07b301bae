"""Who may read an event's reports: dispatchers and the event's coordinators. Lookups by others raise Http404."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from needs.crises.coordinators import crises_of
from needs.models import Crisis, CrisisQuerySet, Need, NeedPhoto
from volunteers.accounts.viewer import Viewer
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Membership


def dispatches(user: Any) -> bool:
    """Return whether a person is a dispatcher of an association."""
    return bool(user.is_authenticated and Membership.objects.dispatching().filter(user=user).exists())


def visible(viewer: Viewer) -> CrisisQuerySet:
    """Return the events whose reports a reader may see."""
    if dispatches(viewer.user):
        return Crisis.objects.all()
    return crises_of(viewer) if viewer.user.is_authenticated else Crisis.objects.none()


def readable_crisis(viewer: Viewer, slug: str) -> Crisis:
    """Return an event whose reports the reader may see. Raises Http404 otherwise."""
    return get_object_or_404(visible(viewer), slug=slug)


def readable_photo(viewer: Viewer, photo: Any) -> NeedPhoto:
    """Return a photo of a live report for dispatchers and the event's coordinators. Raises Http404 otherwise."""
    shown = NeedPhoto.objects.filter(need__in=Need.objects.live())
    if not dispatches(viewer.user):
        coordinated = visible(viewer).values("pk")
        shown = shown.filter(need__crisis__in=coordinated)
    return get_object_or_404(shown, pk=photo)


def record_places_shown(crisis: Crisis, user: Any, *, exact: bool) -> None:
    """Record in the audit log that a reader saw the places of an event's reports. exact: points instead of cells."""
    recording.record(user, Verb.PLACES_SHOWN, "crisis", crisis.pk, purpose=Purpose.SORTING, details={"exact": exact})


def require_crisis_reader(viewer: Viewer) -> None:
    """Raise Http404 for readers who neither dispatch nor coordinate an event."""
    if not dispatches(viewer.user) and not visible(viewer).exists():
        raise Http404
