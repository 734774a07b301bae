"""Models of mapping.out.zone_reports."""

import uuid

from django.contrib.gis.db import models
from django.utils import timezone

from mapping.enums import Edition


class ZoneReport(models.Model):
    """A zone report, frozen when it is made, so that page and files show the same digits. payload: the figures of the
    report; their structure is described in mapping.out.zone_reports.compose, and for the external edition in
    mapping.out.zone_reports.external.external_figures.

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

    @property
    def without_counts(self) -> bool:
        """Whether the report shows statuses and kinds of needs only (mapping.out.zone_reports.external.status_report)."""
        return bool(self.payload.get("without_counts"))


class ReportAgreement(models.Model):
    """The answer of one of the two associations of a city to external reports without counts. It holds only together
    with the answer of ``other``. agreed_at: None until the association agreed, and after it withdrew."""

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["territory", "association", "other"], name="one_report_agreement"),
            models.CheckConstraint(condition=~models.Q(association=models.F("other")), name="report_agreement_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.association_id} {self.other_id}"
