"""Models of needs.reports.importers."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """An import of a file, with rows = accepted + repaired + refused + known.

    archive: True if the reports come from a public data set about the past and are exempt from retention.
    """

    profile = models.CharField(_("profile"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(_("fingerprint of the file"), max_length=64)
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("association")
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    dry_run = models.BooleanField(_("dry run"), default=False)
    archive = models.BooleanField(_("archive, exempt from retention"), default=False, db_default=False)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    accepted = models.PositiveIntegerField(_("accepted rows"), default=0)
    repaired = models.PositiveIntegerField(_("repaired rows"), default=0)
    refused = models.PositiveIntegerField(_("refused rows"), default=0)
    known = models.PositiveIntegerField(_("known rows"), default=0)
    notes = models.JSONField(_("notes"), default=dict)

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.profile} {self.file_name}"
