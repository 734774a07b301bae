"""Models of mapping.coverage.citizen_rates."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CitizenRates(models.Model):
    """One version of a territory's rates κ: weighted citizens' reports per person present and day. A row is never
    edited. A row contains only sums of many days: no report, no source, and no time of a report.

    rate: the rate κ of the whole territory, in reports per person present and day. quarters: H3 cells one level above
    the territory's cells, in ascending order. rates: the rate κ of each quarter, in the order of ``quarters``. day: the
    day of the estimate, in days since 2020-01-01 UTC. days: number of days of evidence that were used. reports: number
    of citizens' reports counted in the whole territory, at most one per source, cell and day. weight: the total weight
    of these reports. person_days: estimated number of persons present, summed over the days.
    """

    id = models.BigAutoField(primary_key=True)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    day = models.FloatField()
    rate = models.FloatField()
    quarters = ArrayField(models.BigIntegerField())
    rates = ArrayField(models.FloatField())
    days = models.FloatField()
    reports = models.PositiveIntegerField()
    weight = models.FloatField()
    person_days = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["territory", "-made_at"], name="citizenrates_in_force")]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.made_at:%Y-%m-%d %H:%M}"

    def weight_of_one(self, otherwise: float) -> float:
        """Return the mean weight of a counted report, or ``otherwise`` if there is none."""
        return self.weight / self.reports if self.reports and self.weight else otherwise
