"""Membership: roles, leaving, removal. An association always keeps at least one dispatcher."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from volunteers.enums import Role
from volunteers.models import Association, Membership, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.tokens import tokens
from volunteers.signals import became_dispatcher, dispatching_ended, membership_ended


class LastDispatcher(Exception):
    """The last dispatcher cannot leave: another member must become a dispatcher first."""


def change_role(membership: Membership, role: str, by: User) -> bool:
    """Give a member another role; return False if they already have it. Raise LastDispatcher.

    On a small site, a new dispatcher also gets the duty to dispatch in its territories (``territories.duties.give_to_dispatcher``).
    """
    with transaction.atomic():
        row = _locked(membership)
        if row is None or row.role == role:
            return False
        if row.role == Role.DISPATCHER:
            _not_the_last(row)
        row.role = role
        row.save(update_fields=["role"])
        _note(by, Verb.ROLE_CHANGED, row, role=str(role))
        if role == Role.DISPATCHER:
            became_dispatcher.send(Membership, user=row.user, by=by)
        else:
            membership_ended.send(Membership, membership=row, gone=False)
            dispatching_ended.send(Membership, user=row.user, by=by)
    return True


def leave(membership: Membership) -> bool:
    """End a member's own membership; return False if it had already ended. Raise LastDispatcher."""
    return _end(membership, membership.user, Verb.MEMBER_LEFT)


def remove(membership: Membership, by: User) -> bool:
    """Remove a member and sign them out everywhere. Raise LastDispatcher."""
    with transaction.atomic():
        removed = _end(membership, by, Verb.MEMBER_REMOVED)
        if removed:
            end_sessions(membership.user)
    return removed


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; return the number of devices."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def _end(membership: Membership, by: User, verb: Verb) -> bool:
    """End a membership, revoke the API tokens, and let other apps react to the signal ``membership_ended``."""
    with transaction.atomic():
        row = _locked(membership)
        if row is None:
            return False
        if row.role == Role.DISPATCHER:
            _not_the_last(row)
        row.left_at = timezone.now()
        row.save(update_fields=["left_at"])
        membership_ended.send(Membership, membership=row, gone=True)
        _note(by, verb, row, tokens=tokens.revoke_all(row.user))
        if row.role == Role.DISPATCHER or not Membership.objects.current().filter(user=row.user).exists():
            dispatching_ended.send(Membership, user=row.user, by=by)
    return True


def _locked(membership: Membership) -> Membership | None:
    """Lock the association, so that its last two dispatchers cannot leave at the same time; return the current row of
    the membership."""
    Association.objects.select_for_update().get(pk=membership.association_id)
    return Membership.objects.current().select_related("user", "association").filter(pk=membership.pk).first()


def _not_the_last(row: Membership) -> None:
    others = Membership.objects.dispatching().filter(association=row.association_id, user__is_active=True)
    if not others.exclude(pk=row.pk).exists():
        raise LastDispatcher


def _note(by: User, verb: Verb, row: Membership, **details: Any) -> None:
    recording.record(by, verb, "account", row.user.key, purpose=Purpose.ADMINISTRATION, details=details)


def association_dispatchers(*associations: int) -> QuerySet[User]:
    """Return the active people who dispatch for one of some associations, given by primary key. They answer for it."""
    dispatching = Membership.objects.dispatching().filter(association__in=associations)
    return User.objects.filter(pk__in=dispatching.values("user"), is_active=True)
