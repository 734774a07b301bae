"""Models of mapping.coverage.unseen."""

from django.contrib.gis.db import models
from django.utils import timezone

from volunteers.enums import CountKind


class UnseenFigure(models.Model):
    """The unseen estimate of one day: the number of people in cells that no association has searched for 14 or 28 days.
    persons, low, high: the estimate and its 90 % interval. cells: number of such cells.

    Other counts of people at the same moment, for comparison. expected: number of people in all cells. to_verify:
    number of people in cells with the statuses "to verify" and "not searched". in_both: number of people in the cells
    of ``to_verify`` that were not searched for ``days``. These counts are None for days that were computed before these
    columns existed. expected_low, expected_high: the 90 % range of ``expected``.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="unseen")
    day = models.DateField()
    days = models.PositiveSmallIntegerField()
    persons = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    cells = models.PositiveIntegerField()
    expected = models.FloatField(null=True)
    to_verify = models.FloatField(null=True)
    in_both = models.FloatField(null=True)
    expected_low = models.FloatField(null=True)
    expected_high = models.FloatField(null=True)

    class Meta:
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["territory", "day", "days"], name="one_unseen_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.territory} {self.day} {self.days}"


class Hindcast(models.Model):
    """What the map said before a count, and what the count found.

    day: the last day before the count, whose figure is compared. said, low, high: people expected in the whole territory
    at the end of that day, with the 90 % range. found: the number that was counted. kind: the kind of the count (CountKind).
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="hindcasts")
    day = models.DateField()
    said = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    found = models.FloatField()
    kind = models.CharField(max_length=8, choices=CountKind.choices)
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-day",)
        constraints = [models.UniqueConstraint(fields=["territory", "day"], name="one_hindcast_per_territory_and_day")]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.day}"
