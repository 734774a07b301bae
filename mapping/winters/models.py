"""Monthly sums of a district."""

from django.db import models


class MonthlySum(models.Model):
    """What happened in a zoned territory in a month, without reports, places or identities.

    month: its first day. hours: hours of search. tours: number of tours. needs_new, needs_met: needs reported in the month,
    and those of them that are met. expected: people expected at the end of the month, if the count has a source. A figure
    below monthly_sums.LEAST is null.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="monthly_sums")
    month = models.DateField()
    hours = models.FloatField(null=True)
    tours = models.PositiveIntegerField(null=True)
    needs_new = models.PositiveIntegerField(null=True)
    needs_met = models.PositiveIntegerField(null=True)
    expected = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "month"], name="one_monthly_sum_per_territory_and_month")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.month:%Y-%m}"
