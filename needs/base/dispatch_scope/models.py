"""Models of needs.base.dispatch_scope."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NeedSharingQuerySet(models.QuerySet["NeedSharing"]):
    def current(self, now: datetime) -> Self:
        """Sharings that have neither expired nor ended."""
        return self.filter(ended_at=None, expires_at__gt=now)


class NeedSharing(models.Model):
    """A need that is shown to the dispatchers of another territory for some hours, so that they can help."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="sharings")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = NeedSharingQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("shared need")
        verbose_name_plural = _("shared needs")

    def __str__(self) -> str:
        return f"{self.need_id} → {self.territory_id}"
