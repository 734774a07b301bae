"""Membership of groups: roles, and how people leave a group.

A group needs a host. If the last host leaves for any reason, the coordinators of the group's territory are told.
"""

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.enums import Answer
from needs.models import Group, GroupMember, JoinRequest
from needs.neighbours.groups.models import GroupRole
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import access, duties


def members_of(group: Group) -> QuerySet[User]:
    """Return the active members of a group, hosts among them; none of a closed group."""
    own = GroupMember.objects.filter(group=group, group__closed_at=None)
    return User.objects.filter(is_active=True, pk__in=own.values("user"))


def hosts_of(group: Group) -> QuerySet[User]:
    """Return the active hosts of a group."""
    own = GroupMember.objects.filter(group=group, role=GroupRole.HOST)
    return User.objects.filter(is_active=True, pk__in=own.values("user"))


def is_host(user: User, group: Group) -> bool:
    return group.closed_at is None and hosts_of(group).filter(pk=user.pk).exists()


def may_close(viewer: Viewer, group: Group) -> bool:
    """Whether a viewer is a host of the group or coordinates its territory."""
    if viewer.account is None or group.closed_at is not None:
        return False
    return is_host(viewer.account, group) or coordinates(viewer, group)


def coordinates(viewer: Viewer, group: Group) -> bool:
    return Territory.objects.coordinated_by(viewer).filter(pk=group.territory_id).exists()


def groups_for(viewer: Viewer) -> QuerySet[Group]:
    """Return the open groups that a person can find: their own groups, groups of territories where they may join tours
    and of the territories above these, and groups of territories that they coordinate."""
    near = access.territories_to_join(viewer)
    around = Territory.objects.filter(Exists(near.filter(path__startswith=OuterRef("path"))))
    found = Q(territory__in=around) | Q(territory__in=Territory.objects.coordinated_by(viewer))
    if viewer.account is not None:
        found |= Q(pk__in=GroupMember.objects.filter(user=viewer.account).values("group"))
    kept = shown(ContentKind.GROUP) | Q(made_by__isnull=False, made_by=viewer.account)
    return Group.objects.open().filter(found, kept).select_related("territory")


# --- roles, leaving, removing ----------------------------------------------------------------------------------------


def add(group: Group, user: User, role: str = GroupRole.MEMBER) -> GroupMember:
    """Make a person a member, and welcome them. Somebody who is already a member keeps their role."""
    member, made = GroupMember.objects.get_or_create(group=group, user=user, defaults={"role": role})
    if made and role == GroupRole.MEMBER:
        key = f"group-welcome:{group.pk}:{member.pk}"
        notify([user], Topic.TOUR, key, lambda: Message(
            title=_("Welcome to the group"),
            body=_("You are a member now. On the group’s page you find a welcome message and the hosts."),
            path=reverse("needs:group", args=[group.pk]),
        ))  # fmt: skip
    return member


def set_role(member: GroupMember, role: str, by: User) -> bool:
    """Make a member a host, or a host a member; return False if nothing changed."""
    with transaction.atomic():
        group = Group.objects.select_for_update(no_key=True).get(pk=member.group_id)
        changed = GroupMember.objects.filter(pk=member.pk).exclude(role=role).update(role=role) > 0
        if changed:
            _record(by, group, change="role", role=str(role))
            _tell_if_hostless(group)
    return changed


def leave(group: Group, user: User, heir: GroupMember | None = None) -> bool:
    """Leave a group; return False if the person is not a member. heir: the member who becomes host instead."""
    with transaction.atomic():
        Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        own = GroupMember.objects.filter(group=group, user=user).first()
        if own is None:
            return False
        if heir is not None and own.role == GroupRole.HOST:
            GroupMember.objects.filter(pk=heir.pk, group=group).update(role=GroupRole.HOST)
        own.delete()
    return True


def remove(member: GroupMember, reason: str, by: User) -> bool:
    """Remove a member; they are told the reason. Return False if they have left. reason: the reason for the removal,
    one of REMOVING."""
    with transaction.atomic():
        group = Group.objects.select_for_update(no_key=True).get(pk=member.group_id)
        row = GroupMember.objects.filter(pk=member.pk).select_related("user").first()
        if row is None:
            return False
        row.delete()
        now = timezone.now()
        JoinRequest.objects.create(
            group=group, user=row.user, answer=Answer.DECLINED, reason=reason, answered_by=by, answered_at=now
        )
        key = f"group-removed:{group.pk}:{member.pk}"
        notify([row.user], Topic.TOUR, key, lambda: Message(
            title=_("You are no longer a member of a group"),
            body=_("The page “Join” gives the reason."),
            path=reverse("needs:join"),
        ))  # fmt: skip
        _record(by, group, change="removed", reason=reason)
    return True


def look_after(group: Group, by: User) -> None:
    """Make a coordinator a host of a group of their territory."""
    with transaction.atomic():
        add(group, by, GroupRole.HOST)
        GroupMember.objects.filter(group=group, user=by).update(role=GroupRole.HOST)
        _record(by, group, change="looked_after")


def leave_all(*, user: User, **_more: Any) -> None:
    """Take a blocked account out of all groups, with its requests (receiver of ``account_blocked``)."""
    for member in GroupMember.objects.filter(user=user):
        member.delete()
    JoinRequest.objects.filter(user=user, answer="").delete()


def member_gone(instance: GroupMember, **_more: Any) -> None:
    """Check whether a group has lost its last host (receiver of ``post_delete``, also for deleted accounts)."""
    if instance.role == GroupRole.HOST:
        transaction.on_commit(partial(_after_the_host, instance.group_id), robust=True)


def _after_the_host(group: uuid.UUID) -> None:
    with transaction.atomic():
        row = Group.objects.open().select_for_update(no_key=True, of=("self",)).filter(pk=group).first()
        if row is None or hosts_of(row).exists():
            return
        if not members_of(row).exists():
            row.closed_at = timezone.now()
            row.save(update_fields=["closed_at"])
            return
        _tell_if_hostless(row)


def _tell_if_hostless(group: Group) -> None:
    """Tell the coordinators of a group's territory that it has no host."""
    if hosts_of(group).exists():
        return
    key = f"group-without-host:{group.pk}:{timezone.now().timestamp():.6f}"
    notify(duties.coordinators_of(group.territory), Topic.DESK, key, lambda: Message(
        title=_("A neighbourhood group has no host any more"),
        body=_("Look after it yourself, or close it. Its requests wait until then."),
        path=reverse("needs:group", args=[group.pk]),
    ))  # fmt: skip


def _record(by: User, group: Group, **details: str) -> None:
    recording.record(
        by, Verb.GROUP_CHANGED, "group", group.pk, purpose=Purpose.COORDINATION, scope=group.territory.slug,
        details=details,
    )  # fmt: skip
