"""Choices of needs.offers."""

from django.db import models
from django.utils.translation import pgettext_lazy


class OfferKind(models.TextChoices):
    THING = "thing", pgettext_lazy("offer", "a thing")
    MEAL = "meal", pgettext_lazy("offer", "a meal")
    TIME = "time", pgettext_lazy("offer", "time")


class OfferRequestState(models.TextChoices):
    """States of a request: the states of a loan, without the return."""

    ASKED = "asked", pgettext_lazy("request", "asked for")
    AGREED = "agreed", pgettext_lazy("request", "agreed")
    GIVEN = "given", pgettext_lazy("request", "given")
    DECLINED = "declined", pgettext_lazy("request", "declined")
    CANCELLED = "cancelled", pgettext_lazy("request", "cancelled")
