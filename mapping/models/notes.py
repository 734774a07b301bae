"""Text pinned to a place."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FieldNoteQuerySet(models.QuerySet["FieldNote"]):
    def current(self, now: datetime) -> Self:
        return self.filter(removed_at=None, at__lte=now, expires_at__gt=now)


class FieldNote(models.Model):
    """Text that its author pins to a place until it expires, shown beside figures. cell: where in the territory."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cell = models.BigIntegerField()
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=1000)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="field_notes")
    association = models.ForeignKey("volunteers.Association", on_delete=models.PROTECT, related_name="field_notes")
    at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("shown until"))
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = FieldNoteQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("field note")
        verbose_name_plural = _("field notes")
        indexes = [models.Index(fields=["cell", "expires_at"], name="fieldnote_cell")]

    def __str__(self) -> str:
        return f"{self.territory} {self.at:%Y-%m-%d}"
