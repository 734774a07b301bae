"""Models of mapping.out.file_imports."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    """State of an import. In the first four states, a worker acts on it."""

    READING = "reading", _("the file is being read")
    CHECKING = "checking", _("dry run")
    RUNNING = "running", _("import in progress")
    UNDOING = "undoing", _("being undone")
    MAPPING = "mapping", _("waits for the columns")
    CHECKED = "checked", _("dry run finished")
    DONE = "done", _("imported")
    UNDONE = "undone", _("undone")
    FAILED = "failed", _("failed")


class FileSubject(models.TextChoices):
    """Subject of a file."""

    REPORTS = "reports", _("needs, encounters or help")
    PLACES = "places", _("places of the guide")


WORKING = (ImportState.READING, ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class FileImport(models.Model):
    """An uploaded table that is being imported into the ledger.

    state_at: the time of the last change of the state. encoding, separator: chosen by a person or detected. columns:
    the names of the table's columns. rows, done: number of all rows and number of rows done, for the progress bar.
    mapping: a ColumnMapping; for places {"guide": a Guide}. totals: counts of the dry run or the import, by outcome and
    by reason. problem: a code that says why the import failed. run: the run that stored the reports or places.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(max_length=8, choices=FileSubject.choices, default=FileSubject.REPORTS)
    file_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    language = models.CharField(max_length=5, default="en")
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.READING)
    made_at = models.DateTimeField(default=timezone.now)
    state_at = models.DateTimeField(default=timezone.now)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    problem = models.CharField(max_length=20, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("-made_at",)
        indexes = [models.Index(fields=["association", "-made_at"], name="fileimport_association")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def is_working(self) -> bool:
        """Whether a worker acts on the import."""
        return self.state in WORKING

    @property
    def share(self) -> float:
        """Progress between 0 and 1."""
        return min(1.0, self.done / self.rows) if self.rows else 0.0


class SavedMapping(models.Model):
    """A mapping that an association uses again for files with the same columns."""

    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    mapping: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["association", "name"], name="one_mapping_per_name")]

    def __str__(self) -> str:
        return self.name
