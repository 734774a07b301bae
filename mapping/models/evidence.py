"""What reports weigh in cells: what is to be folded, what is folded, what erased reports leave."""

from datetime import datetime

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from mapping.enums import Source
from needs.enums import ReportKind


def evidence_day(moment: datetime) -> float:
    """Days from 2020-01-01 UTC to an aware moment, the unit of Evidence.day and CellState.day."""
    return moment.timestamp() / 86400.0 - 18262.0


class CellTouch(models.Model):
    """The outbox: a report whose evidence is to be folded. Append-only; the fold deletes exactly what it folded."""

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    old_cell = models.BigIntegerField(null=True)
    new_cell = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.report}"


class Evidence(models.Model):
    """One report's evidence in one cell, as folded; free of model parameters.

    day: days since 2020-01-01 UTC. persons: y. hours: search time; None when not logged, 0 when the row carries no
    search. contacts: people helped. source: what it weighs. origin: a 64-bit pseudonym of the citizen or association.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=ReportKind.choices)
    report = models.UUIDField()
    cell = models.BigIntegerField()
    day = models.FloatField()
    source = models.PositiveSmallIntegerField(choices=Source.choices)
    origin = models.BigIntegerField()
    persons = models.FloatField()
    hours = models.FloatField(null=True)
    contacts = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["report"], name="evidence_report"),
            models.Index(fields=["cell", "day"], name="evidence_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report} {self.cell:x}"


class Carried(models.Model):
    """What the evidence of erased reports still weighs in a cell: decayed sums at ``day``, no report and no time of one.

    source: LOGGED or UNLOGGED for associations' evidence; CITIZEN for all that citizens said. lives: half-lives, days; the
    other arrays hold one sum for each of them. persons: Σy, of citizens the weight after their caps. passes: rows whose time
    was not logged. searches, sweeps: rows with time, and their Σ(1 − e^(−rate·hours)). contacts: people helped. last:
    day of the last search.
    """

    cell = models.BigIntegerField()
    source = models.PositiveSmallIntegerField(choices=Source.choices)
    day = models.FloatField()
    rate = models.FloatField()
    lives = ArrayField(models.FloatField())
    persons = ArrayField(models.FloatField())
    passes = ArrayField(models.FloatField())
    searches = ArrayField(models.FloatField())
    sweeps = ArrayField(models.FloatField())
    contacts = ArrayField(models.FloatField())
    last = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "source"], name="carried_once_per_cell_and_source")]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class CarriedVoice(models.Model):
    """What one source of citizens' reports has said in a cell in reports that are erased: decayed sums at ``day``, for the
    limit on one source. Kept only while a report of the same source, in the same place, is still there."""

    cell = models.BigIntegerField()
    origin = models.BigIntegerField()
    day = models.FloatField()
    lives = ArrayField(models.FloatField())
    said = ArrayField(models.FloatField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cell", "origin"], name="carried_once_per_cell_and_origin")]

    def __str__(self) -> str:
        return f"{self.cell:x}"
