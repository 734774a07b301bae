"""Models of mapping.out.zone_reports.field_words."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone


class QuotedNoteQuerySet(models.QuerySet["QuotedNote"]):
    def agreed(self) -> Self:
        """Return the quotes to which the association agrees, of notes that nobody has removed."""
        return self.filter(agreed=True, note__removed_at=None)


class QuotedNote(models.Model):
    """A field note that a coordinator wants to quote in an external report. The row holds no text: the report quotes
    the note itself, so a note that is removed leaves the report at once.

    agreed: whether the association that wrote the note agrees; None before its answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey("mapping.ZoneReport", on_delete=models.CASCADE, related_name="quotes")
    note = models.ForeignKey("mapping.FieldNote", on_delete=models.CASCADE, related_name="quotes")
    chosen_at = models.DateTimeField(default=timezone.now)
    agreed = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = QuotedNoteQuerySet.as_manager()

    class Meta:
        ordering = ("note__at", "id")
        constraints = [models.UniqueConstraint(fields=["report", "note"], name="a_report_quotes_a_note_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.agreed}"
