"""Blocked accounts, changes of administrators, and the choice whether people can sign up by themselves."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Block(models.Model):
    """A blocked account. The row is deleted when the account is unblocked; the audit log keeps both actions.

    by: the administrator or coordinator who blocked the account. by_administrator: True if only an administrator may
    unblock the account.
    """

    user = models.OneToOneField("volunteers.User", on_delete=models.CASCADE, primary_key=True, related_name="block")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    by_administrator = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("blocked account")
        verbose_name_plural = _("blocked accounts")

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d}"


class SignUpChoice(models.Model):
    """Whether people can create an account without an invitation. The table has at most one row; without a row, people
    can sign up.

    ask: the person or address to ask for an invitation, in an administrator's words; empty: the organisation that runs
    the site.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    closed = models.BooleanField(default=False)
    ask = models.CharField(_("whom to ask for an invitation"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-up")

    def __str__(self) -> str:
        return "closed" if self.closed else "open"


class AdministratorChangeQuerySet(models.QuerySet["AdministratorChange"]):
    def open(self, now: datetime) -> "AdministratorChangeQuerySet":
        """Return the changes that can still happen."""
        return self.filter(ended_at=None).exclude(accepted_at=None, expires_at__lte=now)

    def waiting(self, now: datetime) -> "AdministratorChangeQuerySet":
        """Return the invitations that can still be accepted."""
        return self.open(now).filter(accepted_at=None)

    def due(self, now: datetime) -> "AdministratorChangeQuerySet":
        """Return the changes to which nobody objected in time."""
        return self.filter(ended_at=None, told_at__lte=now - AdministratorChange.TIME_TO_OBJECT)

    def lapsed(self, now: datetime) -> "AdministratorChangeQuerySet":
        """Return the invitations that have ended but still contain an address."""
        return self.exclude(email="").exclude(pk__in=self.waiting(now).values("pk"))


class AdministratorChange(models.Model):
    """A new administrator, a hand-over or a removal, from the invitation to its end.

    person: the account that becomes administrator or is removed; None until an invitation is accepted. email: the
    invited address, deleted as soon as the invitation is accepted or ends. serial: number of mails sent; only the link
    in the last one is valid. accepted_at: for a removal, the time when it was asked for. told_at: the time when every
    administrator and the person got the mail about it; the time to object begins then.
    """

    TIME_TO_OBJECT = timedelta(hours=24)

    class Kind(models.TextChoices):
        NAMED = "named", _("new administrator")
        HANDED_OVER = "handed_over", _("hand-over to another administrator")
        REMOVED = "removed", _("removal of an administrator")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped by an administrator")
        LAPSED = "lapsed", _("no longer possible")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    person = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, null=True, related_name="+")
    email = models.EmailField(_("e-mail address"), blank=True)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    serial = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)

    objects = AdministratorChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("change of administrators")
        verbose_name_plural = _("changes of administrators")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="one_open_administrator_change"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d}"

    @property
    def effective_at(self) -> datetime | None:
        """When the change takes effect; None until everybody has been told."""
        return self.told_at + self.TIME_TO_OBJECT if self.told_at else None
