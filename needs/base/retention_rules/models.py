"""Models of needs.base.retention_rules."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SourceKey(models.Model):
    """The key for the pseudonyms of devices and accounts in one month. secret: the encrypted key.

    The key is destroyed after the month, so that nobody can link a device to its older reports.
    """

    month = models.DateField(unique=True)
    secret = models.BinaryField(editable=False)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class RetentionRun(models.Model):
    """A retention run. counts: number of rows by rule. failed: the names of the rules that failed. The record never
    contains a place or an id."""

    at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    dry_run = models.BooleanField(default=False)
    after_restore = models.BooleanField(default=False)
    counts = models.JSONField(default=dict)
    again = models.JSONField(default=dict, help_text="erasures repeated after a restore")
    failed = models.JSONField(default=list)

    class Meta:
        ordering = ("-at", "-pk")
        get_latest_by = "at"
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Erasure(models.Model):
    """The record of an erasure on request. digest: keyed digest of the erased id. Append-only: a trigger refuses
    changes.

    A file outside the database has the same record, so that the erasure is repeated after a restore.
    """

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    by_owner = models.BooleanField(default=False)

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="erased_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
