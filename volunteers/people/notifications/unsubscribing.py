"""With a signed link, people unsubscribe from a topic without signing in, and can subscribe again. A bounce also stops
the digest."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from volunteers.enums import Medium, Topic
from volunteers.models import NotificationSettings, User
from volunteers.people.notifications.notifying import BY_DEFAULT

_SALT = "volunteers.notifications.stop"


@dataclass(frozen=True, slots=True)
class Stop:
    """The person, topic and medium of an unsubscribe link."""

    user: User
    topic: Topic
    medium: Medium


def stop_token(user: User, topic: str, medium: str) -> str:
    """Return the signed token of a link. The token contains the account's random key but neither an address nor a
    name."""
    return signing.dumps([user.key.hex, str(topic), str(medium)], salt=_SALT)


def read_stop(token: str) -> Stop | None:
    """Return the content of a link, or None if the link is invalid or the account was deleted. Links do not expire."""
    try:
        key, topic, medium = signing.loads(token, salt=_SALT)
        user = User.objects.filter(key=key).first()
        return Stop(user, Topic(topic), Medium(medium)) if user else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def switch(user: User, topic: str, medium: str, *, on: bool) -> None:
    """Switch a topic on or off for a medium. Idempotent."""
    with transaction.atomic():
        own = own_settings(user)
        pair = f"{topic}:{medium}"
        own.wanted = sorted({*own.wanted, pair} if on else {*own.wanted} - {pair})
        own.save(update_fields=["wanted"])


def own_settings(user: User) -> NotificationSettings:
    """Lock and return a person's settings in the caller's transaction, created from the defaults if missing."""
    wanted = sorted(f"{topic}:{medium}" for topic, medium in BY_DEFAULT)
    own, _made = NotificationSettings.objects.select_for_update().get_or_create(user=user, defaults={"wanted": wanted})
    return own


def note_refusal(key: uuid.UUID, now: datetime) -> None:
    """Note that the address of an account (``User.key``) refuses mail. The digest stops until the person saves their
    choices."""
    with transaction.atomic():
        if user := User.objects.filter(key=key).first():
            own = own_settings(user)
            NotificationSettings.objects.filter(pk=own.pk, mail_refused_at=None).update(mail_refused_at=now)
