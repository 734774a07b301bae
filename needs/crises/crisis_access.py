"""Who may look at an event's reports: dispatchers, and whoever coordinates where it happens.

Permission is the lookup: what a reader may not see answers 404.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from needs.crises.coordinators import crises_of
from needs.models import Crisis, Need, NeedPhoto
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Membership


def dispatches(user: Any) -> bool:
    return bool(user.is_authenticated and Membership.objects.dispatching().filter(user=user).exists())


def visible(user: Any) -> QuerySet[Crisis]:
    """The events whose reports a reader may see."""
    if dispatches(user):
        return Crisis.objects.all()
    return crises_of(user) if user.is_authenticated else Crisis.objects.none()


def crisis_for(user: Any, slug: str) -> Crisis:
    """The event, if the reader may see its reports; Http404 otherwise."""
    return get_object_or_404(visible(user), slug=slug)


def photo_for(user: Any, photo: Any) -> NeedPhoto:
    """A photo of a report that is there, for dispatchers and for the coordinators of its event; Http404 otherwise."""
    shown = NeedPhoto.objects.filter(need__in=Need.objects.live())
    if not dispatches(user):
        coordinated = visible(user).values("pk")
        shown = shown.filter(need__crisis__in=coordinated)
    return get_object_or_404(shown, pk=photo)


def note_places_shown(crisis: Crisis, user: Any, *, exact: bool) -> None:
    """Write down that somebody sees the places of an event's reports; exact: with their points."""
    recording.record(user, Verb.PLACES_SHOWN, "crisis", crisis.pk, purpose=Purpose.SORTING, details={"exact": exact})


def only_for_lookers(user: Any) -> None:
    """Http404 for whoever neither dispatches nor coordinates an event."""
    if not dispatches(user) and not visible(user).exists():
        raise Http404
