"""Territories, the areas of associations, cells."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.enums import CountKind, Duty, Level
from volunteers.people.roles.models import Assignment

if TYPE_CHECKING:
    from volunteers.people.accounts.models import User
    from volunteers.people.accounts.viewer import Viewer

NATURAL_ORDER = "natural_order"
"""Collation in which numbers inside names sort by their value: “Paris 2e” before “Paris 10e”."""


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

    def dispatched_by(self, viewer: "Viewer") -> Self:
        """Return the territories in which the viewer dispatches, and all below them. In view-as mode and for the
        public, return none."""
        if viewer.view_as is not None or viewer.account is None:
            return self.none()
        return self._assigned(viewer.account, [Duty.DISPATCHER])

    def watched_by(self, viewer: "Viewer") -> Self:
        """Return the territories in which the viewer dispatches or coordinates, and all below them; all territories for
        administrators. In view-as mode and for the public, return none."""
        if viewer.view_as is not None or viewer.account is None:
            return self.none()
        if viewer.is_administrator:
            return self.all()
        return self._assigned(viewer.account, [Duty.DISPATCHER, Duty.COORDINATOR])

    def assigned_to(self, user: "User") -> Self:
        """Return the territories of the person's assignments and all below them; all for administrators."""
        if user.is_administrator:
            return self.all()
        return self._assigned(user, list(Duty))

    def of_duties(self, user: int, now: datetime, duties: Sequence[Duty] = tuple(Duty)) -> Self:
        """Return the territories of the duties at a time of the person with this key, and all below them."""
        return self._assigned(user, duties, now)

    def _assigned(self, user: "User | int", duties: Sequence[Duty], now: datetime | None = None) -> Self:
        """Return the territories of the person's current duties and all below them, in a single query."""
        here = ExpressionWrapper(OuterRef("path"), models.CharField())
        own = Assignment.objects.current(now).filter(user=user, duty__in=duties).alias(here=here)
        return self.filter(Exists(own.filter(here__startswith=F("territory__path"))))

    def under(self, territory: "Territory") -> Self:
        """Return the territory and all below it."""
        return self.filter(path__startswith=territory.path)

    def zoned(self) -> Self:
        return self.filter(zoned=True)


class Territory(models.Model):
    """An area with coordinators.

    path: slugs from the root to this territory, each followed by "/". zoned: whether cells belong to this territory and
    zones are drawn in it; among overlapping territories, only one is zoned. expected_persons: number of people in the
    last count. count_kind: empty if nobody knows where this number comes from. counted_on, count_source, count_link:
    when and by whom people were counted, and where this is published. count_error: relative error of the number; None
    for the usual error of its kind. count_low, count_high: the range of an estimate. count_entered_at: when the number
    was entered here. Read these columns through territories.people_counts.
    """

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120, db_collation=NATURAL_ORDER)
    level = models.CharField(_("level"), max_length=13, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(
        _("position in the tree"), max_length=400, unique=True, editable=False, db_collation=NATURAL_ORDER
    )
    polygon = models.MultiPolygonField(_("border"), srid=4326)
    zoned = models.BooleanField(_("zones are drawn here"), default=True)
    expected_persons = models.FloatField(_("people expected, by the last official count"), null=True, blank=True)
    count_kind = models.CharField(
        _("kind of the count"), max_length=8, choices=CountKind.choices, blank=True, default="", db_default=""
    )
    counted_on = models.DateField(_("day of the count"), null=True, blank=True)
    count_source = models.CharField(_("source of the count"), max_length=200, blank=True)
    count_link = models.URLField(_("link to the count"), max_length=300, blank=True, default="", db_default="")
    count_error = models.FloatField(_("relative error of the count"), null=True, blank=True)
    count_low = models.FloatField(_("at least"), null=True, blank=True)
    count_high = models.FloatField(_("at most"), null=True, blank=True)
    count_entered_at = models.DateTimeField(null=True, blank=True, editable=False)
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


class WorkArea(models.Model):
    """A territory in which an association may work, because a coordinator invited it. The territories of its
    dispatchers' duties need no row (``territories.work_areas``). by: the coordinator; None if an upgrade or an
    application made the row."""

    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, related_name="work_areas", verbose_name=_("association")
    )
    territory = models.ForeignKey(
        "volunteers.Territory", on_delete=models.CASCADE, related_name="work_areas", verbose_name=_("territory")
    )
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("area of an association")
        verbose_name_plural = _("areas of associations")
        constraints = [
            models.UniqueConstraint(fields=["association", "territory"], name="one_work_area_per_territory"),
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.territory_id}"


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
