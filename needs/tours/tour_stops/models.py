"""Models of needs.tours.tour_stops."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import CommitmentState, SeenAtStop, StopKind, StopOutcome

UNDONE_FOR = timedelta(days=7)
"""Time for which a need that a tour left undone is offered first to other crews."""


class TourStopQuerySet(models.QuerySet["TourStop"]):
    def of_trip(self, plan: uuid.UUID | None, tour: uuid.UUID | None) -> Self:
        """The stops of a plan, of its tour, or of a tour without a plan."""
        found = Q(plan=plan) if plan is not None else Q()
        if tour is not None:
            found |= Q(tour=tour) | Q(plan__tour=tour)
        return self.filter(found)

    def undone(self, now: datetime) -> Self:
        """Stops at needs that their tour lately postponed or did not reach. The tour may still be running in the
        database, because nobody ended it."""
        since = now - UNDONE_FOR
        lapsed = Q(outcome="", commitment__state=CommitmentState.EXPIRED, commitment__ended_at__gt=since)
        return self.filter(Q(outcome=StopOutcome.POSTPONED, outcome_at__gt=since) | lapsed).exclude(need=None)

    def not_found(self) -> Self:
        """Stops at which the people were not found."""
        return self.filter(outcome=StopOutcome.NOT_FOUND)

    def left_open(self) -> Self:
        """Stops without an outcome that hold a need for their crew."""
        return self.filter(outcome="").exclude(commitment=None)


class TourStop(models.Model):
    """A stop of a planned or running tour. A stop belongs to a plan, or to a tour without a plan.

    cell: H3 cell of resolution 9; for a need or a place, the cell of this need or place. commitment: holds the need for
    the crew. text: the note, or the task at a cell. seen: the observations of the crew where it did not find the people
    of a need. encounter: the encounter that the crew logged at the stop. outcome_by: the person who recorded the
    outcome, None if the end of the tour set it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey("needs.PlannedTour", on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    tour = models.ForeignKey("needs.Tour", on_delete=models.CASCADE, null=True, blank=True, related_name="stops")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=StopKind.choices)
    cell = models.BigIntegerField()
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, null=True, blank=True, related_name="tour_stops")
    place = models.ForeignKey("needs.Place", on_delete=models.CASCADE, null=True, blank=True, related_name="tour_stops")
    text = models.CharField(_("note"), max_length=200, blank=True)
    commitment = models.ForeignKey(
        "needs.Commitment", on_delete=models.SET_NULL, null=True, blank=True, related_name="tour_stops"
    )
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=10, choices=StopOutcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    seen = models.CharField(max_length=8, choices=SeenAtStop.choices, blank=True)
    encounter = models.ForeignKey(
        "needs.Encounter", on_delete=models.SET_NULL, null=True, blank=True, related_name="tour_stops"
    )

    objects = TourStopQuerySet.as_manager()

    class Meta:
        ordering = ("position", "made_at")
        verbose_name = _("stop of a tour")
        verbose_name_plural = _("stops of tours")
        constraints = [
            models.CheckConstraint(condition=Q(plan=None) ^ Q(tour=None), name="a_stop_has_a_plan_or_a_tour"),
            models.UniqueConstraint(fields=["plan", "need"], name="a_need_once_per_plan"),
            models.UniqueConstraint(fields=["tour", "need"], name="a_need_once_per_tour"),
        ]
        indexes = [models.Index(fields=["outcome", "outcome_at"], name="tourstop_outcome")]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}"

    def follow_need(self) -> None:
        """Move the stop to the present cell of its need, which a dispatcher may have corrected."""
        if self.need is not None and self.need.cell is not None:
            self.cell = self.need.cell
