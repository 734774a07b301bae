"""Choices of needs.loans."""

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
    """Who changes a loan. The clock is the scheduled task."""

    BORROWER = "borrower", pgettext_lazy("loan", "the person who borrows")
    OWNER = "owner", pgettext_lazy("loan", "the person who lends")
    CLOCK = "clock", pgettext_lazy("loan", "automatic")


class LoanReportReason(models.TextChoices):
    UNSAFE = "unsafe", pgettext_lazy("report of a loan", "I do not feel safe")
    INSULT = "insult", pgettext_lazy("report of a loan", "insults or harassment")
    PRIVATE = "private", pgettext_lazy("report of a loan", "asks where I live or how to reach me")
    PAYMENT = "payment", pgettext_lazy("report of a loan", "wants to be paid")
    FALSE = "false", pgettext_lazy("report of a loan", "what was said is not true")
