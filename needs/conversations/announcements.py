"""Telling the participants of a conversation about a new message. Notifications contain no text, no name and no place."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from needs.conversations.models import Message, MessageRead, Speaker
from needs.conversations.subjects import Subject
from needs.signals import reporter_answered
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message as Words
from volunteers.people.notifications.notifying import notify

TOLD_ONCE_IN = timedelta(hours=1)
"""A person who was told of a message within this time and has not read it is not told of the next one."""


def announce(subject: Subject, message: Message) -> None:
    """Notify all other people who take part in the conversation. Call this in the transaction that stores the message,
    and when a moderator lets a held message pass."""
    people = [person for person in subject.people() if person.pk != message.author_id]
    people = [person for person in people if subject.tells(person, message)]
    if subject.told_once:
        people = _not_told_yet(people, message)
    if subject.need is not None and message.speaker != Speaker.REPORTER:
        reporter_answered.send(sender=None, need=subject.need, message=message)
        return
    _notify(subject, people, message)


def _not_told_yet(people: Collection[User], message: Message) -> list[User]:
    before = Message.objects.filter(conversation=message.conversation_id, at__gt=message.at - TOLD_ONCE_IN).shown()
    last = before.exclude(pk=message.pk).order_by("-at").first()
    if last is None:
        return list(people)
    read = {last.author_id, *MessageRead.objects.filter(message=last).values_list("user", flat=True)}
    return [person for person in people if person.pk in read]


def _notify(subject: Subject, people: Iterable[User], message: Message) -> None:
    """Notify people with an account. A coordinator who wrote to a crew is told that the crew answered."""
    key, asked = f"message:{message.pk}", set[int]()
    if subject.answered_to_coordinators:
        wrote = Message.objects.filter(conversation=message.conversation_id, speaker=Speaker.COORDINATION)
        asked = set(wrote.values_list("author", flat=True)) - {None}
    rest = list(people)
    began = [person for person in rest if person.pk in asked and message.speaker != Speaker.COORDINATION]
    notify(began, Topic.DESK, key, lambda: Words(
        _("A crew answered you"), _("Open the page to read the answer."), subject.path
    ))  # fmt: skip
    others = [person for person in rest if person.pk not in asked]
    notify(others, subject.topic, key, lambda: Words(*subject.news(message), subject.path))
