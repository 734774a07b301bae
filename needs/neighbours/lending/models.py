"""Models of needs.neighbours.lending."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.neighbours.lending.item_kinds import ICONS, ItemCategory, ItemCondition, StockReason
from solidarity.lib.database.region import region_field
from volunteers.people.accounts.models import User
from volunteers.people.associations.models import Association, Membership

CELL_RESOLUTION = 8
"""H3 resolution of the cells of items, wishes and offers: about 0.7 km², so that a cell gives no home away."""


def owned_by(user: User) -> Q:
    """Rows with owner and association for which a person answers: the person's own rows, and the rows of their
    associations."""
    return Q(owner=user) | Q(association__in=Membership.objects.current().filter(user=user).values("association"))


def first_name(user: User | None) -> str:
    """Return the first word of the name that somebody shows to their team; "" without one."""
    return user.given_name if user is not None else ""


class ItemQuerySet(models.QuerySet["Item"]):
    def owned_by(self, user: User) -> Self:
        """Items that a person answers for, including removed items."""
        return self.filter(owned_by(user))

    def of(self, user: User) -> Self:
        """Items that a person answers for, including items that are not listed."""
        return self.owned_by(user).filter(removed_at=None)

    def stock_of(self, association: Association) -> Self:
        """The stock of an association, including items that are not listed."""
        return self.filter(association=association, removed_at=None)

    def listed(self) -> Self:
        """Items of the catalogue: other people can borrow them, the account of the owner is active, and no moderator
        keeps them back."""
        return self.filter(shown(ContentKind.ITEM), removed_at=None, listed=True).exclude(owner__is_active=False)


class Item(models.Model):
    """A thing, or several of the same, that a person or an association lends.

    owner: the person; None for the stock of an association. quantity: number of pieces. cell: the approximate place, as
    an H3 cell of resolution CELL_RESOLUTION. listed: True if others find the item in the catalogue. minimum: if fewer
    pieces than this are left, the association is notified; None for no notification. label: the random text of the QR
    label.
    words: the text that a search looks through, without accents. listed_at: the first time at which others could find
    the item. removed_at: the time at which the item was removed for good.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, null=True, blank=True, related_name="items")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="items"
    )
    category = models.CharField(_("what"), max_length=12, choices=ItemCategory.choices)
    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("description"), max_length=500, blank=True)
    condition = models.CharField(
        _("condition"), max_length=8, choices=ItemCondition.choices, default=ItemCondition.GOOD
    )
    quantity = models.PositiveSmallIntegerField(_("how many"), default=1)
    cell = models.BigIntegerField()
    region = region_field("cell")
    listed = models.BooleanField(_("others find it in the catalogue"), default=True)
    minimum = models.PositiveSmallIntegerField(_("tell us when fewer are left than"), null=True, blank=True)
    label = models.CharField(max_length=32, unique=True, null=True, blank=True, editable=False)
    words = models.CharField(max_length=400, editable=False, default="", db_default="")
    listed_at = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes = [
            models.Index(fields=["category", "cell"], name="item_category_cell", condition=Q(removed_at=None)),
            models.Index(fields=["cell", "-made_at"], name="item_cell_made", condition=Q(removed_at=None, listed=True)),
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="item_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, association__isnull=False) | Q(owner__isnull=False, association=None),
                name="an_item_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def icon(self) -> str:
        """The picture of the item's category, for an item without a photo."""
        return ICONS.get(ItemCategory(self.category), "hand")


class ItemPhoto(models.Model):
    """A photo of an item, re-encoded: the original file and its metadata are not stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey("needs.Item", on_delete=models.CASCADE, related_name="photos")
    image = models.ImageField(upload_to="items/%Y/%m/")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("made_at", "pk")

    def __str__(self) -> str:
        return f"{self.item_id} {self.pk}"


class WishQuerySet(models.QuerySet["Wish"]):
    def of(self, user: User) -> Self:
        """Wishes of a person and of their associations."""
        return self.filter(owned_by(user))

    def open(self, now: datetime) -> Self:
        """Wishes that are neither closed nor expired, of people with an active account."""
        return self.filter(until__gt=now, closed_at=None).exclude(owner__is_active=False)


class Wish(models.Model):
    """Something that a person or an association looks for. alert: True if the person is notified when such an item is
    listed near the cell.

    alerted_until: the time up to which new items are not announced, because they were announced before or are older
    than the wish.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, null=True, blank=True, related_name="wishes")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="wishes"
    )
    category = models.CharField(_("what"), max_length=12, choices=ItemCategory.choices)
    text = models.CharField(_("details"), max_length=200, blank=True)
    cell = models.BigIntegerField()
    alert = models.BooleanField(_("tell me when there is one"), default=True)
    until = models.DateTimeField(_("until"))
    made_at = models.DateTimeField(default=timezone.now)
    alerted_until = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        indexes = [models.Index(fields=["category", "until"], name="wish_category_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, association__isnull=False) | Q(owner__isnull=False, association=None),
                name="a_wish_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.pk}"


class StockMove(models.Model):
    """A change in an association's stock. The phone makes the id of the move, so that a repeated request changes
    nothing.

    quantity: number of pieces that came (positive) or went (negative). tour: the tour that took the pieces or brought
    them back. from_tour: True if the pieces were with a tour, even if the tour is erased later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey("needs.Item", on_delete=models.CASCADE, related_name="moves")
    quantity = models.SmallIntegerField()
    reason = models.CharField(max_length=8, choices=StockReason.choices)
    tour = models.ForeignKey("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="stock_moves")
    from_tour = models.BooleanField(default=False)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["item", "at"], name="stockmove_item_at")]
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="a_stock_move_moves_something")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity:+d}"
