"""Actions after a change of password or second factor. Each change adds an audit entry; a new password also revokes the
API tokens."""

from typing import Any

from django.db import transaction

from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Verb
from volunteers.people.tokens import tokens


def password(user: Any, **_more: Any) -> None:
    """Record a new password and revoke the API tokens. Django itself ends the other sessions."""
    with transaction.atomic():
        revoked = tokens.revoke_all(user)
        recording.record(user, Verb.PASSWORD_CHANGED, "account", user.key, details={"tokens": revoked})


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
