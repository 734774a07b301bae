"""Areas that somebody answers for."""

from typing import Any, Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mapping.enums import Duty, Level


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def coordinated_by(self, user: Any) -> Self:
        """Territories the person coordinates, and all below them; every one for an administrator. None while they look as
        somebody else (mapping.looking)."""
        if getattr(user, "looks_as", None) is not None:
            return self.none()
        if user.is_administrator:
            return self.all()
        return self._assigned(user, [Duty.COORDINATOR])

    def seen_by(self, user: Any) -> Self:
        """Territories the person is assigned to with any duty, and all below them; all for an administrator."""
        if user.is_administrator:
            return self.all()
        return self._assigned(user, list(Duty))

    def _assigned(self, user: Any, duties: list[Duty]) -> Self:
        paths = list(
            self.model._default_manager.filter(
                assignments__user=user, assignments__duty__in=duties, assignments__ended_at=None
            ).values_list("path", flat=True)
        )
        if not paths:
            return self.none()
        condition = Q()
        for path in paths:
            condition |= Q(path__startswith=path)
        return self.filter(condition)

    def under(self, territory: "Territory") -> Self:
        """The territory and all below it."""
        return self.filter(path__startswith=territory.path)

    def zoned(self) -> Self:
        return self.filter(zoned=True)


class Territory(models.Model):
    """An area somebody answers for.

    path: slugs from the root, each ended by "/". zoned: cells belong to it and zones are drawn in it (of territories
    that overlap only one is zoned). expected_persons: people expected by the last official count; shared out over the
    cells it is m0 of zones.md. resolution: of its cells, 9, or 8 where it is sparse. m0 and
    model follow from the tree (territories.settle).
    """

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=13, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=400, unique=True, editable=False)
    polygon = models.MultiPolygonField(_("border"), srid=4326)
    zoned = models.BooleanField(_("zones are drawn here"), default=True)
    resolution = models.PositiveSmallIntegerField(default=9)
    adaptive = models.BooleanField(_("cells as large as the expected people ask for"), default=True)
    expected_persons = models.FloatField(_("people expected, by the last official count"), null=True, blank=True)
    count_source = models.CharField(_("which count"), max_length=200, blank=True)
    presence_only = models.BooleanField(_("nobody logs search here"), default=False)
    m0 = models.FloatField(default=1.0, editable=False, help_text="people expected per cell, from expected_persons")
    model = models.ForeignKey(
        "mapping.Parameters", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    coordinators = models.ManyToManyField("volunteers.User", through="Assignment", related_name="territories")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        ordering = ("path",)
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        constraints = [models.CheckConstraint(condition=Q(resolution__in=[8, 9]), name="resolution_8_or_9")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.slug}/"
        super().save(*args, **kwargs)
