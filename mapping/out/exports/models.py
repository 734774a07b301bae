"""Models of mapping.out.exports."""

import uuid

from django.contrib.gis.db import models
from django.utils import timezone

from mapping.enums import ExportKind, ExportState, export_formats


class Export(models.Model):
    """A file that a worker is making or has made. done, total: number of rows written so far and total number of rows,
    for the progress bar. words: fingerprint of the teams' words in the file of an external report."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=ExportKind.choices)
    format = models.CharField(max_length=8, choices=export_formats)
    report = models.ForeignKey("mapping.ZoneReport", on_delete=models.CASCADE, null=True, related_name="exports")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    start = models.DateField()
    end = models.DateField()
    language = models.CharField(max_length=5, default="en")
    author = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    words = models.CharField(max_length=64, blank=True, db_default="", default="")

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.format} {self.state}"

    @property
    def share(self) -> float:
        """Progress between 0 and 1."""
        if self.state == ExportState.DONE:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0
