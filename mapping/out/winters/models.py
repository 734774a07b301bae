"""Monthly sums of a territory."""

from django.db import models


class MonthlySum(models.Model):
    """What happened in a territory in a month, without reports, places or identities.

    month: its first day. hours: hours of search. visits: cells that tours went to, and encounters outside tours. needs_new,
    needs_met: needs reported in the month, and those of them that were met when the month was summed. expected: people
    expected at the end of the month, if the count has a source. A figure is null if it may not be stored
    (mapping.out.winters.monthly_sums).
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="monthly_sums")
    month = models.DateField()
    hours = models.FloatField(null=True)
    visits = models.PositiveIntegerField(null=True)
    needs_new = models.PositiveIntegerField(null=True)
    needs_met = models.PositiveIntegerField(null=True)
    expected = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "month"], name="one_monthly_sum_per_territory_and_month")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.month:%Y-%m}"
