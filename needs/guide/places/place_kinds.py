"""Choices of needs.guide.places."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlaceKind(models.TextChoices):
    """The services for which people go to a place."""

    SHELTER = "shelter", pgettext_lazy("place", "a bed for the night")
    DAY_CENTRE = "day_centre", pgettext_lazy("place", "day centre")
    FOOD = "food", pgettext_lazy("place", "meals")
    SHOWER = "shower", pgettext_lazy("place", "showers")
    LAUNDRY = "laundry", pgettext_lazy("place", "laundry")
    HEALTH = "health", pgettext_lazy("place", "health care")
    CLOTHES = "clothes", pgettext_lazy("place", "clothes")
    LUGGAGE = "luggage", pgettext_lazy("place", "luggage store")
    CHARGING = "charging", pgettext_lazy("place", "charging a phone")
    ANIMALS = "animals", pgettext_lazy("place", "animals")
    LEGAL = "legal", pgettext_lazy("place", "legal help")
    FOUNTAIN = "fountain", pgettext_lazy("place", "drinking water")
    TOILETS = "toilets", pgettext_lazy("place", "toilets")


class PlaceAudience(models.TextChoices):
    """The people who may come to a place. A place without an audience is for everybody."""

    WOMEN = "women", pgettext_lazy("who may come", "women")
    MEN = "men", pgettext_lazy("who may come", "men")
    FAMILIES = "families", pgettext_lazy("who may come", "families")
    MINORS = "minors", pgettext_lazy("who may come", "under 18")
    YOUNG = "young", pgettext_lazy("who may come", "18 to 25")
    ANIMALS = "animals", pgettext_lazy("who may come", "people with animals")


class NoticeKind(models.TextChoices):
    """A temporary notice about a place."""

    CLOSED = "closed", pgettext_lazy("notice", "closed")
    FULL = "full", pgettext_lazy("notice", "full")
    OTHER = "other", pgettext_lazy("notice", "something else")


class CapacityKind(models.TextChoices):
    """Things of which a place can have a free number."""

    BEDS = "beds", pgettext_lazy("capacity", "beds")
    ROOMS = "rooms", pgettext_lazy("capacity", "rooms for families")
    MEALS = "meals", pgettext_lazy("capacity", "meals")
    SHOWERS = "showers", pgettext_lazy("capacity", "showers")
    LOCKERS = "lockers", pgettext_lazy("capacity", "lockers")


class ReservationEnd(models.TextChoices):
    """How a reservation ended before its time; empty if it lapsed."""

    ARRIVED = "arrived", _("somebody arrived")
    GIVEN_BACK = "given_back", _("given back")
    REFUSED = "refused", _("refused by the place")


class EditStep(models.TextChoices):
    """Actions on an entry of the guide."""

    ADDED = "added", pgettext_lazy("history of a place", "added")
    CHANGED = "changed", pgettext_lazy("history of a place", "changed")
    CLOSED = "closed", pgettext_lazy("history of a place", "closed for good")
    REOPENED = "reopened", pgettext_lazy("history of a place", "open again")
