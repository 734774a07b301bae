"""Audit of changes to passwords and second factors."""

from typing import Any

from volunteers.audit import recording
from volunteers.audit.verbs import Verb


def password(user: Any, **_more: Any) -> None:
    """Record a new password."""
    recording.record(user, Verb.PASSWORD_CHANGED, "account", user.key)


def factor_added(user: Any, authenticator: Any, **_more: Any) -> None:
    """Record a new second factor."""
    _factor(user, authenticator, added=True)


def factor_removed(user: Any, authenticator: Any, **_more: Any) -> None:
    """Record a removed second factor."""
    _factor(user, authenticator, added=False)


def _factor(user: Any, authenticator: Any, *, added: bool) -> None:
    recording.record(
        user, Verb.FACTOR_CHANGED, "account", user.key, details={"kind": str(authenticator.type), "added": added}
    )
