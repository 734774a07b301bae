"""One click stops a topic: a signed link that needs no account, and the way back."""

from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from volunteers.enums import Medium, Topic
from volunteers.models import NotificationSettings, User
from volunteers.notifications.notifying import BY_DEFAULT

_SALT = "volunteers.notifications.stop"


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stops what."""

    user: User
    topic: Topic
    medium: Medium


def stop_token(user: User, topic: str, medium: str) -> str:
    """The signed part of a link; it holds the account's random key, neither its address nor its name."""
    return signing.dumps([user.key.hex, str(topic), str(medium)], salt=_SALT)


def read_stop(token: str) -> Stop | None:
    """What a link stops; None when it was not signed here, or the account is gone. It does not expire."""
    try:
        key, topic, medium = signing.loads(token, salt=_SALT)
        user = User.objects.filter(key=key).first()
        return Stop(user, Topic(topic), Medium(medium)) if user else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def switch(user: User, topic: str, medium: str, *, on: bool) -> None:
    """Switch one topic on or off for one medium; what is so already stays so."""
    with transaction.atomic():
        own = own_settings(user)
        pair = f"{topic}:{medium}"
        own.wanted = sorted({*own.wanted, pair} if on else {*own.wanted} - {pair})
        own.save(update_fields=["wanted"])


def own_settings(user: User) -> NotificationSettings:
    """A person's settings, locked in the caller's transaction; made from the defaults the first time."""
    wanted = sorted(f"{topic}:{medium}" for topic, medium in BY_DEFAULT)
    own, _made = NotificationSettings.objects.select_for_update().get_or_create(user=user, defaults={"wanted": wanted})
    return own
