"""Roles in an association, leaving it, being removed. Nobody leaves it without a dispatcher."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from volunteers.api import tokens
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.enums import Role
from volunteers.models import ApiToken, Association, Membership, User
from volunteers.signals import membership_ended


class LastDispatcher(Exception):
    """Somebody else has to become a dispatcher first."""


def change_role(membership: Membership, role: str, by: User) -> bool:
    """Give a member another role; False when it is theirs already. Raises LastDispatcher."""
    with transaction.atomic():
        row = _locked(membership)
        if row is None or row.role == role:
            return False
        if row.role == Role.DISPATCHER:
            _not_the_last(row)
        row.role = role
        row.save(update_fields=["role"])
        if role != Role.DISPATCHER:
            membership_ended.send(Membership, membership=row, gone=False)
        _note(by, Verb.ROLE_CHANGED, row, role=str(role))
    return True


def leave(membership: Membership) -> bool:
    """Leave by oneself. Raises LastDispatcher; False when it was over before."""
    return _end(membership, membership.user, Verb.MEMBER_LEFT)


def remove(membership: Membership, by: User) -> bool:
    """Remove a member: whatever they are signed in on is signed out, too. Raises LastDispatcher."""
    with transaction.atomic():
        removed = _end(membership, by, Verb.MEMBER_REMOVED)
        if removed:
            end_sessions(membership.user)
    return removed


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; on how many devices."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def _end(membership: Membership, by: User, verb: Verb) -> bool:
    """End a membership with what hangs on it: tokens of the account, what the apps above held for it."""
    with transaction.atomic():
        row = _locked(membership)
        if row is None:
            return False
        if row.role == Role.DISPATCHER:
            _not_the_last(row)
        row.left_at = timezone.now()
        row.save(update_fields=["left_at"])
        membership_ended.send(Membership, membership=row, gone=True)
        own = list(ApiToken.objects.usable(timezone.now()).filter(user=row.user))
        for token in own:
            tokens.revoke(token)
        _note(by, verb, row, tokens=len(own))
    return True


def _locked(membership: Membership) -> Membership | None:
    """The current row. The association is locked first: two dispatchers who leave at once do not both get away."""
    Association.objects.select_for_update().get(pk=membership.association_id)
    return Membership.objects.current().select_related("user", "association").filter(pk=membership.pk).first()


def _not_the_last(row: Membership) -> None:
    others = Membership.objects.dispatching().filter(association=row.association_id, user__is_active=True)
    if not others.exclude(pk=row.pk).exists():
        raise LastDispatcher


def _note(by: User, verb: Verb, row: Membership, **details: Any) -> None:
    recording.record(by, verb, "account", row.user.key, purpose=Purpose.ADMINISTRATION, details=details)
