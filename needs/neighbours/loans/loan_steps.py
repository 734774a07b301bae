"""Changing the state of a loan: every change goes through :func:`move`, which checks the table of steps."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from needs.models import ConditionNote, Item, Loan, LoanedPiece, LoanStep, Place
from needs.neighbours.lending import stock
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.lending.loan_models import HOLDING_STATES, OPEN_STATES
from needs.neighbours.lending.loan_states import HandOverMoment, LoanState
from needs.neighbours.loans import loan_notifications, loan_people, neutral_places, piece_calendar
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from needs.neighbours.loans.loan_transitions import can
from volunteers.models import User

_GONE = {LoanState.LOST: StockReason.LOST, LoanState.BROKEN: StockReason.LOST, LoanState.KEPT: StockReason.GIVEN}
"""States in which the pieces are no longer lent."""
_MOMENTS = {LoanState.HANDED_OVER: HandOverMoment.OUT}
UNDO_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ConditionDraft:
    """The condition of an item at a hand-over. photo: a JPEG that was re-encoded, or None."""

    condition: str
    text: str = ""
    photo: bytes | None = None


def move(
    loan: uuid.UUID, after: LoanState, user: User, *, expected: str | None = None, seen: ConditionDraft | None = None,
    place: Place | None = None,
) -> LoanStep:  # fmt: skip
    """Take a step of a loan for the side on which the person is. Only one of two simultaneous steps succeeds.

    expected: the state that the person saw. seen: the condition of the item at a hand-over. place: the place where the
    two sides meet. Raise LoanRefused: CHANGED, NOT_FREE, TOO_EARLY, WRONG_PLACE.
    """
    with transaction.atomic():
        row = _locked(loan)
        side = loan_people.side_of(user, row)
        if side is None or (expected is not None and row.state != expected) or not can(row.state, after, side):
            raise LoanRefused(LoanRefusal.CHANGED)
        if place is not None:
            if not neutral_places.neutral().filter(pk=place.pk).exists():
                raise LoanRefused(LoanRefusal.WRONG_PLACE)
            row.place = place
        if after == LoanState.HANDED_OVER:
            _begin_now(row)
        step = enter(row, after, user)
        if seen is not None:
            _note(row, after, seen, user)
        loan_notifications.tell_step(row, step, side)
    return step


def enter(row: Loan, after: LoanState, by: User | None) -> LoanStep:
    """Set the state of a loan that the caller has locked, and reserve or release its pieces. by: the person who takes
    the step; None for the scheduled task, and for the end of a blocked account's loans."""
    before, row.state, row.changed_at = LoanState(row.state), after, timezone.now()
    if before in OPEN_STATES and after not in OPEN_STATES:
        row.ended_at = row.changed_at
    elif after in OPEN_STATES:
        row.ended_at = None
    if after in HOLDING_STATES and before not in HOLDING_STATES:
        piece_calendar.occupy(row)
    elif after not in HOLDING_STATES:
        LoanedPiece.objects.filter(loan=row).delete()
    row.save(update_fields=["state", "changed_at", "ended_at", "place", "period"])
    step = LoanStep.objects.create(loan=row, state=after, by=by, at=row.changed_at)
    _count(row, before, after, step)
    return step


def undo(step: int, user: User) -> LoanStep | None:
    """Undo a person's own step if it is the latest one: the loan returns to its previous state.

    Both steps, the step and its undoing, stay in the history. Return the new step, or None if something else happened
    since, or if the pieces are lent to others now.
    """
    with transaction.atomic():
        own = LoanStep.objects.filter(pk=step, by=user, at__gte=timezone.now() - UNDO_FOR).first()
        row = _locked(own.loan_id) if own else None
        if own is None or row is None or row.state != own.state or loan_people.side_of(user, row) is None:
            return None
        *_earlier, before, last = [None, *row.steps.order_by("at", "pk")]
        if before is None or last is None or last.pk != own.pk:
            return None
        try:
            with transaction.atomic():
                back = enter(row, LoanState(before.state), user)
        except LoanRefused:
            return None
        if own.state in (LoanState.HANDED_OVER, LoanState.RETURNED, LoanState.BROKEN):
            for note in row.condition_notes.filter(author=user, at__gte=own.at):
                note.delete()
        loan_notifications.take_back(own)
    return back


def _locked(loan: uuid.UUID) -> Loan:
    rows = Loan.objects.select_for_update(of=("self",), no_key=True).filter(pk=loan)
    found = rows.select_related("item__owner", "item__association", "borrower", "association").first()
    if found is None:
        raise LoanRefused(LoanRefusal.CHANGED)
    return found


def _begin_now(row: Loan) -> None:
    """Let a loan begin today if it was handed over before its first day. Raise TOO_EARLY if the pieces are lent."""
    today = timezone.localdate()
    if row.period.lower <= today:
        return
    row.period = DateRange(today, row.period.upper)
    try:
        with transaction.atomic():
            LoanedPiece.objects.filter(loan=row).update(period=row.period)
    except IntegrityError:
        raise LoanRefused(LoanRefusal.TOO_EARLY) from None


def _count(row: Loan, before: LoanState, after: LoanState, step: LoanStep) -> None:
    """Change the number of pieces if some are gone for good (lost, broken or kept) or came back after all."""
    if (before in _GONE) == (after in _GONE):
        return
    number = -row.quantity if after in _GONE else row.quantity
    reason = _GONE.get(after, StockReason.COUNTED)
    if row.item.association_id and step.by is not None:
        key = uuid.uuid5(row.pk, f"step {step.pk}")
        stock.move(row.item_id, number, reason, author=step.by, id=key)
        return
    item = Item.objects.select_for_update(of=("self",), no_key=True).get(pk=row.item_id)
    Item.objects.filter(pk=item.pk).update(quantity=max(item.quantity + number, 0))


def _note(row: Loan, after: LoanState, seen: ConditionDraft, user: User) -> None:
    moment = _MOMENTS.get(after, HandOverMoment.BACK)
    note = ConditionNote(loan=row, moment=moment, condition=seen.condition, text=seen.text, author=user)
    if seen.photo is not None:
        note.photo.save(f"{uuid.uuid4()}.jpg", ContentFile(seen.photo), save=False)
    note.save()
