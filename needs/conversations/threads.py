"""Finds the thread of a subject, makes it with its first message, and lists the threads of a person."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from needs.conversations import subjects
from needs.conversations.models import Speaker
from needs.conversations.subjects import Subject
from needs.models import Conversation, Message, MessageQuerySet
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

MOST_LISTED = 40


def for_viewer(viewer: Viewer, kind: str, id: uuid.UUID, on: str = "") -> tuple[Subject, Speaker]:
    """Return a subject and the role in which the viewer takes part. Raises Http404 for everybody else."""
    subject = subjects.find(kind, id, on)
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
        subject = subjects.subject_of(row)
        speaker = subject.speaker_of(viewer)
        if speaker is None or row.pk not in latest or subject.is_closed(now):
            continue
        found.append(Listed(subject, speaker, latest[row.pk], counts.get(row.pk, 0)))
    return found


def _near(viewer: Viewer, user: User) -> QuerySet[Conversation]:
    """Return the conversations in which a person might take part; ``Subject.speaker_of`` then decides about each
    conversation."""
    wrote = Q(pk__in=Message.objects.filter(author=user).values("conversation"))
    return Conversation.objects.filter(reduce(or_, (each.near(viewer, user) for each in subjects.classes()), wrote))


def _latest(rows: Sequence[Conversation], user: User) -> dict[uuid.UUID, Message]:
    shown = Message.objects.filter(conversation__in=rows).shown_to(user).select_related("author")
    return {
        each.conversation_id: each for each in shown.order_by("conversation", "-at", "-pk").distinct("conversation")
    }
