"""Models of tours and of the time that they spent in each cell."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.records.models import ReportQuerySet
from needs.enums import Channel, TourMode
from solidarity.lib.database.region import region_field
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Membership

LONGEST = timedelta(hours=18)
MOST_UNDER_WAY = 10


class TourQuerySet(ReportQuerySet["Tour"]):
    def open(self) -> Self:
        return self.live().filter(ended_at=None)

    def of_associations(self, user: User) -> Self:
        """Tours of the associations that the person is a current member of."""
        return self.filter(association__in=Membership.objects.current().filter(user=user).values("association"))

    def lately(self, since: datetime) -> Self:
        """Tours that are open or have ended since a datetime, the latest first."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gte=since)).order_by("-at")

    def under_way(self, now: datetime) -> Self:
        """Tours that began at most LONGEST ago, with their association, the latest first."""
        return self.filter(at__gte=now - LONGEST).select_related("association").order_by("-at")[:MOST_UNDER_WAY]

    def for_list(self) -> Self:
        """Tours with their association and the number of encounters, open tours first, then the latest."""
        count = models.Count("encounters", filter=Q(encounters__retracted_at=None))
        return (
            self.live()
            .select_related("association")
            .annotate(met=count, is_over=models.ExpressionWrapper(~Q(ended_at=None), models.BooleanField()))
            .order_by("is_over", "-at")
        )


class Tour(models.Model):
    """A tour (FR: maraude). A tour records search effort, even if nobody was met."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.PROTECT, related_name="tours", verbose_name=_("association")
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="tours_started")
    walkers = models.PositiveSmallIntegerField(_("how many of you"), default=2)
    mode = models.CharField(_("how"), max_length=8, choices=TourMode.choices, default=TourMode.FOOT)
    at = models.DateTimeField(_("start"))
    ended_at = models.DateTimeField(_("end"), null=True, blank=True)
    line = models.LineStringField(_("line drawn"), geography=True, null=True, blank=True, spatial_index=False)
    filed_at = models.DateTimeField(_("filed"), default=timezone.now, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.WEB)
    archive = models.BooleanField(_("archive, exempt from retention"), default=False)
    retracted_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    run = models.ForeignKey("needs.ImportRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TourQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        verbose_name = _("tour")
        verbose_name_plural = _("tours")
        indexes = [models.Index(fields=["at"], name="tour_at")]

    def __str__(self) -> str:
        return f"{self.association} {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.retracted_at is None


class TourCell(models.Model):
    """One cell of a tour.

    minutes: time spent in it; None if no time was logged. pass_minutes: the minutes of each pass, in order, if the tour
    passed through the cell several times; their sum is ``minutes``. None: one pass. Write both with
    :func:`needs.base.records.time_per_cell.columns_of`. met_only: True if the cell is part of the tour only because an
    encounter was there; nobody drew or ticked it. need_not_found: True if the people of a need were not found in the
    cell.
    """

    tour = models.ForeignKey("needs.Tour", on_delete=models.CASCADE, related_name="cells")
    cell = models.BigIntegerField()
    region = region_field("cell")
    minutes = models.FloatField(null=True, blank=True)
    pass_minutes = ArrayField(models.FloatField(), null=True, blank=True)
    met_only = models.BooleanField(default=False, db_default=False)
    need_not_found = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tour", "cell"], name="a_cell_once_per_tour"),
            models.CheckConstraint(condition=Q(minutes=None) | Q(minutes__gte=0), name="tour_minutes_not_negative"),
            models.CheckConstraint(
                condition=Q(pass_minutes=None) | Q(pass_minutes__len__gte=2, minutes__isnull=False),
                name="several_passes_with_minutes",
            ),
        ]
        indexes = [models.Index(fields=["cell"], name="tourcell_cell")]

    def __str__(self) -> str:
        return f"{self.tour_id} {self.cell:x}"

    @property
    def passes(self) -> list[float]:
        """Minutes of each pass; none if no time was logged."""
        return self.pass_minutes or ([] if self.minutes is None else [self.minutes])
