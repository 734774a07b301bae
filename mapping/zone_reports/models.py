"""Models of mapping.zone_reports."""

import uuid

from django.contrib.gis.db import models
from django.utils import timezone

from mapping.enums import Edition


class ZoneReport(models.Model):
    """A zone report, frozen when it is made, so that page and files show the same digits. payload: the figures of the
    report; their structure is described in mapping.zone_reports.compose, and for the external edition in
    mapping.zone_reports.external.external_figures.

    issuer: the association whose name and logo are on the cover; None for the organisation that runs the site.
    recipient: a line on the cover.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="reports")
    start = models.DateField()
    end = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    edition = models.CharField(
        max_length=8, choices=Edition.choices, default=Edition.INTERNAL, db_default=Edition.INTERNAL
    )
    issuer = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, related_name="+")
    recipient = models.CharField(max_length=120, blank=True, db_default="")
    payload = models.JSONField()

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.territory} {self.start}–{self.end}"

    @property
    def external(self) -> bool:
        return self.edition == Edition.EXTERNAL
