"""Runs over all cells."""

from django.contrib.gis.db import models
from django.utils import timezone


class Recompute(models.Model):
    """A run over all cells: refresh, publication, reconcile. difference: largest one found by a reconcile."""

    job = models.CharField(max_length=12)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    cells = models.PositiveIntegerField(default=0)
    zones = models.PositiveIntegerField(default=0)
    difference = models.FloatField(null=True)

    class Meta:
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M}"
