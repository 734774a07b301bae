"""Models of mapping.unseen."""

from django.contrib.gis.db import models


class UnseenFigure(models.Model):
    """The unseen estimate of one day: the number of people in cells that no association has searched for 14 or 28 days.
    persons, low, high: the estimate and its 90 % interval. cells: number of such cells.

    Other counts of people at the same moment, for comparison. expected: number of people in all cells. to_verify:
    number of people in cells with the statuses "to verify" and "not searched". in_both: number of people in the cells
    of ``to_verify`` that were not searched for ``days``. These counts are None for days that were computed before these
    columns existed.
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

    class Meta:
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["territory", "day", "days"], name="one_unseen_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.territory} {self.day} {self.days}"
