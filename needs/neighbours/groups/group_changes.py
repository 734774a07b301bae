"""Founding, changing and closing a neighbourhood group."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases
from needs.enums import Answer
from needs.models import Group, JoinRequest
from needs.neighbours.groups import group_membership
from needs.neighbours.groups.models import GroupRole
from solidarity.lib.refused_for import RefusedFor
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.roles import standing
from volunteers.people.vouching import vouching
from volunteers.places.territories import access

MOST_HOSTED = 3
"""Open groups that somebody who coordinates no territory can host when they found another one."""


class FoundingRefusal(Enum):
    """Reasons why somebody cannot found a group now."""

    MANY = "many"
    TODAY = "today"


class FoundingRefused(RefusedFor[FoundingRefusal]):
    """The refusal to found a group."""

    sentences: ClassVar[Mapping[Enum, str | Promise]] = {
        FoundingRefusal.MANY: _("You host three groups. Hand one over before you found another."),
        FoundingRefusal.TODAY: _("You have founded a group today. Found the next one tomorrow."),
    }


def may_found(viewer: Viewer) -> bool:
    """Whether a viewer may found groups: coordinators, and people whom an association knows."""
    account = viewer.account
    if account is None or viewer.view_as is not None:
        return False
    return standing.is_coordinator(account) or vouching.is_vouched(account)


def territories_for(viewer: Viewer) -> Any:
    """Return the territories for which a viewer may found a group."""
    near = access.territories_to_join(viewer).values("pk")
    return (
        (Territory.objects.filter(pk__in=near) | Territory.objects.coordinated_by(viewer)).distinct().order_by("name")
    )


def found(viewer: Viewer, values: Mapping[str, Any]) -> Group:
    """Found a group and make the viewer its host. values: the values of the group's columns. Raise FoundingRefused."""
    by, now = viewer.user_or_404, timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if not standing.is_coordinator(by):
            if Group.objects.hosted_by(by).count() >= MOST_HOSTED:
                raise FoundingRefused(FoundingRefusal.MANY)
            if Group.objects.filter(made_by=by, made_at__gt=now - timedelta(days=1)).exists():
                raise FoundingRefused(FoundingRefusal.TODAY)
        group = Group.objects.create(made_by=by, **values)
        group_membership.add(group, by, GroupRole.HOST)
        cases.hold_if_needed(ContentKind.GROUP, group.pk)
        _record(by, group, "founded")
    return group


def change(group: Group, values: Mapping[str, Any], by: User) -> None:
    """Store what a host changed."""
    with transaction.atomic():
        for name, value in values.items():
            setattr(group, name, value)
        group.save(update_fields=list(values))
        cases.hold_if_needed(ContentKind.GROUP, group.pk)
        _record(by, group, "changed")


def close(group: Group, by: User) -> bool:
    """Close a group, so that nobody can join or write any more. Return False if it was closed before."""
    with transaction.atomic():
        if not Group.objects.open().filter(pk=group.pk).update(closed_at=timezone.now()):
            return False
        JoinRequest.objects.filter(group=group, answer="").update(answer=Answer.EXPIRED)
        _record(by, group, "closed")
    return True


def _record(by: User, group: Group, change: str) -> None:
    recording.record(
        by, Verb.GROUP_CHANGED, "group", group.pk, purpose=Purpose.COORDINATION, scope=group.territory.slug,
        details={"change": change},
    )  # fmt: skip
