"""The conversation of a neighbourhood group."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Self, override

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.conversations.models import Message, Speaker
from needs.conversations.subjects import READ_AND_ANSWER, Subject
from needs.models import Group, GroupMember
from needs.neighbours.groups.models import GroupRole
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer


class AboutGroup(Subject):
    """The members of a neighbourhood group and its hosts, by the rules of ``group_membership``."""

    row: Group
    kind = "group"
    told_once = True
    shared = True
    most = 200

    @property
    @override
    def title(self) -> str:
        return str(self.row.name)

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        role = GroupMember.objects.filter(group=self.row, user=user).values_list("role", flat=True).first()
        if role is None:
            return None
        return Speaker.ORGANISER if role == GroupRole.HOST else Speaker.MEMBER

    @override
    def is_over(self, now: datetime) -> bool:
        return self.row.closed_at is not None

    @override
    def people(self) -> Collection[User]:
        members = GroupMember.objects.filter(group=self.row, group__closed_at=None).values("user")
        return list(User.objects.filter(pk__in=members, is_active=True))

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        return cls(get_object_or_404(Group, pk=id))

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        return Q(group__in=user.group_memberships.values("group"))

    @property
    @override
    def territory(self) -> Territory | None:
        return self.row.territory

    @override
    def news(self, message: Message) -> tuple[str, str]:
        return _("A message in your group"), str(READ_AND_ANSWER)
