"""Territories, assignments, cells."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Duty, Level

if TYPE_CHECKING:
    from volunteers.accounts.models import User
    from volunteers.accounts.viewer import Viewer


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def coordinated_by(self, viewer: "Viewer") -> Self:
        """Return the territories that the viewer coordinates and all below them; all territories for administrators.

        In view-as mode and for the public, return none.
        """
        if viewer.view_as is not None or viewer.account is None:
            return self.none()
        if viewer.is_administrator:
            return self.all()
        return self._assigned(viewer.account, [Duty.COORDINATOR])

    def assigned_to(self, user: "User") -> Self:
        """Return the territories of the person's assignments and all below them; all for administrators."""
        if user.is_administrator:
            return self.all()
        return self._assigned(user, list(Duty))

    def _assigned(self, user: "User", duties: list[Duty]) -> Self:
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
        """Return the territory and all below it."""
        return self.filter(path__startswith=territory.path)

    def zoned(self) -> Self:
        return self.filter(zoned=True)


class Territory(models.Model):
    """An area with coordinators.

    path: slugs from the root, each followed by "/". zoned: whether cells belong to it and zones are drawn in it; of
    overlapping territories, only one is zoned. expected_persons: number of people in the last official count.
    """

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=13, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=400, unique=True, editable=False)
    polygon = models.MultiPolygonField(_("border"), srid=4326)
    zoned = models.BooleanField(_("zones are drawn here"), default=True)
    expected_persons = models.FloatField(_("people expected, by the last official count"), null=True, blank=True)
    count_source = models.CharField(_("source of the count"), max_length=200, blank=True)
    coordinators = models.ManyToManyField("volunteers.User", through="Assignment", related_name="territories")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        ordering = ("path",)
        verbose_name = _("territory")
        verbose_name_plural = _("territories")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.slug}/"
        super().save(*args, **kwargs)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)

    def coordinating(self) -> Self:
        return self.current().filter(duty=Duty.COORDINATOR)


class Assignment(models.Model):
    """A person's duty in a territory. Coordinators state their purpose (docs/privacy.md)."""

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="assignments")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="assignments")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "territory", "duty"], condition=Q(ended_at=None), name="one_current_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.territory} · {self.get_duty_display()}"


class Cell(models.Model):
    """The constant data of a cell in a zoned territory."""

    cell = models.BigIntegerField(primary_key=True)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="cells")
    parent8 = models.BigIntegerField()
    parent7 = models.BigIntegerField()
    lat = models.FloatField()
    lng = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["territory", "cell"], name="cell_territory"),
            models.Index(fields=["parent7"], name="cell_parent7"),
            models.Index(fields=["parent8"], name="cell_parent8"),
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"
