"""The link with which the first administrator creates their account.

The link exists only as long as there is no administrator; a blocked administrator counts too. Each start replaces it.
Only the first browser that opens the link can use it; every other browser is told how to get a new one. Only digests
are stored.
"""

import hashlib
import secrets
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from volunteers.models import FirstStart, User

GOOD_FOR = timedelta(hours=24)
SESSION_KEY = "first_start"


class Opened(Enum):
    """The result of opening a link. UNKNOWN: the link was guessed or replaced, or an administrator exists."""

    OURS = "ours"
    TAKEN = "taken"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def has_administrator() -> bool:
    """Return whether there is an administrator's account, whatever its state."""
    return User.objects.filter(is_superuser=True).exists()


def make() -> str | None:
    """Return a new link and invalidate the earlier one; None if there is an administrator."""
    if has_administrator():
        FirstStart.objects.all().delete()
        return None
    token = secrets.token_urlsafe(32)
    values = {"token": _digest(token), "claim": "", "expires_at": timezone.now() + GOOD_FOR}
    FirstStart.objects.update_or_create(pk=1, defaults=values)
    return settings.SITE_URL + reverse("first_start:open", args=[token])


def open_link(token: str, session: SessionBase) -> Opened:
    """Give the link to the browser that opens it first."""
    with transaction.atomic():
        row = FirstStart.objects.select_for_update().filter(pk=1).first()
        if row is None or has_administrator() or not constant_time_compare(row.token, _digest(token)):
            return Opened.UNKNOWN
        if row.expires_at <= timezone.now():
            return Opened.EXPIRED
        if row.claim:
            return Opened.OURS if _claims(row, session) else Opened.TAKEN
        secret = secrets.token_urlsafe(32)
        row.claim = _digest(secret)
        row.save(update_fields=["claim"])
    session.cycle_key()
    session[SESSION_KEY] = secret
    return Opened.OURS


def is_ours(session: SessionBase) -> bool:
    """Return whether this browser opened the valid link, and there is still no administrator."""
    row = FirstStart.objects.filter(pk=1).first()
    return row is not None and row.expires_at > timezone.now() and _claims(row, session) and not has_administrator()


def use_up(session: SessionBase) -> bool:
    """Delete the link inside the transaction that creates the administrator; return whether this browser had it.

    The lock lets one of two simultaneous requests through.
    """
    row = FirstStart.objects.select_for_update().filter(pk=1).first()
    if row is None or row.expires_at <= timezone.now() or not _claims(row, session) or has_administrator():
        return False
    row.delete()
    return True


def _claims(row: FirstStart, session: SessionBase) -> bool:
    secret = session.get(SESSION_KEY)
    return bool(row.claim) and isinstance(secret, str) and constant_time_compare(row.claim, _digest(secret))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
