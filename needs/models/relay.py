"""Messages between whoever holds a need and whoever reported it; neither learns who or where the other one is."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Side


class RelayedMessageQuerySet(models.QuerySet["RelayedMessage"]):
    def to_pass_on(self) -> Self:
        """What a dispatcher was asked to say by telephone, and nobody has said yet."""
        return self.filter(by_phone=True, passed_at=None, side=Side.VOLUNTEER)

    def older_than(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)


class RelayedMessage(models.Model):
    """One message about a commitment, shown on the follow page and on the holder's page.

    side: who wrote it. by_phone: a dispatcher is asked to pass it on, for who does not look at the page.
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
