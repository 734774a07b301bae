"""Models of needs.neighbours.groups."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from needs.enums import Answer

if TYPE_CHECKING:
    from volunteers.models import User


class GroupRole(models.TextChoices):
    MEMBER = "member", _("member")
    HOST = "host", _("host")


class JoinReason(models.TextChoices):
    """The reason for which a request was declined or a member removed, in words for that person."""

    FULL = "full", _("there is no room at the moment")
    ELSEWHERE = "elsewhere", _("it is for people who help in another area")
    UNKNOWN = "unknown", _("nobody there knows you yet: come to an event or a tour first")
    QUIET = "quiet", _("you have not taken part for a long time")
    RULES = "rules", _("what was agreed was not respected")
    UNSAFE = "unsafe", _("somebody did not feel safe")
    OTHER = "other", _("another reason: you can ask a coordinator")


DECLINING = (JoinReason.FULL, JoinReason.ELSEWHERE, JoinReason.UNKNOWN, JoinReason.OTHER)
REMOVING = (JoinReason.QUIET, JoinReason.RULES, JoinReason.UNSAFE, JoinReason.OTHER)


class GroupQuerySet(models.QuerySet["Group"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def hosted_by(self, user: "User") -> Self:
        return self.open().filter(members__user=user, members__role=GroupRole.HOST)


class Group(models.Model):
    """A neighbourhood group of volunteers. The hosts of a group answer requests and look after the group.

    asks_first: people ask to join and a host answers; otherwise they join at once. welcome: a text that is shown and
    sent to people who join. closed_at: the time since which nobody can join or write.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    about = models.TextField(_("what the group does"), max_length=1000, blank=True)
    welcome = models.TextField(_("welcome message"), max_length=500, blank=True)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="groups")
    asks_first = models.BooleanField(_("people ask before they join"), default=True)
    made_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("neighbourhood group")
        verbose_name_plural = _("neighbourhood groups")

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A person in a group. The row is deleted when the person leaves."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="group_memberships")
    role = models.CharField(max_length=6, choices=GroupRole.choices, default=GroupRole.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_group")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.user_id}"

    @property
    def first_name(self) -> str:
        """The first word of the name that the person shows; "somebody" if they show none."""
        return self.user.given_name or gettext("somebody")


WAITS_FOR = timedelta(days=14)
"""A request that nobody has answered within this time has expired."""


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self, now: datetime) -> Self:
        """Requests that can still be answered, the oldest first."""
        return self.filter(answer="", asked_at__gt=now - WAITS_FOR).order_by("asked_at")

    def expired(self, now: datetime) -> Self:
        return self.filter(answer="", asked_at__lte=now - WAITS_FOR)


class JoinRequest(models.Model):
    """A person asks to join a group or an association, or joins a group at once (then it is accepted from the start).

    answer: empty as long as nobody has answered; EXPIRED also if the person took it back. reason: the reason for a
    refusal. A removal from a group is stored as a declined request, so that the person cannot come back at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="join_requests")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="requests")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="join_requests"
    )
    word = models.CharField(_("a few words about you"), max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=9, choices=JoinReason.choices, blank=True, db_default="")

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(group=None, association__isnull=False) | Q(group__isnull=False, association=None),
                name="a_join_request_has_one_goal",
            ),
            models.UniqueConstraint(
                fields=["user", "group", "association"], condition=Q(answer=""), nulls_distinct=False,
                name="one_waiting_join_request",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id} {self.group_id or self.association_id}"
