"""The dialogues that wait for a dispatcher, and who sees them. Looking up any other dialogue gives 404.

A dialogue belongs to the dispatchers of its territory and of the territories above it. If it has no territory in which
somebody dispatches, it goes to the dispatchers of the site's top territories; if there are none, it goes to all
dispatchers.
"""

import uuid
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.messages.channels.models import DialogueStep
from needs.models import Dialogue, InboundMessage, OutboundMessage
from volunteers.models import Assignment, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

PUT_ASIDE_SHOWN = timedelta(days=1)
WAITS = Q(step=DialogueStep.DESK, closed_at=None)


def queue_for(viewer: Viewer) -> QuerySet[Dialogue]:
    """Return the dialogues that wait: dangers first, then voice messages, then the oldest. Dialogues that wait for the
    person's answer to a dispatcher's question come last.

    Annotated with in_danger, unheard (whether a mail has a sound file, which this site cannot play), answered (whether
    a dispatcher wrote the last message), messages (number of messages received).
    """
    received = InboundMessage.objects.filter(dialogue=OuterRef("pk"))
    heard = received.order_by("-stored_at").values("stored_at")[:1]
    asked = OutboundMessage.objects.filter(dialogue=OuterRef("pk")).exclude(by=None).order_by("-written_at")
    return (
        _waiting(viewer)
        .annotate(
            in_danger=Exists(received.filter(danger__len__gt=0)),
            unheard=Exists(received.filter(mail__sounds__gt=0)),
            heard_at=Subquery(heard),
            asked_at=Subquery(asked.values("written_at")[:1]),
            messages=Count("received"),
        )
        .annotate(answered=Q(asked_at__isnull=False) & ~Q(heard_at__gt=F("asked_at")))
        .order_by("answered", "-in_danger", "-unheard", "to_desk_at", "pk")
    )


def dialogue_for(viewer: Viewer, dialogue: uuid.UUID) -> Dialogue:
    """Return a dialogue that waits for the viewer, that was put aside in the last day, or that belongs to a need on
    which the viewer works.

    Raise Http404 for any other dialogue.
    """
    lately = Q(to_desk_at__isnull=False, need=None, closed_at__gte=timezone.now() - PUT_ASIDE_SHOWN)
    here = _mine(viewer) & (WAITS | lately)
    found = Dialogue.objects.filter(here | Q(need__in=scope.needs_for(viewer).live()))
    return get_object_or_404(found.select_related("correspondent", "territory", "need", "taken_by"), pk=dialogue)


def _waiting(viewer: Viewer) -> QuerySet[Dialogue]:
    return Dialogue.objects.filter(_mine(viewer) & WAITS)


def _mine(viewer: Viewer) -> Q:
    """Return the filter for the dialogues of a dispatcher's territories, whatever their state."""
    territories = Territory.objects.dispatched_by(viewer)
    nobody_s = Q(territory=None) | ~Q(territory__in=duties.staffed())
    return Q(territory__in=territories) | (_gets_the_rest(territories) & nobody_s)


def _gets_the_rest(territories: QuerySet[Territory]) -> Q:
    """Return the condition that a dispatcher of these territories sees the dialogues without a territory."""
    on_top = Assignment.objects.dispatching().filter(territory__parent=None, user__is_active=True)
    return Q(Exists(territories.filter(parent=None))) | (Q(Exists(territories)) & ~Q(Exists(on_top)))
