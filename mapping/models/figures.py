"""Figures kept day by day and month by month."""

from django.contrib.gis.db import models


class UnseenFigure(models.Model):
    """The headline, day by day: people estimated in cells without association search for 14 or 28 days.

    persons, low, high: the estimate and its 90 % interval. cells: how many such cells there are.
    """

    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="unseen")
    day = models.DateField()
    days = models.PositiveSmallIntegerField()
    persons = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    cells = models.PositiveIntegerField()

    class Meta:
        ordering = ("day",)
        constraints = [models.UniqueConstraint(fields=["territory", "day", "days"], name="one_unseen_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.territory} {self.day} {self.days}"


class MonthlyNeed(models.Model):
    """How often a kind of need was named in a place in a month; no report, no identity. cell: H3 resolution 8."""

    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="monthly_needs")
    cell = models.BigIntegerField()
    month = models.DateField()
    kind = models.CharField(max_length=10)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cell", "month", "kind"], name="one_monthly_need_per_place_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.count}"
