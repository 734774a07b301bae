"""Models of mapping.plans.parameters."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.coverage.cells.coverage_model import PUBLISHED
from volunteers.models import Territory
from volunteers.places.territories.areas import paths_above


class ParametersQuerySet(models.QuerySet["Parameters"]):
    def accepted(self) -> Self:
        return self.filter(proposed=False)

    def proposals(self) -> Self:
        """Return the nightly proposals that nobody has answered yet."""
        return self.filter(proposed=True, declined_at=None)

    def in_force(self, territory: "Territory | None") -> "Parameters":
        """Return the newest version of the territory. If the territory has no version, return the newest version of the
        nearest ancestor with a version, or else the newest global version."""
        found = Q(territory=None)
        if territory is not None:
            found |= Q(territory__path__in=paths_above(territory.path))
        nearest = Length("territory__path").desc(nulls_last=True)
        return self.accepted().filter(found).order_by(nearest, "-version")[0]


class Parameters(models.Model):
    """One version of the model's parameters. A row is never edited; a change adds a new version."""

    territory = models.ForeignKey(
        "volunteers.Territory",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="parameters",
        verbose_name=_("territory"),
    )
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    author = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("author")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    values = models.JSONField(
        _("values"), help_text="names and values as in mapping.coverage.cells.coverage_model.Model"
    )
    proposed = models.BooleanField(default=False)
    declined_at = models.DateTimeField(null=True, blank=True)
    grounds = models.JSONField(default=dict, help_text="why it is proposed: likelihoods, data used")

    objects = ParametersQuerySet.as_manager()

    class Meta:
        verbose_name = _("model parameters")
        verbose_name_plural = _("model parameters")
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "version"], name="a_version_once_per_territory", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.territory or '*'} v{self.version}"

    @property
    def recent_days(self) -> int:
        """Whole days for which pages call a search recent (coverage_model.Model)."""
        return round(float(self.values.get("recent_days", PUBLISHED.recent_days)))
