"""What every report has, and can be asked."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Channel


class ReportQuerySet[ModelT: models.Model](models.QuerySet[ModelT]):
    """What all kinds of report can be asked."""

    def live(self) -> Self:
        """Reports that were not retracted."""
        return self.filter(retracted_at=None)

    def between(self, start: datetime, end: datetime) -> Self:
        """Reports of things that happened in [start, end)."""
        return self.filter(at__gte=start, at__lt=end)

    def in_cells(self, cells: list[int]) -> Self:
        """Reports that lie in the given H3 cells of resolution 9."""
        return self.filter(cell__in=cells)


class Report(models.Model):
    """What every report has.

    at: when it happened. point: the exact place, kept for EXACT_POINT_HOURS. fine_cell: H3 resolution 10, kept for
    FINE_CELL_DAYS. cell: H3 resolution 9, kept as long as the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(_("when"))
    filed_at = models.DateTimeField(default=timezone.now, editable=False)
    point = models.PointField(_("place"), geography=True, null=True, blank=True, spatial_index=False)
    fine_cell = models.BigIntegerField(null=True, blank=True, editable=False)
    cell = models.BigIntegerField(null=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.WEB)
    archive = models.BooleanField(_("archive, exempt from retention"), default=False)
    retracted_at = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


def indexes(name: str) -> list[models.Index]:
    """The indexes that every kind of report has."""
    return [
        models.Index(fields=["cell", "at"], name=f"{name}_cell_at"),
        models.Index(fields=["at"], name=f"{name}_at"),
    ]
