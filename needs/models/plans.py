"""Tours before they are walked, and the places that volunteers take in them."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import TourMode
from volunteers.models import Membership, User


class PlannedTourQuerySet(models.QuerySet["PlannedTour"]):
    def of_associations(self, user: User) -> Self:
        """Plans of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def for_list(self) -> Self:
        """Plans with their association and how many places are taken."""
        return self.select_related("association", "tour").annotate(seats_taken=models.Count("taken"))

    def coming(self, now: datetime) -> Self:
        """Plans that are not over yet, the next one first."""
        return self.filter(cancelled_at=None, start__gt=now - timedelta(hours=6)).order_by("start")

    def on(self, start: datetime, end: datetime) -> Self:
        """Plans that start in [start, end)."""
        return self.filter(cancelled_at=None, start__gte=start, start__lt=end)


class PlannedTour(models.Model):
    """A tour before it is walked. cells: where it goes, H3 resolution 9, in the order they are walked.

    seats: places left open for volunteers. repeats: the plan comes back every week; series: what its repetitions share.
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


class Seat(models.Model):
    """A volunteer's place in a planned tour."""

    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, related_name="taken")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="seats")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "volunteer"], name="one_seat_per_volunteer")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.volunteer_id}"
