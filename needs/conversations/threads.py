"""Finds the thread of a subject, makes it with its first message, and lists the threads of a person."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.conversations.models import SUBJECTS, Speaker
from needs.conversations.participants import (
    AboutCommitment,
    AboutEvent,
    AboutGroup,
    AboutLoan,
    AboutNeed,
    AboutTour,
    Subject,
)
from needs.desk import scope
from needs.local_events import occurrences
from needs.models import (
    Commitment,
    Conversation,
    Group,
    Loan,
    LocalEvent,
    Message,
    MessageQuerySet,
    Need,
)
from needs.tour_seats import crews
from needs.tour_seats.crews import Crew
from volunteers.accounts.viewer import Viewer
from volunteers.models import Membership, User

MOST_LISTED = 40


def find(kind: str, id: uuid.UUID, on: str = "") -> Subject:
    """Return the subject of an address. on: the start of an occurrence of the event, in ISO 8601. Access is not
    checked.

    Raises Http404 for an unknown subject, and for a repeated event without one of its occurrences.
    """
    if kind == "commitment":
        return AboutCommitment(get_object_or_404(Commitment.objects.select_related("need", "volunteer"), pk=id))
    if kind == "need":
        return AboutNeed(get_object_or_404(Need, pk=id))
    if kind in ("plan", "tour"):
        return about_crew(crews.crew_of(id))
    if kind == "loan":
        return AboutLoan(get_object_or_404(Loan.objects.for_list(), pk=id))
    if kind == "group":
        return AboutGroup(get_object_or_404(Group, pk=id))
    if kind == "event":
        event = get_object_or_404(LocalEvent, pk=id)
        return AboutEvent(event, _occurrence(event, on) if event.repeats else None)
    raise Http404


def about_crew(crew: Crew) -> AboutTour:
    """Return the subject of a crew: its plan, or its tour if it was started without one."""
    return AboutTour(crew.plan or crew.tour)


def _occurrence(event: LocalEvent, on: str) -> datetime:
    """Return the key of an occurrence of an event; raise Http404 for a time that its rule does not give."""
    when = occurrences.read(on)
    if when is None or occurrences.at(event, when) is None:
        raise Http404
    return when


def for_viewer(viewer: Viewer, kind: str, id: uuid.UUID, on: str = "") -> tuple[Subject, Speaker]:
    """Return a subject and the role in which the viewer takes part. Raises Http404 for everybody else."""
    subject = find(kind, id, on)
    speaker = subject.speaker_of(viewer)
    if speaker is None:
        raise Http404
    return subject, speaker


def made_for(subject: Subject) -> Conversation:
    """Return the conversation about a subject; it is made if it does not exist yet."""
    return Conversation.objects.get_or_create(**subject.columns)[0]


def messages_of(subject: Subject) -> MessageQuerySet:
    """Return all messages about a subject, the oldest first, including hidden messages."""
    return Message.objects.filter(conversation__in=Conversation.objects.filter(**subject.columns))


# --- the list of a person -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread in the list of a person. last: the latest message of the thread that the person may read."""

    subject: Subject
    speaker: Speaker
    last: Message
    unread: int


def mine(viewer: Viewer) -> list[Listed]:
    """Return the threads with messages in which a person takes part, the latest first; at most MOST_LISTED."""
    user = viewer.user_or_404
    rows = list(
        _near(viewer, user).annotate(last=Max("messages__at")).exclude(last=None).order_by("-last")[:MOST_LISTED]
    )
    latest = _latest(rows, user)
    counts = dict(
        Message.objects.filter(conversation__in=rows)
        .unread_by(user)
        .order_by()
        .values_list("conversation")
        .annotate(n=Count("pk"))
    )
    now, found = timezone.now(), []
    for row in rows:
        subject = subject_of(row)
        speaker = subject.speaker_of(viewer)
        if speaker is None or row.pk not in latest or subject.is_closed(now):
            continue
        found.append(Listed(subject, speaker, latest[row.pk], counts.get(row.pk, 0)))
    return found


def subject_of(row: Conversation) -> Subject:
    """Return the subject of a stored conversation."""
    for kind in SUBJECTS:
        if (id := getattr(row, f"{kind}_id")) is not None:
            if kind == "event":
                return AboutEvent(row.event, row.occurrence)
            return find(kind, id)
    raise Http404


def _near(viewer: Viewer, user: User) -> QuerySet[Conversation]:
    """Return the conversations in which a person might take part; ``Subject.speaker_of`` then decides about each
    conversation."""
    own = Membership.objects.current().filter(user=user).values("association")
    return Conversation.objects.filter(
        Q(commitment__in=Commitment.objects.of(user).values("pk"))
        | Q(loan__in=Loan.objects.of(user).values("pk"))
        | Q(plan__association__in=own)
        | Q(tour__association__in=own)
        | Q(plan__in=user.seats.values("plan"))
        | Q(group__in=user.group_memberships.values("group"))
        | Q(event__in=user.event_seats.values("event"))
        | Q(event__association__in=own)
        | Q(event__author=user)
        | Q(need__author=user)
        | Q(need__in=scope.needs_for(viewer).values("pk"))
        | Q(pk__in=Message.objects.filter(author=user).values("conversation"))
    )


def _latest(rows: Sequence[Conversation], user: User) -> dict[uuid.UUID, Message]:
    shown = Message.objects.filter(conversation__in=rows).shown_to(user).select_related("author")
    return {
        each.conversation_id: each for each in shown.order_by("conversation", "-at", "-pk").distinct("conversation")
    }
