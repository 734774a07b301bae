"""Models of mapping.plans.recurring_needs."""

from django.contrib.gis.db import models


class MonthlyNeed(models.Model):
    """Count of one kind of need in a place and month, without reports or identities. cell: H3 resolution 8."""

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="monthly_needs")
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
