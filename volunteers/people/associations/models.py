"""Associations, memberships, invitations."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from solidarity.lib.database.kept_query import KeptQuery
from volunteers.enums import Role

if TYPE_CHECKING:
    from volunteers.people.accounts.models import User


class AssociationQuerySet(models.QuerySet["Association"]):
    def of(self, user: "User") -> "AssociationQuerySet":
        """Return the associations that the person is a current member of."""
        return self.filter(memberships__user=user, memberships__left_at=None).distinct()

    def without_dispatcher(self) -> "AssociationQuerySet":
        """Return the associations that have members, but nobody who could invite others or change a role."""
        members = Membership.objects.current().filter(association=models.OuterRef("pk"), user__is_active=True)
        return self.filter(models.Exists(members), ~models.Exists(members.filter(role=Role.DISPATCHER)))


class Association(models.Model):
    """An organisation with members. An association owns the encounters and tours that it reports.

    about, contact, logo: entered by its dispatchers for publication, also in reports. The logo is a PNG that our
    software has redrawn.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("what you do"), max_length=500, blank=True, db_default="")
    contact = models.CharField(_("how to reach you"), max_length=200, blank=True, db_default="")
    logo = models.FileField(_("logo"), upload_to="logos", blank=True, db_default="")
    members: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "User", through="Membership", related_name="associations"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssociationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return self.name


_OF = KeptQuery({"user": 1}, lambda user: Association.objects.of(user))


def associations_of(user: "User") -> list[Association]:
    """Return the associations that the person is a current member of."""
    return _OF.rows(user=user.pk)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def dispatching(self) -> "MembershipQuerySet":
        return self.current().filter(role=Role.DISPATCHER)


class Membership(models.Model):
    """A person's membership in an association."""

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("account"))
    association = models.ForeignKey(
        "Association", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("association")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "association"], condition=models.Q(left_at=None), name="one_current_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.association} · {self.get_role_display()}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self, now: datetime) -> "InvitationQuerySet":
        """Return the invitations that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def lapsed(self, now: datetime) -> "InvitationQuerySet":
        """Return the invitations that have ended but still contain an address."""
        return self.exclude(email="").exclude(pk__in=self.waiting(now).values("pk"))


class Invitation(models.Model):
    """An invitation by e-mail. serial: number of messages sent; only the link in the last message is valid. email: the
    invited address, deleted as soon as the invitation is accepted, withdrawn or expired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"), blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    serial = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.association_id} {self.role}"


class VouchQuerySet(models.QuerySet["Vouch"]):
    def waiting(self) -> "VouchQuerySet":
        """Return the requests that the association has not answered, the oldest first."""
        return self.filter(accepted=None, ended_at=None).order_by("asked_at")

    def current(self) -> "VouchQuerySet":
        """Return the vouches in force."""
        return self.filter(accepted=True, ended_at=None)


class Vouch(models.Model):
    """An association vouches for a volunteer. The volunteer may then see the exact places of the needs that they take.

    accepted: the answer of the association; None until it has answered the volunteer's request. Members need no
    vouch.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="vouches")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="vouches")
    text = models.CharField(_("in your words"), max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    accepted = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = VouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("vouch")
        verbose_name_plural = _("vouches")
        constraints = [
            models.UniqueConstraint(
                fields=["association", "user"],
                condition=models.Q(ended_at=None) & (models.Q(accepted=None) | models.Q(accepted=True)),
                name="one_vouch_per_association_and_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.user_id}"
