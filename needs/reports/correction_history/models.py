"""Models of needs.reports.correction_history."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import ReportKind


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def of(self, kind: ReportKind, report: uuid.UUID) -> Self:
        """The corrections of a report, the oldest first."""
        return self.filter(kind=kind, report=report).order_by("at", "pk")

    def by_reporter(self) -> Self:
        """Corrections that reporters made themselves."""
        return self.filter(kind=ReportKind.NEED, by_reporter=True)

    def that_gave_a_place(self, since: datetime, until: datetime) -> Self:
        """Corrections made in (since, until] that gave a need its cell."""
        return self.filter(
            kind=ReportKind.NEED, at__gt=since, at__lte=until, before__cell=None, after__has_key="cell"
        ).exclude(after__cell=None)


class Correction(models.Model):
    """One correction of a need or an encounter.

    before, after: only the changed values, by their names in the event log. A place is stored as its H3 cell of
    resolution 9, never as a point. words_before, words_after: the same for free text. Retention deletes this text
    together with the free text of the report. by_reporter: whether the reporter made it on the private page; then it
    has no author.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    by_reporter = models.BooleanField(default=False, db_default=False, editable=False)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    words_before = models.JSONField(default=dict, blank=True)
    words_after = models.JSONField(default=dict, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        indexes = [
            models.Index(fields=["kind", "report", "at"], name="correction_report"),
            models.Index(fields=["at"], name="correction_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report} {self.at:%Y-%m-%d %H:%M}"

    @property
    def old_values(self) -> dict[str, Any]:
        """The changed values before the correction, free text included."""
        return {**self.before, **self.words_before}

    @property
    def new_values(self) -> dict[str, Any]:
        """The changed values after the correction."""
        return {**self.after, **self.words_after}
