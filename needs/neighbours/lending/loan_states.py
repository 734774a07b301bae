"""Choices of needs.neighbours.loans."""

from django.db import models
from django.utils.translation import pgettext_lazy


class LoanState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("loan", "asked for")
    WAITING = "waiting", pgettext_lazy("loan", "on the waiting list")
    AGREED = "agreed", pgettext_lazy("loan", "agreed")
    HANDED_OVER = "handed_over", pgettext_lazy("loan", "handed over")
    LATE = "late", pgettext_lazy("loan", "late")
    RETURNED = "returned", pgettext_lazy("loan", "returned")
    DECLINED = "declined", pgettext_lazy("loan", "declined")
    CANCELLED = "cancelled", pgettext_lazy("loan", "cancelled")
    LOST = "lost", pgettext_lazy("loan", "lost")
    BROKEN = "broken", pgettext_lazy("loan", "broken")
    KEPT = "kept", pgettext_lazy("loan", "kept as a gift")


class HandOverMoment(models.TextChoices):
    OUT = "out", pgettext_lazy("hand-over", "to the borrower")
    BACK = "back", pgettext_lazy("hand-over", "back to the owner")


class LoanSide(models.TextChoices):
    """The side that changes a loan. The side "clock" is the scheduled task."""

    BORROWER = "borrower", pgettext_lazy("loan", "the person who borrows")
    OWNER = "owner", pgettext_lazy("loan", "the person who lends")
    CLOCK = "clock", pgettext_lazy("loan", "automatic")
