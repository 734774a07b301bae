"""Models of mapping.plans.self_checks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import CheckFinding


def _floats() -> ArrayField:
    return ArrayField(models.FloatField())


class Prediction(models.Model):
    """The map's prediction for each cell of a territory before the tours of a day. A prediction is deleted after it was
    compared with the tours.

    day: local day. made_at: the prediction is compared with the visits of the 24 hours after this time. m0, values:
    expected people per cell and parameters of the model, adapted to the cell size and to cold plans. table: the cells
    and their posteriors as compressed columns (predicting.COLUMNS).
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    made_at = models.DateTimeField()
    m0 = models.FloatField()
    values = models.JSONField()
    table = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "day"], name="one_prediction_per_territory_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.day}"


class CheckedDay(models.Model):
    """Sums over the places that tours visited in the 24 hours after a prediction. The row contains no data about single
    cells.

    bands: calibration.COLUMNS for each band of P, band after band. likelihoods: log likelihood of the visits for each of
    calibration.FACTORS. meetings, reported: (places, predicted, observed, variance) of visits that meet anybody, in all
    places and in those that citizens reported in the seven days before. first_visits: first_visits.COLUMNS of the visits
    to cells that nobody had searched for 14 days; empty if the territory's count has no source.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    bands = _floats()
    likelihoods = _floats()
    meetings = _floats()
    reported = _floats()
    first_visits = ArrayField(models.FloatField(), default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "day"], name="one_checked_day_per_territory_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.day}"


class CheckedAssociation(models.Model):
    """Sums over an association's tours in a territory in the 24 hours after a prediction.

    tours: number of tours. unlogged: number of tours that logged no time at all. visits: number of visits with logged
    time. expected, met: number of people whom these visits were expected to meet, and number whom they met. variance:
    variance of ``met``.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    tours = models.PositiveIntegerField()
    unlogged = models.PositiveIntegerField()
    visits = models.PositiveIntegerField()
    expected = models.FloatField()
    met = models.FloatField()
    variance = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "day", "association"], name="one_checked_day_per_association_and_territory"
            )
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.day}"


class SelfCheckNotice(models.Model):
    """A finding of the self-checks about an association in a territory. The association reads it first; coordinators
    read its name later (mapping.plans.self_checks.findings).

    since: when the association could first read it. found_on: the last day on which it was found. answer: what the
    association says about it.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=CheckFinding.choices)
    since = models.DateTimeField(default=timezone.now)
    found_on = models.DateField()
    answer = models.TextField(_("your answer"), max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "association", "kind"], name="one_notice_per_finding")
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.kind}"
