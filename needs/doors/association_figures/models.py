"""The table of monthly figures."""

from django.db import models


class AssociationMonth(models.Model):
    """An association's sums of one month. The sums contain no person and no place.

    month: the first day of the month. minutes: the duration of the tours that ended. people_met: persons in encounters;
    a person who was met twice counts twice. asked, given: number of encounters and aid in which each kind was asked for
    or given. answers: question key → see monthly_figures.Answered.
    """

    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="monthly_figures")
    month = models.DateField()
    tours = models.PositiveIntegerField(default=0)
    minutes = models.FloatField(default=0)
    encounters = models.PositiveIntegerField(default=0)
    nobody_met = models.PositiveIntegerField(default=0)
    people_met = models.PositiveIntegerField(default=0)
    people_helped = models.PositiveIntegerField(default=0)
    asked = models.JSONField(default=dict)
    given = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)

    class Meta:
        ordering = ("month",)
        constraints = [
            models.UniqueConstraint(fields=["association", "month"], name="figures_once_per_association_and_month")
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.month:%Y-%m}"
