"""Models of needs.help.commitments."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Answer, Category, CommitmentState, OutcomeReason, Side, WentWell
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Association


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def active(self) -> Self:
        """Commitments that have not ended."""
        return self.filter(state=CommitmentState.ACTIVE)

    def of(self, user: User) -> Self:
        return self.filter(volunteer=user)

    def running(self, now: datetime) -> Self:
        """Active commitments that have not expired."""
        return self.active().filter(expires_at__gt=now)

    def held_by(self, user: User, now: datetime) -> Self:
        """Commitments that a person holds now. Only these give access to a need's exact place."""
        return self.running(now).filter(volunteer=user, need__retracted_at=None)

    def of_associations(self, user: User) -> Self:
        """Commitments made for the associations that the person is a current member of."""
        return self.filter(association__in=Association.objects.of(user))

    def expired(self, now: datetime) -> Self:
        """Active commitments that have expired and are not ended yet."""
        return self.active().filter(expires_at__lte=now)


class Commitment(models.Model):
    """A volunteer or association takes a need, or a part of it, until an expiry time that users can see.

    The parts of a commitment are the kinds that it covers; the need's other kinds stay open. extended: number of
    extensions. link: key of the link with which the holder hands the commitment over, None without a link. unvisited: the
    need was given back as if after a visit, but too soon for one (``exact_places.eligibility``).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="commitments")
    volunteer = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="commitments")
    association = models.ForeignKey("volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    extended = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=CommitmentState.choices, default=CommitmentState.ACTIVE)
    reason = models.CharField(_("why"), max_length=20, choices=OutcomeReason.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    unsafe_seen_at = models.DateTimeField(null=True)

    unvisited = models.BooleanField(default=False, db_default=False)
    link = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        indexes = [models.Index(fields=["state", "expires_at"], name="commitment_state_expiry")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"


class CommitmentPart(models.Model):
    """One kind of a need that a commitment covers. A constraint allows only one holder for each kind of a need."""

    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="parts")
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Category.choices)
    held = models.BooleanField(default=True)
    met = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "kind"], condition=Q(held=True), name="one_holder_per_kind_of_a_need"
            ),
            models.UniqueConstraint(fields=["commitment", "kind"], name="a_kind_once_per_commitment"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.kind}"


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def waiting(self, now: datetime) -> Self:
        """Unanswered hand-overs of running commitments."""
        return self.filter(answer="", commitment__state=CommitmentState.ACTIVE, commitment__expires_at__gt=now)

    def decided_by(self, user: User) -> Self:
        """Hand-overs that a person decides: requests for their commitments, and offers to them."""
        asked = Q(commitment__volunteer=user, asked_by=models.F("to"))
        return self.filter(asked | (Q(to=user) & ~Q(asked_by=user)))


class HandOver(models.Model):
    """A request for somebody's commitment, or an offer of a commitment.

    The holder answers requests; the recipient answers offers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="hand_overs")
    to = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    message = models.CharField(_("message"), max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "to"], condition=Q(answer=""), name="one_open_hand_over_per_commitment_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.answer or 'open'}"


class Feedback(models.Model):
    """Feedback of one side after a commitment: one of three answers and a text; no score, no ranking.

    seen_at: the time at which a dispatcher noted that they saw it, if it was unsafe.
    """

    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="feedback")
    side = models.CharField(max_length=9, choices=Side.choices)
    went = models.CharField(_("how it went"), max_length=6, choices=WentWell.choices)
    unsafe = models.BooleanField(_("I did not feel safe"), default=False)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "side"], name="one_feedback_per_side")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.side}"
