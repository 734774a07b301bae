"""Models of mapping.zone_reports."""

import uuid

from django.contrib.gis.db import models
from django.utils import timezone


class ZoneReport(models.Model):
    """A zone report, frozen when it is made, so that page and files show the same digits. payload: see
    mapping.zone_reports.compose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="reports")
    start = models.DateField()
    end = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    payload = models.JSONField()

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.territory} {self.start}–{self.end}"
