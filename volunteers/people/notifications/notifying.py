"""Creates notifications for the people who want them, to be sent outside their quiet hours."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from solidarity.lib.site import site_choices
from volunteers.enums import Medium, Topic
from volunteers.models import Notification, NotificationSettings, PushSubscription, User
from volunteers.people.notifications.content_policy import check_content
from volunteers.people.notifications.debounced_sending import send_soon

BY_DEFAULT = frozenset((topic, Medium.EMAIL) for topic in Topic if topic != Topic.DIGEST)
"""Enabled pairs for people without settings."""
ALWAYS = frozenset({Topic.DANGER})
"""Topics that nobody can switch off: delivered by every medium that reaches the person, even in quiet hours."""


@dataclass(frozen=True, slots=True)
class Message:
    """The text of a notification in the reader's language, and the ``path`` of the linked page.

    The text never contains a place, a person's name or a telephone number. The linked page shows these, and it checks
    access.
    """

    title: str
    body: str
    path: str


def notify(
    people: Iterable[User], topic: Topic, key: str, words: Callable[[], Message], *, wait: timedelta = timedelta(0)
) -> int:
    """Store one notification per person and enabled medium; return the number of new ones. The notifications are sent
    after the commit.

    key: a text that identifies the event (for example "expires:<commitment>:1"), so that a repeated call stores
    nothing. words: function that is called once per person, with the person's language active. wait: the time to wait
    before sending, during which ``take_back`` can still delete the notifications. If a text contains a coordinate, a
    cell, a telephone number or an e-mail address, raise ForbiddenContent and store nothing.
    """
    now = timezone.now()
    every = [person for person in people if person.is_active]
    chosen = {row.user_id: row for row in NotificationSettings.objects.filter(user__in=every)}
    browsers = set(PushSubscription.objects.filter(user__in=every).values_list("user", flat=True))
    told = set(Notification.objects.filter(user__in=every, key=key).values_list("user", "medium"))
    rows = []
    for person in every:
        own = chosen.get(person.pk)
        with translation.override(language_of(own)):
            message = words()
        title, body, path = str(message.title)[:120], str(message.body)[:500], message.path
        check_content(title, body, path)
        rows += [
            Notification(
                user=person, topic=topic, medium=medium, key=key, title=title, body=body, path=path,
                made_at=now, not_before=after_quiet(own, now + wait, topic),
            )
            for medium in media_of(own, topic, has_browser=person.pk in browsers)
            if (person.pk, medium) not in told
        ]  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.not_before <= now for row in rows):
        transaction.on_commit(send_soon, robust=True)
    return len(rows)


def take_back(key: str) -> set[int]:
    """Delete the notifications of an event if their sending has not begun. Return the people who still get or already
    got a notification."""
    rows = Notification.objects.filter(key=key)
    rows.filter(sent_at=None, attempts=0).delete()
    return set(rows.values_list("user", flat=True))


def language_of(own: NotificationSettings | None) -> str:
    """Return the language of a person's messages."""
    return (own.language if own else "") or site_choices.main_language()


def media_of(own: NotificationSettings | None, topic: str, *, has_browser: bool = True) -> list[Medium]:
    """Return the media that a person has enabled for a topic. has_browser: whether one of their browsers accepts push
    messages."""
    if topic in ALWAYS:
        able = {Medium.EMAIL: True, Medium.PUSH: has_browser, Medium.SMS: bool(own and own.phone)}
        return [medium for medium in Medium if able[medium]]
    if own is None:
        return [medium for medium in Medium if (topic, medium) in BY_DEFAULT]
    return [medium for medium in Medium if f"{topic}:{medium}" in own.wanted]


def after_quiet(own: NotificationSettings | None, now: datetime, topic: str = "") -> datetime:
    """If a datetime is within the quiet hours, return the end of the quiet hours; otherwise return the datetime itself.
    Quiet hours may go past midnight."""
    if topic in ALWAYS or own is None or own.quiet_from is None or own.quiet_until is None:
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
