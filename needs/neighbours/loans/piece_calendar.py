"""The free pieces of an item on each day. The calendar never tells the names of borrowers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from needs.models import Item, Loan, LoanedPiece
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused

WEEKS = 6


@dataclass(frozen=True, slots=True)
class ItemDay:
    """A day of an item's calendar. free: number of pieces that are free; of: number of all pieces."""

    day: date
    free: int
    of: int

    @property
    def state(self) -> str:
        """“free”, “some” or “taken”."""
        return "taken" if self.free <= 0 else "free" if self.free >= self.of else "some"


def days(first: date, last: date) -> Any:
    """Return the range of days from the first to the last, both included."""
    return DateRange(first, last + timedelta(days=1))


def taken_pieces(item: Item, period: Any) -> set[int]:
    """Return the pieces that are lent on some day of a period. A late piece counts as taken until it is returned."""
    busy = LoanedPiece.objects.filter(Q(period__overlap=period) | Q(loan__state=LoanState.LATE), item=item)
    return set(busy.values_list("piece", flat=True))


def free_pieces(item: Item, period: Any) -> list[int]:
    """Return the numbers of the pieces that are free on every day of a period, the lowest first."""
    busy = taken_pieces(item, period)
    return [piece for piece in range(1, item.quantity + 1) if piece not in busy]


def occupy(loan: Loan) -> None:
    """Reserve pieces for a loan, in the caller's transaction.

    The item's row is locked, so that simultaneous answers never use more pieces than there are. In addition, a database
    constraint refuses double bookings. Raise LoanRefused.
    """
    item = Item.objects.select_for_update(of=("self",), no_key=True).get(pk=loan.item_id)
    free = free_pieces(item, loan.period)[: loan.quantity]
    if len(free) < loan.quantity:
        raise LoanRefused(LoanRefusal.NOT_FREE)
    rows = [LoanedPiece(loan=loan, item=item, piece=piece, period=loan.period) for piece in free]
    try:
        with transaction.atomic():
            LoanedPiece.objects.bulk_create(rows)
    except IntegrityError:
        raise LoanRefused(LoanRefusal.NOT_FREE) from None


def calendar_of(item: Item, first: date, weeks: int = WEEKS) -> list[ItemDay]:
    """Return the days of an item from a first one on."""
    until = first + timedelta(weeks=weeks)
    rows = LoanedPiece.objects.filter(
        Q(period__overlap=DateRange(first, until)) | Q(loan__state=LoanState.LATE), item=item
    )
    busy = [(row.piece, row.period, row.loan.state == LoanState.LATE) for row in rows.select_related("loan")]
    found = []
    for number in range(weeks * 7):
        day = first + timedelta(days=number)
        there = {piece for piece, period, late in busy if _on(day, period, late)}
        found.append(ItemDay(day, max(item.quantity - len(there), 0), item.quantity))
    return found


def _on(day: date, period: Any, late: bool) -> bool:
    return bool(period.lower <= day and (late or day < period.upper))


def free_on(items: Collection[Item], day: date) -> dict[Any, int]:
    """Return the number of pieces of each item that are free on a day, in one query."""
    busy: dict[Any, set[int]] = {}
    rows = LoanedPiece.objects.filter(Q(period__contains=day) | Q(loan__state=LoanState.LATE), item__in=items)
    for item, piece in rows.values_list("item", "piece"):
        busy.setdefault(item, set()).add(piece)
    return {item.pk: max(item.quantity - len(busy.get(item.pk, ())), 0) for item in items}
