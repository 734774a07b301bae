"""Models of needs.tours.tour_requests."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import RequestAnswer, TourMode
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations.models import Membership
from volunteers.places.territories.models import Territory


class TourRequestQuerySet(models.QuerySet["TourRequest"]):
    def waiting(self, now: datetime) -> Self:
        """Requests that can still be answered, by start. A request expires when its tour would start."""
        return self.filter(answer="", start__gt=now).order_by("start", "pk")

    def visible_to(self, viewer: Viewer) -> Self:
        """Requests that the reader may open: requests for territories that the reader coordinates, and requests that
        the reader may answer."""
        return self.coordinated_by(viewer) | self.answerable_by(viewer)

    def coordinated_by(self, viewer: Viewer) -> Self:
        """Requests for the territories that the reader coordinates."""
        return self.filter(territory__in=Territory.objects.coordinated_by(viewer).values("pk"))

    def answerable_by(self, viewer: Viewer) -> Self:
        """Requests to the associations that the reader dispatches for."""
        if viewer.view_as is not None or viewer.account is None:
            return self.none()
        mine = Membership.objects.dispatching().filter(user=viewer.account)
        return self.filter(association__in=mine.values("association"))


class TourRequest(models.Model):
    """A tour that a coordinator suggests to an association. cells: the stops of the tour in order, as H3 cells of
    resolution 9.

    word: the note of the coordinator; reply: the note of the association. plan: the association's planned tour, after
    it has accepted with or without changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="tour_requests")
    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="tour_requests")
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    start = models.DateTimeField(_("start"))
    minutes = models.PositiveSmallIntegerField(_("minutes in all"), default=120)
    mode = models.CharField(_("how"), max_length=8, choices=TourMode.choices, default=TourMode.FOOT)
    cells = ArrayField(models.BigIntegerField(), default=list)
    word = models.CharField(_("a word for the association"), max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=9, choices=RequestAnswer.choices, blank=True)
    reply = models.CharField(_("a word for the coordinator"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    plan = models.OneToOneField(
        "needs.PlannedTour", on_delete=models.SET_NULL, null=True, blank=True, related_name="request"
    )

    objects = TourRequestQuerySet.as_manager()

    class Meta:
        ordering = ("start", "pk")
        verbose_name = _("suggested tour")
        verbose_name_plural = _("suggested tours")
        indexes = [models.Index(fields=["association", "author", "asked_at"], name="tour_request_sent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="an_answer_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.start:%Y-%m-%d %H:%M}"

    @property
    def waits(self) -> bool:
        """Whether the association can still answer."""
        return not self.answer and self.start > timezone.now()

    @property
    def outcome(self) -> str:
        """The answer; “waiting” or “expired” if there is none."""
        return self.answer or ("waiting" if self.waits else "expired")
