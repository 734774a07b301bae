"""What is proposed and promised about needs: capacities, proposals, commitments, hand-overs, feedback."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import Answer, Category, CommitmentState, OutcomeReason, Side, WentWell
from volunteers.models import Association, User


class Capacity(models.Model):
    """What an association can do of one kind in a week, and how far from its base it goes.

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
        """Proposals that were not answered and still can be."""
        return self.filter(answer="", expires_at__gt=now)


class Proposal(models.Model):
    """A need proposed to a volunteer; nobody is assigned. reasons: codes and numbers (matching.Reason), for the words.

    distance: metres between the cell of the need and the volunteer's base. by: the dispatcher; None for the volunteer's
    own list. batch: shared by what was proposed together.
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


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def active(self) -> Self:
        return self.filter(state=CommitmentState.ACTIVE)

    def of(self, user: User) -> Self:
        return self.filter(volunteer=user)

    def running(self, now: datetime) -> Self:
        """Active commitments whose time is not over, whether or not the clock has come by."""
        return self.active().filter(expires_at__gt=now)

    def held_by(self, user: User, now: datetime) -> Self:
        """What a person holds now: the only way to a need's exact place."""
        return self.running(now).filter(volunteer=user, need__retracted_at=None)

    def of_associations(self, user: User) -> Self:
        """Commitments made for an association that the person is a current member of."""
        return self.filter(association__in=Association.objects.of(user))

    def lapsed(self, now: datetime) -> Self:
        """Active commitments whose time is over."""
        return self.active().filter(expires_at__lte=now)


class Commitment(models.Model):
    """A volunteer or association takes a need, wholly or in part, until a visible expiry.

    Which kinds it takes are its parts; what nobody has promised stays open for others. extended: how many times.
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

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        indexes = [models.Index(fields=["state", "expires_at"], name="commitment_state_expiry")]

    def __str__(self) -> str:
        return f"{self.need_id} {self.state}"


class CommitmentPart(models.Model):
    """One kind of a need in a commitment. The constraint decides a race: one holder per kind of a need."""

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
        """Hand-overs without an answer, of commitments that run."""
        return self.filter(answer="", commitment__state=CommitmentState.ACTIVE, commitment__expires_at__gt=now)

    def decided_by(self, user: User) -> Self:
        """Those that a person decides: about what they hold, when another asks; about what is offered to them."""
        asked = Q(commitment__volunteer=user, asked_by=models.F("to"))
        return self.filter(asked | (Q(to=user) & ~Q(asked_by=user)))


class HandOver(models.Model):
    """Somebody asks the holder of a commitment for it, or its holder offers it. The one who did not ask decides."""

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
    """What one side says after a commitment: in words and one of three answers; no score, no ranking."""

    commitment = models.ForeignKey("needs.Commitment", on_delete=models.CASCADE, related_name="feedback")
    side = models.CharField(max_length=9, choices=Side.choices)
    went = models.CharField(_("how it went"), max_length=6, choices=WentWell.choices)
    unsafe = models.BooleanField(_("I did not feel safe"), default=False)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "side"], name="one_feedback_per_side")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.side}"
