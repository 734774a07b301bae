"""Invitations to an association."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Role


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self, now: datetime) -> "InvitationQuerySet":
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def lapsed(self, now: datetime) -> "InvitationQuerySet":
        """Those that can not, and still hold an address."""
        return self.exclude(email="").exclude(pk__in=self.waiting(now).values("pk"))


class Invitation(models.Model):
    """An invitation by e-mail. serial: counts the messages sent; the link of an earlier one opens nothing.

    email: emptied once it is accepted, withdrawn or over.
    """

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
