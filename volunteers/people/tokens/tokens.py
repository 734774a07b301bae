"""API tokens: create, revoke. Only digests are stored."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from volunteers.models import ApiToken, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Verb

PREFIX = "sol_"
SHOWN = len(PREFIX) + 4
MOST_TOKENS = 20
DAYS = (7, 30, 90, 365)
"""Lifetimes to choose from."""


class TooMany(Exception):
    """The person already has MOST_TOKENS valid tokens."""


def make(user: User, name: str, *, writes: bool, days: int) -> tuple[ApiToken, str]:
    """Create a token; return its row and its text. Raise TooMany."""
    text = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if ApiToken.objects.usable(now).filter(user=user).count() >= MOST_TOKENS:
            raise TooMany
        row = ApiToken.objects.create(
            user=user, name=name, digest=digest(text), start=text[:SHOWN], writes=writes,
            made_at=now, expires_at=now + timedelta(days=days),
        )  # fmt: skip
        recording.record(user, Verb.TOKEN_MADE, "token", row.pk, details={"writes": writes, "days": days})
    return row, text


def digest(text: str) -> str:
    """Return the SHA-256 (hexadecimal). A token has 256 random bits, so it needs no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of(user: Any) -> QuerySet[ApiToken]:
    """Return the tokens of a person that were not revoked, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None)


def revoke_all(user: User) -> int:
    """Revoke all valid tokens of a person; return their number."""
    with transaction.atomic():
        valid = list(ApiToken.objects.usable(timezone.now()).select_for_update(of=("self",)).filter(user=user))
        for token in valid:
            revoke(token)
    return len(valid)


def revoke(token: ApiToken) -> None:
    """Revoke a token. Idempotent."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            recording.record(token.user, Verb.TOKEN_REVOKED, "token", token.pk)
