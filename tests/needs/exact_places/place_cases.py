"""Helpers for the tests of exact places: file needs and tours, take a need, open its place."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from needs.enums import OutcomeReason
from needs.help.commitments import ending, exact_place, taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, Need, PlaceView, Tour
from tests.needs.api_cases import file
from volunteers.models import Association, User

HERE = (48.8661, 2.3503)


def needs(number: int, **more: Any) -> list[Need]:
    """File needs at one place in Nord."""
    return [file(HERE, **more) for _each in range(number)]


def look(need: Need, user: User) -> Commitment:
    """Take a need and open its place."""
    own = taking.take(need, user)
    exact_place.reveal_place(own.pk, user)
    return own


def look_and_give_back(need: Need, user: User, reason: str = OutcomeReason.TOO_FAR) -> None:
    ending.withdraw(look(need, user).pk, user, reason)


def refusal(need: Need, user: User) -> Refusal | None:
    """Take a need, open its place and go there in vain; return why that was refused."""
    try:
        own = look(need, user)
        opened_earlier()
        ending.withdraw(own.pk, user, OutcomeReason.NOT_FOUND)
    except Refused as refused:
        Commitment.objects.active().of(user).filter(need=need).update(expires_at=timezone.now())
        ending.expire()
        return refused.refusal
    return None


def opened_earlier(minutes: float = 2) -> None:
    """Let the time pass that a person needs for the way to a place."""
    PlaceView.objects.update(at=timezone.now() - timedelta(minutes=minutes))


def tour_of(user: User, association: Association, hours_ago: float = 1) -> Tour:
    """Store an open tour."""
    at = timezone.now() - timedelta(hours=hours_ago)
    return Tour.objects.create(association=association, author=user, at=at, content_hash="-")
