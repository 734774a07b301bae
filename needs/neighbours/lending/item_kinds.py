"""Choices of needs.neighbours.lending."""

from django.db import models
from django.utils.translation import pgettext_lazy


class ItemCategory(models.TextChoices):
    """Kinds of things that are lent."""

    SLEEPING_BAG = "sleeping_bag", pgettext_lazy("item", "sleeping bag")
    TENT = "tent", pgettext_lazy("item", "tent")
    BLANKET = "blanket", pgettext_lazy("item", "blanket")
    MAT = "mat", pgettext_lazy("item", "sleeping mat")
    CRUTCHES = "crutches", pgettext_lazy("item", "crutches")
    WHEELCHAIR = "wheelchair", pgettext_lazy("item", "wheelchair")
    STROLLER = "stroller", pgettext_lazy("item", "stroller")
    COT = "cot", pgettext_lazy("item", "cot")
    HEATER = "heater", pgettext_lazy("item", "heater")
    STOVE = "stove", pgettext_lazy("item", "cooking stove")
    PHONE = "phone", pgettext_lazy("item", "telephone")
    POWER_BANK = "power_bank", pgettext_lazy("item", "power bank")
    BICYCLE = "bicycle", pgettext_lazy("item", "bicycle")
    TROLLEY = "trolley", pgettext_lazy("item", "trolley")
    BACKPACK = "backpack", pgettext_lazy("item", "backpack")
    TOOLS = "tools", pgettext_lazy("item", "tools")
    OTHER = "other", pgettext_lazy("item", "another thing")


ICONS = {
    ItemCategory.SLEEPING_BAG: "blanket", ItemCategory.TENT: "tent", ItemCategory.BLANKET: "blanket",
    ItemCategory.MAT: "blanket", ItemCategory.CRUTCHES: "health", ItemCategory.WHEELCHAIR: "health",
    ItemCategory.STROLLER: "minor", ItemCategory.COT: "minor", ItemCategory.HEATER: "sun", ItemCategory.STOVE: "food",
    ItemCategory.PHONE: "phone", ItemCategory.POWER_BANK: "phone", ItemCategory.BICYCLE: "bicycle",
    ItemCategory.TROLLEY: "transport", ItemCategory.BACKPACK: "clothes",
}  # fmt: skip
"""Pictures of things without a photo."""


class ItemCondition(models.TextChoices):
    NEW = "new", pgettext_lazy("condition", "new")
    GOOD = "good", pgettext_lazy("condition", "good")
    WORN = "worn", pgettext_lazy("condition", "worn")
    DAMAGED = "damaged", pgettext_lazy("condition", "damaged")


class StockReason(models.TextChoices):
    """Reasons why an association's stock changed."""

    ADDED = "added", pgettext_lazy("stock", "added")
    OUT = "out", pgettext_lazy("stock", "taken on a tour")
    BACK = "back", pgettext_lazy("stock", "brought back")
    GIVEN = "given", pgettext_lazy("stock", "given away")
    LOST = "lost", pgettext_lazy("stock", "lost or broken")
    COUNTED = "counted", pgettext_lazy("stock", "corrected after counting")
