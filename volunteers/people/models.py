"""Blocked accounts, and the choice whether people can sign up by themselves."""

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
