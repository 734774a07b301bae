"""A person's notification settings and latest notifications."""

from dataclasses import dataclass, field
from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from solidarity.lib.site import features
from volunteers.enums import DigestRhythm, Medium, Topic
from volunteers.models import Notification, NotificationSettings, User
from volunteers.people.notifications import push, sms
from volunteers.people.notifications.delivery import NotDelivered, OutgoingMessage
from volunteers.people.notifications.notifying import ALWAYS, BY_DEFAULT, language_of
from volunteers.people.notifications.sending import SENDERS
from volunteers.people.notifications.unsubscribing import own_settings
from volunteers.people.roles import standing

DIGEST_PAIR = f"{Topic.DIGEST}:{Medium.EMAIL}"


@dataclass(slots=True)
class SentNotification:
    """A notification by one or more media. path: "" if its page is not there now. states: medium → "sent", "waiting" or
    "failed"."""

    title: str
    body: str
    path: str
    at: datetime
    states: dict[Medium, str] = field(default_factory=dict)


def chosen_by(user: User) -> NotificationSettings | None:
    """Return a person's settings, or None if the person never stored any."""
    return NotificationSettings.objects.filter(user=user).first()


def wanted_by(own: NotificationSettings | None) -> set[str]:
    """Return the "topic:medium" pairs that a person has enabled."""
    return {f"{topic}:{medium}" for topic, medium in BY_DEFAULT} if own is None else set(own.wanted)


def topics_for(user: User) -> list[Topic]:
    """Return the topics that a person can choose by medium. Only dispatchers and coordinators can choose triage; nobody
    can switch off danger. The digest has its own question."""
    works = user.memberships.dispatching().exists() or standing.of(user).dispatches or standing.is_coordinator(user)
    hidden = {*ALWAYS, Topic.DIGEST} | (set() if works else {Topic.TRIAGE})
    return [topic for topic in Topic if topic not in hidden and features.has("topics", topic)]


def available_media() -> list[Medium]:
    """Return the media that this deployment supports."""
    able = {Medium.EMAIL: True, Medium.PUSH: push.is_available(), Medium.SMS: sms.is_available()}
    return [medium for medium in Medium if able[medium]]


def digest_of(own: NotificationSettings | None) -> str:
    """Return the rhythm of a person's digest: a DigestRhythm, or "" if they get none."""
    return own.rhythm if own is not None and DIGEST_PAIR in own.wanted else ""


def save(
    user: User,
    *,
    shown: set[str],
    wanted: set[str],
    quiet_from: time | None,
    quiet_until: time | None,
    language: str,
    digest: str,
) -> None:
    """Store a person's choices. Pairs that the form did not show stay unchanged. A refused address is tried again."""
    with transaction.atomic():
        own = own_settings(user)
        own.wanted = sorted({*own.wanted} - shown - {DIGEST_PAIR} | wanted | ({DIGEST_PAIR} if digest else set()))
        own.quiet_from, own.quiet_until, own.language = quiet_from, quiet_until, language
        own.rhythm, own.mail_refused_at = digest or own.rhythm, None
        own.save()


def choose_digest(user: User, rhythm: DigestRhythm) -> None:
    """Switch the digest on."""
    with transaction.atomic():
        own = own_settings(user)
        own.wanted, own.rhythm = sorted({*own.wanted, DIGEST_PAIR}), rhythm
        own.save(update_fields=["wanted", "rhythm"])


def reach(user: User, own: NotificationSettings | None) -> list[Medium]:
    """Return the media by which a person can be reached now."""
    able = {Medium.EMAIL: True, Medium.PUSH: user.push_subscriptions.exists(), Medium.SMS: bool(own and own.phone)}
    return [medium for medium in available_media() if able[medium]]


def send_test(user: User) -> dict[Medium, str]:
    """Send a test message by every medium that reaches the person. Return an error for each medium, which is empty if
    the message was sent."""
    own = chosen_by(user)
    with translation.override(language_of(own) if own else translation.get_language() or settings.LANGUAGE_CODE):
        message = OutgoingMessage(
            user, own, _("A test message"), _("It works: this is how we notify you."), "/me/notifications/"
        )
    results = {}
    for medium in reach(user, own):
        try:
            SENDERS[medium](message)
            results[medium] = ""
        except NotDelivered as refusal:
            results[medium] = refusal.reason
    return results


def recent(user: User, most: int = 20) -> list[SentNotification]:
    """Return a person's notifications, latest first, each with all its media."""
    found: dict[str, SentNotification] = {}
    for row in Notification.objects.filter(user=user).order_by("-made_at", "-pk")[: most * len(Medium)]:
        path = row.path if features.has_path(row.path) else ""
        sent = found.setdefault(row.key, SentNotification(row.title, row.body, path, row.made_at))
        sent.states[Medium(row.medium)] = "sent" if row.sent_at else "failed" if row.failed_at else "waiting"
    return list(found.values())[:most]
