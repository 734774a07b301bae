"""Telling people: notices are written with what they are about, in the same transaction, and sent by a worker."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from volunteers.enums import Medium, Topic
from volunteers.models import Notice, NoticeSettings, User

BY_DEFAULT = frozenset((topic, Medium.EMAIL) for topic in Topic)
"""What is switched on for who never said."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a notice says, in the reader's language. path: the page that it leads to.

    Never a place, a name or a telephone number: they stand on the page, for whoever may see it.
    """

    title: str
    body: str
    path: str


def tell(people: Iterable[User], topic: Topic, key: str, words: Callable[[], Message]) -> int:
    """Write one notice per person and medium that they want; how many were new.

    key: says what happened, so that the same is told once (such as "expires:<commitment>:1"). words: called once per
    person, with their language active.
    """
    now = timezone.now()
    rows = []
    every = list(people)
    chosen = {row.user_id: row for row in NoticeSettings.objects.filter(user__in=every)}
    for person in every:
        own = chosen.get(person.pk)
        with translation.override((own and own.language) or settings.LANGUAGE_CODE):
            message = words()
        rows += [
            Notice(
                user=person,
                topic=topic,
                medium=medium,
                key=key,
                title=message.title[:120],
                body=message.body[:500],
                path=message.path,
                made_at=now,
                not_before=after_quiet(own, now),
            )
            for medium in media_of(own, topic)
        ]
    return len(Notice.objects.bulk_create(rows, ignore_conflicts=True))


def media_of(own: NoticeSettings | None, topic: Topic) -> list[Medium]:
    """The media by which a person is told of a topic."""
    if own is None:
        return [medium for medium in Medium if (topic, medium) in BY_DEFAULT]
    return [medium for medium in Medium if f"{topic}:{medium}" in own.wanted]


def after_quiet(own: NoticeSettings | None, now: datetime) -> datetime:
    """A moment, or the end of the quiet hours that it lies in (they may go past midnight)."""
    if own is None or own.quiet_from is None or own.quiet_until is None:
        return now
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if not _within(local.time(), own.quiet_from, own.quiet_until):
        return now
    end = local.replace(hour=own.quiet_until.hour, minute=own.quiet_until.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _within(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end
