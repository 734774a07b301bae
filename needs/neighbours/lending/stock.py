"""The stock of an association: items that came in, went out with a tour, came back, were given away or lost.

The number of an item includes the pieces in the store, on tours and on loan. The number changes only through stored
moves, so that the stock sheet always adds up.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.models import Item, Loan, StockMove, Tour
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.lending_refusals import LendingRefusal, LendingRefused
from needs.neighbours.lending.loan_states import LoanState
from volunteers.enums import Topic
from volunteers.models import Association, User
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.notifications.notifying import Message, notify

INCOMING = frozenset({StockReason.ADDED, StockReason.BACK})
ON_TOURS = (StockReason.OUT, StockReason.BACK)
GONE = (StockReason.GIVEN, StockReason.LOST)
AWAY = (LoanState.HANDED_OVER, LoanState.LATE)
"""States of loans in which the pieces are with the borrower."""


@dataclass(frozen=True, slots=True)
class Level:
    """The number of pieces of an item. total: number of all pieces. out: number of pieces with tours. lent: number
    of pieces with borrowers."""

    total: int
    out: int = 0
    lent: int = 0

    @property
    def left(self) -> int:
        """Pieces in the store."""
        return self.total - self.out - self.lent


def move(
    item: uuid.UUID,
    quantity: int,
    reason: StockReason | str,
    *,
    tour: Tour | None = None,
    author: User,
    id: uuid.UUID | None = None,
) -> StockMove:
    """Store a change of an association's stock and return it. A repeated call with the same id changes nothing.

    quantity: number of pieces that come (positive: ADDED, BACK) or go (negative: OUT, GIVEN, LOST); COUNTED can be
    either. tour: the tour that takes the pieces or brings them back. Pieces that a tour gives away or loses are
    subtracted from the pieces that it has with it. If two people move the last piece at the same time, one waits for
    the other and is then refused. Raises LendingRefused: SIGN, NO_STOCK, NOT_ENOUGH, NOT_ON_TOUR, OTHER_MOVE.
    """
    why, key = StockReason(reason), id or uuid.uuid4()
    if not quantity or (why != StockReason.COUNTED and (quantity > 0) != (why in INCOMING)):
        raise LendingRefused(LendingRefusal.SIGN)
    with transaction.atomic():
        row = Item.objects.select_for_update(of=("self",)).select_related("association").get(pk=item)
        if row.association is None:
            raise LendingRefused(LendingRefusal.NO_STOCK)
        if known := StockMove.objects.filter(pk=key).first():
            if (known.item_id, known.quantity, known.reason) != (row.pk, quantity, why):
                raise LendingRefused(LendingRefusal.OTHER_MOVE)
            return known
        before = level_of(row)
        from_tour = why == StockReason.BACK or (tour is not None and why in GONE)
        if from_tour and abs(quantity) > (carried(row, tour) if tour is not None else before.out):
            raise LendingRefused(LendingRefusal.NOT_ON_TOUR)
        if not from_tour and before.left + quantity < 0:
            raise LendingRefused(LendingRefusal.NOT_ENOUGH)
        made = StockMove.objects.create(
            pk=key, item=row, quantity=quantity, reason=why, tour=tour, from_tour=from_tour, author=author
        )
        if why not in ON_TOURS:
            row.quantity += quantity
            row.save(update_fields=["quantity", "updated_at"])
        _announce(row, before.left, level_of(row).left, made)
    return made


def change(
    item: Item, number: int, reason: str, *, tour: Tour | None = None, author: User, id: uuid.UUID | None = None
) -> StockMove | None:
    """Store a change from a number that somebody entered. For a count, quantity is the number of pieces that the store
    has now.

    Return None if a count changes nothing. Raises LendingRefused, as :func:`move`.
    """
    why = StockReason(reason)
    if why != StockReason.COUNTED:
        return move(item.pk, number if why in INCOMING else -number, why, tour=tour, author=author, id=id)
    with transaction.atomic():
        row = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        known = StockMove.objects.filter(pk=id).first() if id else None
        difference = known.quantity if known else number - level_of(row).left
        return move(row.pk, difference, why, author=author, id=id) if difference else None


def carried(item: Item, tour: Tour) -> int:
    """Return the number of pieces of an item that a tour has with it."""
    return _out(item.moves.filter(tour=tour)).get(item.pk, 0)


def _out(moves: QuerySet[StockMove]) -> dict[uuid.UUID, int]:
    """Return the number of pieces of each item that are with tours: the pieces that tours took, minus the pieces that
    they brought back, gave away or lost."""
    sums = moves.values_list("item").annotate(
        took=Sum("quantity", filter=Q(reason__in=ON_TOURS)),
        gone=Sum("quantity", filter=Q(reason__in=GONE, from_tour=True)),
    )
    return {item: (gone or 0) - (took or 0) for item, took, gone in sums.order_by()}


def level_of(item: Item) -> Level:
    """Return the level of one item."""
    return levels_of([item])[item.pk]


def levels_of(items: Iterable[Item]) -> dict[uuid.UUID, Level]:
    """Return the levels of items by their key, with two queries."""
    rows = list(items)
    keys = [row.pk for row in rows]
    out = _out(StockMove.objects.filter(item__in=keys))
    loans = Loan.objects.filter(item__in=keys, state__in=AWAY)
    lent = dict(loans.values_list("item").annotate(sum=Sum("quantity")).order_by())
    return {row.pk: Level(row.quantity, out.get(row.pk, 0), lent.get(row.pk, 0)) for row in rows}


def _announce(item: Item, before: int, left: int, made: StockMove) -> None:
    """Notify the people who dispatch for the association when fewer pieces than the minimum are left. There is one
    notification each time that the stock falls below the minimum."""
    if item.minimum is None or item.association is None or not left < item.minimum <= before:
        return
    slug = item.association.slug
    notify(association_dispatchers(item.association.pk), Topic.LENDING, f"stock:{made.pk}", lambda: Message(
        _("Your stock is running low"),
        _("%(n)d left of one thing. You wanted to be told.") % {"n": left},
        reverse("needs:stock", args=[slug]),
    ))  # fmt: skip


# --- the sheet ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StockLine:
    """A line of the sheet."""

    item: Item
    level: Level

    @property
    def is_low(self) -> bool:
        return self.item.minimum is not None and self.level.left < self.item.minimum


def sheet_of(association: Association) -> list[StockLine]:
    """Return the lines of an association's stock sheet: items that are running low first, then by category and name."""
    items = list(Item.objects.stock_of(association).prefetch_related("photos"))
    levels = levels_of(items)
    lines = [StockLine(item, levels[item.pk]) for item in items]
    return sorted(lines, key=lambda line: (not line.is_low, str(line.item.get_category_display()), line.item.name))


def rows_of(association: Association) -> Iterator[list[str]]:
    """Yield the sheet as rows of a table, the first with the names of the columns."""
    yield ["item", "category", "name", "condition", "total", "left", "on_tours", "lent", "minimum", "low", "listed"]
    for line in sheet_of(association):
        item, level = line.item, line.level
        yield [
            str(item.pk), item.category, item.name, item.condition, str(level.total), str(level.left), str(level.out),
            str(level.lent), "" if item.minimum is None else str(item.minimum), "yes" if line.is_low else "no",
            "yes" if item.listed else "no",
        ]  # fmt: skip
