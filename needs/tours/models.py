"""Models of planned tours."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TourMode
from solidarity.lib.database.region import parent_sql
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Membership


class PlannedTourQuerySet(models.QuerySet["PlannedTour"]):
    def of_associations(self, user: User) -> Self:
        """Plans of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def for_list(self) -> Self:
        """Plans with their association and the number of seats taken."""
        return self.select_related("association").annotate(seats_taken=models.Count("taken"))

    def coming(self, now: datetime) -> Self:
        """Plans that start in the future or started in the last 6 hours, by start, without cancelled plans."""
        return self.filter(cancelled_at=None, start__gt=now - timedelta(hours=6)).order_by("start")

    def inside(self, path: str) -> Self:
        """Plans with a cell in a territory or below it. path: the territory's. Cells of sparse territories are larger
        than the cells of plans, so the comparison is in SQL."""
        found = RawSQL(
            "EXISTS (SELECT 1 FROM unnest(needs_plannedtour.cells) AS own(cell) JOIN volunteers_cell k "
            f"ON k.cell IN (own.cell, {parent_sql('own.cell', 8)}) JOIN volunteers_territory t ON t.id = k.territory_id "
            "WHERE starts_with(t.path, %s))",
            [path],
            output_field=models.BooleanField(),
        )
        return self.filter(found)

    def on(self, start: datetime, end: datetime) -> Self:
        """Plans that start in [start, end) and are not cancelled."""
        return self.filter(cancelled_at=None, start__gte=start, start__lt=end)


class PlannedTour(models.Model):
    """A planned tour. cells: the stops of the tour in order, as H3 cells of resolution 9.

    seats: number of volunteers who can join. repeats: True if the plan repeats every week; series: the id that its
    repetitions share.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="planned_tours")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    start = models.DateTimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(_("minutes in all"), default=120)
    mode = models.CharField(_("how"), max_length=8, choices=TourMode.choices, default=TourMode.FOOT)
    cells = ArrayField(models.BigIntegerField(), default=list)
    seats = models.PositiveSmallIntegerField(_("places for volunteers"), default=0)
    repeats = models.BooleanField(_("every week"), default=False)
    series = models.UUIDField(default=uuid.uuid4)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    tour = models.OneToOneField("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="plan")

    objects = PlannedTourQuerySet.as_manager()

    class Meta:
        ordering = ("start",)
        verbose_name = _("planned tour")
        verbose_name_plural = _("planned tours")
        constraints = [models.UniqueConstraint(fields=["series", "start"], name="a_plan_once_per_series_and_start")]

    def __str__(self) -> str:
        return f"{self.association} {self.start:%Y-%m-%d %H:%M}"
