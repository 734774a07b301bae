"""Models of needs.neighbours.loans."""

import uuid
from datetime import date, timedelta
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.guide.places.models import Place
from needs.neighbours.lending.item_kinds import ItemCondition
from needs.neighbours.lending.loan_states import HandOverMoment, LoanState
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Membership

OPEN_STATES = (LoanState.ASKED, LoanState.WAITING, LoanState.AGREED, LoanState.HANDED_OVER, LoanState.LATE)
"""States of a loan that is not over."""
HOLDING_STATES = (LoanState.AGREED, LoanState.HANDED_OVER, LoanState.LATE)
"""States in which a loan occupies pieces."""


def _borrower_side(user: User) -> Q:
    mine = Membership.objects.current().filter(user=user).values("association")
    return Q(borrower=user, association=None) | Q(association__in=mine)


def _owner_side(user: User) -> Q:
    mine = Membership.objects.current().filter(user=user).values("association")
    return Q(item__owner=user) | Q(item__association__in=mine)


class LoanQuerySet(models.QuerySet["Loan"]):
    def borrowed_by(self, user: User) -> Self:
        """Loans for which a person answers as the borrower: the person's own loans, and the loans of their
        associations."""
        return self.filter(_borrower_side(user))

    def lent_by(self, user: User) -> Self:
        """Loans of items that a person answers for."""
        return self.filter(_owner_side(user))

    def of(self, user: User) -> Self:
        """Loans in which a person is on one of the two sides."""
        return self.filter(_borrower_side(user) | _owner_side(user))

    def open(self) -> Self:
        """Loans that have not ended."""
        return self.filter(state__in=OPEN_STATES)

    def for_list(self) -> Self:
        """Loans with the related rows that lists show."""
        return self.select_related("item__owner", "item__association", "borrower", "association", "place")


class Loan(models.Model):
    """One loan of an item, or of several pieces of it.

    borrower: the person who asks; association: the association for which this person asks, perhaps for somebody without
    an account. need: the need that the item answers. period: the days [first, day after the last). place: the neutral
    place of the hand-over. state: :mod:`needs.neighbours.loans.loan_transitions` has the table.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey("needs.Item", on_delete=models.CASCADE, related_name="loans")
    quantity = models.PositiveSmallIntegerField(_("how many"), default=1)
    borrower = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="loans")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="loans"
    )
    need = models.ForeignKey("needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="loans")
    period = DateRangeField(_("days"))
    place = models.ForeignKey("needs.Place", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=LoanState.choices, default=LoanState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        indexes = [models.Index(fields=["item", "state"], name="loan_item_state")]
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="a_loan_of_at_least_one")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"

    @property
    def first_day(self) -> date:
        first: date = self.period.lower
        return first

    @property
    def last_day(self) -> date:
        end: date = self.period.upper
        return end - timedelta(days=1)

    @property
    def meeting_place(self) -> Place | None:
        """The place where the two sides meet; None once the place is closed or its address became secret."""
        place = self.place
        return place if place is not None and not place.address_hidden and place.closed_at is None else None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class LoanedPiece(models.Model):
    """One piece of an item that a loan occupies. piece: number of the piece, from 1 to the item's quantity.

    The database prevents two loans from occupying the same piece on the same day. The row is deleted when the loan
    ends.
    """

    loan = models.ForeignKey("needs.Loan", on_delete=models.CASCADE, related_name="pieces")
    item = models.ForeignKey("needs.Item", on_delete=models.CASCADE, related_name="+")
    piece = models.PositiveSmallIntegerField()
    period = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_piece_is_lent_twice",
                expressions=[
                    ("item", RangeOperators.EQUAL),
                    ("piece", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.piece}"


class LoanStep(models.Model):
    """A change of a loan's state. by: the person who took the step; None for an automatic step or a
    deleted account."""

    loan = models.ForeignKey("needs.Loan", on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12, choices=LoanState.choices)
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.loan_id} {self.state}"


class ConditionNote(models.Model):
    """The condition of the item at a hand-over, with a photo that was re-encoded."""

    loan = models.ForeignKey("needs.Loan", on_delete=models.CASCADE, related_name="condition_notes")
    moment = models.CharField(max_length=8, choices=HandOverMoment.choices)
    condition = models.CharField(_("condition"), max_length=8, choices=ItemCondition.choices)
    text = models.CharField(_("note"), max_length=300, blank=True)
    photo = models.ImageField(_("photo"), upload_to="loans/%Y/%m/", blank=True)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.loan_id} {self.moment}"
