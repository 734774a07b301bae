"""Models of needs.help.matching."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Answer, Category


class Capacity(models.Model):
    """The number of needs of one kind that an association can meet in a week, and the distance from its base.

    base: centre of an H3 cell of resolution 9; radius: metres.
    """

    association = models.ForeignKey("volunteers.Association", on_delete=models.CASCADE, related_name="capacities")
    kind = models.CharField(_("kind of need"), max_length=10, choices=Category.choices)
    per_week = models.PositiveSmallIntegerField(_("how many a week"), default=5)
    base = models.PointField(_("from where"), geography=True, null=True, blank=True)
    radius = models.PositiveIntegerField(_("how far, in metres"), default=5000)

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")
        constraints = [models.UniqueConstraint(fields=["association", "kind"], name="one_capacity_per_kind")]

    def __str__(self) -> str:
        return f"{self.association} {self.kind} {self.per_week}"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self, now: datetime) -> Self:
        """Unanswered proposals that have not expired."""
        return self.filter(answer="", expires_at__gt=now)


class Proposal(models.Model):
    """A need proposed to a volunteer; nobody is assigned. reasons: the reasons, stored as ``constraints.Reason``.

    distance: metres between the need's cell and the volunteer's base. by: the dispatcher who made the proposal, or
    None. batch: key that is shared by proposals made together.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="proposals")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="proposals")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    batch = models.UUIDField(default=uuid.uuid4)
    distance = models.FloatField(null=True)
    reasons = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["need", "volunteer"], condition=Q(answer=""), name="one_open_proposal_per_need_and_volunteer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.answer or 'open'}"
