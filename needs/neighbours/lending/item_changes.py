"""Adding, changing, pausing and removing things that people and associations lend, and their photos."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases, writing_pauses
from needs.help.records import limits
from needs.models import Item, ItemPhoto
from needs.neighbours.lending import stock
from needs.neighbours.lending.catalogue import search_words
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from needs.neighbours.lending.shared_cells import shared_cell
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User

MOST_ITEMS = 60
"""Items that one person can have; an association can have MOST_OF_ASSOCIATION."""
MOST_OF_ASSOCIATION = 1000
NEW_A_DAY = 30
"""Items that one person can add in a day, so that nobody floods the catalogue and the alerts."""
MOST_PHOTOS = 4


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item as a person enters it. cell: an H3 cell of any resolution; only its shared cell is stored.

    minimum: only for the stock of an association.
    """

    category: str
    name: str
    cell: int
    about: str = ""
    condition: str = "good"
    quantity: int = 1
    minimum: int | None = None

    def values(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "name": self.name,
            "about": self.about,
            "condition": self.condition,
            "cell": shared_cell(self.cell),
            "minimum": self.minimum,
            "words": search_words(self.category, self.name),
        }


def add(draft: ItemDraft, user: User, association: Association | None = None, key: uuid.UUID | None = None) -> Item:
    """Add an item of a person, or of an association that they are a member of.

    key: the id of the new item; a repeated call with the same id adds nothing. Raises WritingPaused, Refused (UNVERIFIED,
    NOT_A_MEMBER) and LendingRefused (MANY, MANY_TODAY).
    """
    limits.check_may_take(user, association)
    writing_pauses.check(user)
    now = timezone.now()
    with transaction.atomic():
        lock([f"lending:{user.pk}", *([f"stock:{association.pk}"] if association else [])])
        if key is not None and (known := Item.objects.of(user).filter(pk=key).first()):
            return known
        own = Item.objects.filter(removed_at=None, owner=None if association else user, association=association)
        if own.count() >= (MOST_OF_ASSOCIATION if association else MOST_ITEMS):
            raise LendingRefused(LendingRefusal.MANY)
        if (
            not association
            and Item.objects.filter(owner=user, made_at__gt=now - timedelta(days=1)).count() >= NEW_A_DAY
        ):
            raise LendingRefused(LendingRefusal.MANY_TODAY)
        item = Item.objects.create(
            id=key or uuid.uuid4(), owner=None if association else user, association=association, listed_at=now,
            quantity=0 if association else draft.quantity, **draft.values(),
        )  # fmt: skip
        if association:
            stock.move(item.pk, draft.quantity, StockReason.ADDED, author=user)
            item.refresh_from_db()
        cases.hold_if_needed(ContentKind.ITEM, item.pk)
    return item


def change(item: Item, draft: ItemDraft, user: User) -> Item:
    """Change an item. If the number of an association's item changes, the new number is stored as a count of the stock.
    Raises LendingRefused (NOT_ENOUGH)."""
    with transaction.atomic():
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        values = draft.values()
        if item.association_id is None:
            values |= {"quantity": draft.quantity, "minimum": None}
        Item.objects.filter(pk=item.pk).update(**values, updated_at=timezone.now())
        item.refresh_from_db()
        if item.association_id is not None and draft.quantity != item.quantity:
            stock.move(item.pk, draft.quantity - item.quantity, StockReason.COUNTED, author=user)
            item.refresh_from_db()
        cases.hold_if_needed(ContentKind.ITEM, item.pk)
    return item


def list_item(item: Item, *, listed: bool) -> None:
    """Show an item in the catalogue, or pause it. Only the first listing causes alerts."""
    now = timezone.now()
    Item.objects.filter(pk=item.pk).update(listed=listed, updated_at=now)
    if listed:
        Item.objects.filter(pk=item.pk, listed_at=None).update(listed_at=now)


def remove(item: Item) -> datetime:
    """Remove an item for good; return the time, which ``undo_remove`` needs. Running loans continue."""
    now = timezone.now()
    Item.objects.filter(pk=item.pk, removed_at=None).update(removed_at=now)
    return now


def undo_remove(item: uuid.UUID, user: User, removed_at: datetime) -> bool:
    """Restore an item that was removed at this time, for somebody who answers for it."""
    own = Item.objects.owned_by(user).filter(pk=item, removed_at=removed_at)
    return bool(own.update(removed_at=None))


def add_photo(item: Item, jpeg: bytes) -> None:
    """Add a re-encoded photo. Raises LendingRefused (PHOTOS)."""
    with transaction.atomic():
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if item.photos.count() >= MOST_PHOTOS:
            raise LendingRefused(LendingRefusal.PHOTOS)
        photo = ItemPhoto(item=item)
        photo.image.save(f"{photo.pk}.jpg", ContentFile(jpeg))


def delete_photo_file(instance: ItemPhoto, **_signal: Any) -> None:
    """Delete the file of a deleted photo. Receiver of post_delete."""
    if instance.image.name:
        transaction.on_commit(partial(instance.image.storage.delete, instance.image.name))
