"""Scans of labels: an item of the stock goes out with a tour, comes back, or was given away.

Scans come from phones. Scans may arrive late and in any order. A scan that does not fit the stock yet waits, and is
stored as soon as the missing scans have arrived.
"""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.models import Item, Tour, WaitingScan
from needs.neighbours.lending import stock
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from needs.neighbours.stock_labels import item_labels
from volunteers.models import Membership, User

MOST = 500
"""Pieces in one scan."""
UNKNOWN: str | Promise = _("No thing of this association has this label.")
_LATER = (LendingRefusal.NOT_ENOUGH, LendingRefusal.NOT_ON_TOUR)


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan. id: id of the scan, made by the phone. quantity: number of pieces, at least 1."""

    id: uuid.UUID
    label: str
    reason: StockReason
    quantity: int
    tour: Tour


def item_of(user: User, label: str, tour: Tour) -> Item | None:
    """Return the item with a label.

    Return None for an unknown label and for a label of another association, so that nobody can tell the two cases
    apart.
    """
    mine = Membership.objects.current().filter(user=user).values("association")
    own = Item.objects.filter(association__in=mine, association=tour.association_id, removed_at=None)
    return own.filter(label=item_labels.read(label)).first() if item_labels.read(label) else None


def take(scan: Scan, user: User) -> Item | None:
    """Store a scan and return the item; None if the label is not of the tour's association.

    A repeated scan changes nothing. Raise LendingRefused (OTHER_MOVE) if another move has this id.
    """
    item = item_of(user, scan.label, scan.tour)
    if item is None:
        return None
    signed = scan.quantity if scan.reason == StockReason.BACK else -scan.quantity
    with transaction.atomic():
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        row = WaitingScan(
            pk=scan.id, item=item, quantity=signed, reason=scan.reason, tour=scan.tour, author=user
        )  # fmt: skip
        if not _store(row):
            WaitingScan.objects.bulk_create([row], ignore_conflicts=True)
        store_waiting(item)
    return item


def store_waiting(item: Item) -> int:
    """Store the waiting scans of an item that now fit; return how many.

    Each stored scan can make other waiting scans possible.
    """
    number = 0
    waiting = list(WaitingScan.objects.filter(item=item).select_related("tour", "author"))
    while waiting:
        fitting = next((row for row in waiting if _store(row)), None)
        if fitting is None:
            break
        waiting.remove(fitting)
        WaitingScan.objects.filter(pk=fitting.pk).delete()
        number += 1
    return number


def _store(row: WaitingScan) -> bool:
    """Store the move of a scan; return False if it does not fit the stock yet."""
    try:
        with transaction.atomic():
            stock.move(row.item_id, row.quantity, row.reason, tour=row.tour, author=row.author, id=row.pk)
    except LendingRefused as refused:
        if refused.refusal in _LATER:
            return False
        raise
    return True
