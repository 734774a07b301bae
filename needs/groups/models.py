"""Models of needs.groups."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Answer


class GroupRole(models.TextChoices):
    MEMBER = "member", _("member")
    HOST = "host", _("host")


class Group(models.Model):
    """A neighbourhood group of volunteers. Its hosts answer requests and look after it.

    asks_first: people ask to join and a host answers; otherwise they join at once. welcome: shown and sent to those who
    join. closed_at: nobody joins or writes any more.
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

    class Meta:
        ordering = ("name",)
        verbose_name = _("neighbourhood group")
        verbose_name_plural = _("neighbourhood groups")

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A person in a group. The row goes when the person leaves."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="group_memberships")
    role = models.CharField(max_length=6, choices=GroupRole.choices, default=GroupRole.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_group")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.user_id}"


class JoinRequest(models.Model):
    """A person asks to join a group or an association. answer: empty as long as nobody has answered."""

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
