"""Models of mapping.out.offboarding."""

import uuid

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import ExportState


class Departure(models.Model):
    """The departure of an association: a file of all its data, made by a worker, and then its erasure. leaving_at: the
    time at which the departure was confirmed; a worker then erases the association."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="departures")
    asked_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    size = models.PositiveBigIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    leaving_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("export of all data")
        verbose_name_plural = _("exports of all data")

    def __str__(self) -> str:
        return f"{self.association} {self.state}"
