"""Loans of the demonstration: one that waits for an answer, one that is running, one on the waiting list; and labels of
a stock."""

import uuid
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from needs.conversations.models import Speaker
from needs.models import ConditionNote, Conversation, Item, Loan, LoanedPiece, LoanStep, Message, Need
from needs.neighbours.lending import stock as stock_moves
from needs.neighbours.lending.catalogue import search_words
from needs.neighbours.lending.item_kinds import ItemCategory, ItemCondition, StockReason
from needs.neighbours.lending.loan_states import HandOverMoment, LoanState
from needs.neighbours.stock_labels import item_labels
from solidarity.lib import grid
from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.people import Cast
from volunteers.models import User

SPACE = uuid.UUID("6b0c0a3e-7f1d-5a0b-9a57-3f3f0f2d7c11")
_S = LoanState


def enter(cast: Cast, until: datetime) -> dict[str, int]:
    """Store two items with their loans, and delete the items of an earlier demonstration; return row counts."""
    today = until.astimezone(PARIS).date()
    cell = Need.objects.exclude(cell=None).order_by("pk").values_list("cell", flat=True).first()
    if cell is None:
        return {"loans": 0}
    volunteer, newcomer, member = cast.logins["volunteer"], cast.newcomer, cast.logins["member"]
    near = grid.parent(cell, 8)
    Item.objects.filter(pk__in=[_key("stroller"), _key("sleeping bags")]).delete()
    stroller = Item.objects.create(
        pk=_key("stroller"), owner_id=volunteer, category=ItemCategory.STROLLER, name="Poussette pliante", cell=near,
        about="Se plie d’une main, avec une housse de pluie.", condition=ItemCondition.GOOD, listed_at=until,
    )  # fmt: skip
    stock = Item.objects.create(
        pk=_key("sleeping bags"), association_id=cast.associations[0], name="Sacs de couchage −5 °C",
        category=ItemCategory.SLEEPING_BAG, cell=near, quantity=0, minimum=4, condition=ItemCondition.NEW,
        listed_at=until,
    )  # fmt: skip
    stock_moves.move(stock.pk, 12, StockReason.ADDED, author=User.objects.get(pk=member))
    stock.refresh_from_db()
    item_labels.renew(stock)
    for item in (stroller, stock):
        Item.objects.filter(pk=item.pk).update(words=search_words(item.category, item.name))
    running = _loan("running", stroller, newcomer, DateRange(today + timedelta(days=-3), today + timedelta(days=5)), until, [
        (_S.ASKED, newcomer), (_S.AGREED, volunteer), (_S.HANDED_OVER, newcomer),
    ])  # fmt: skip
    ConditionNote.objects.create(
        loan=running, moment=HandOverMoment.OUT, condition=ItemCondition.GOOD, author_id=newcomer, at=until,
        text="Une roue grince un peu.",
    )  # fmt: skip
    Message.objects.create(
        conversation=Conversation.objects.create(loan=running, made_at=until), speaker=Speaker.OWNER,
        author_id=volunteer, text="Elle se plie en tirant la poignée.", at=until,
    )  # fmt: skip
    _loan(
        "waiting",
        stroller,
        member,
        DateRange(today + timedelta(days=2), today + timedelta(days=9)),
        until,
        [(_S.WAITING, member)],
    )
    _loan(
        "asked",
        stock,
        volunteer,
        DateRange(today + timedelta(days=1), today + timedelta(days=15)),
        until,
        [(_S.ASKED, volunteer)],
    )
    return {"loans": Loan.objects.filter(item__in=[stroller, stock]).count()}


def _loan(
    name: str, item: Item, borrower: int, period: DateRange, until: datetime, steps: list[tuple[LoanState, int]]
) -> Loan:
    state = steps[-1][0]
    loan = Loan.objects.create(
        pk=_key(name), item=item, borrower_id=borrower, period=period, state=state, asked_at=until - timedelta(days=5),
        changed_at=until,
    )  # fmt: skip
    for number, (step, by) in enumerate(steps):
        LoanStep.objects.create(loan=loan, state=step, by_id=by, at=until - timedelta(hours=len(steps) - number))
    if state == _S.HANDED_OVER:
        LoanedPiece.objects.create(loan=loan, item=item, piece=1, period=period)
    return loan


def _key(name: str) -> uuid.UUID:
    return uuid.uuid5(SPACE, name)
