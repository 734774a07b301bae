"""Models of needs.conversations."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Side, WentWell


class Feedback(models.Model):
    """Feedback of one side after a commitment: one of three answers and a text; no score, no ranking."""

    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="feedback")
    side = models.CharField(max_length=9, choices=Side.choices)
    went = models.CharField(_("how it went"), max_length=6, choices=WentWell.choices)
    unsafe = models.BooleanField(_("I did not feel safe"), default=False)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "side"], name="one_feedback_per_side")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.side}"


class RelayedMessageQuerySet(models.QuerySet["RelayedMessage"]):
    def to_pass_on(self) -> Self:
        """Messages to pass on by telephone that nobody has passed on yet."""
        return self.filter(by_phone=True, passed_at=None, side=Side.VOLUNTEER)

    def older_than(self, limit: datetime) -> Self:
        return self.filter(at__lt=limit)


class RelayedMessage(models.Model):
    """One message about a commitment, shown on the follow page and on the holder's page.

    side: the author. by_phone: a dispatcher is asked to pass it on to a reporter who does not open the page.
    """

    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="relayed")
    side = models.CharField(max_length=9, choices=Side.choices)
    text = models.CharField(_("message"), max_length=500)
    at = models.DateTimeField(default=timezone.now)
    by_phone = models.BooleanField(_("a dispatcher passes it on by telephone"), default=False)
    passed_at = models.DateTimeField(null=True, blank=True)
    passed_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = RelayedMessageQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("message about a commitment")
        verbose_name_plural = _("messages about commitments")

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.side}"
