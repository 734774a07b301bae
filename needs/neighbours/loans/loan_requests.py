"""Asking for an item, for oneself or for an association, perhaps for a need.

If the item is lent, the request goes on the waiting list.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.models import Commitment, Item, Loan, LoanStep, Need, Place
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_notifications, loan_people, neutral_places, piece_calendar
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer

LONGEST = 90
"""Days of a loan."""
AHEAD = 180
"""Days from today to the last day of a loan."""
MOST_ASKED = 5
"""Requests of one person that wait for an answer at the same time."""
MOST_A_DAY = 15
"""Requests of one person in 24 hours, cancelled ones included."""
AFTER_NO = timedelta(days=7)
"""Time for which a person who was declined cannot ask for the same item again."""


@dataclass(frozen=True, slots=True)
class LoanDraft:
    """A request for an item. first, last: the first and the last day of the loan, both included.

    association: the association that borrows, perhaps for somebody without an account. need: the need that the item
    answers. place: the place where the two sides meet.
    """

    first: date
    last: date
    quantity: int = 1
    association: Association | None = None
    need: uuid.UUID | None = None
    place: Place | None = None


def ask(viewer: Viewer, item: uuid.UUID, draft: LoanDraft) -> Loan:
    """Store a request and tell the owner; if the item is lent on these days, put the request on the waiting list.

    Raise Need.DoesNotExist for a need to which the person may not link a loan. Raise LoanRefused: NOT_LENT, OWN_ITEM,
    DAYS, TOO_MANY_PIECES, TOO_MANY_ASKED, ASKED_ALREADY, WRONG_PLACE.
    """
    user = viewer.user_or_404
    need = need_to_tie(viewer, draft.need) if draft.need else None
    with transaction.atomic():
        lock([f"needs.loans:{user.pk}"])  # prevents two simultaneous requests from exceeding the limit together
        row = loan_people.lendable_to(user).filter(pk=item).first()
        if Item.objects.of(user).filter(pk=item).exists():
            raise LoanRefused(LoanRefusal.OWN_ITEM)
        if row is None or _was_declined(row, user):
            raise LoanRefused(LoanRefusal.NOT_LENT)
        _check(row, user, draft)
        period = piece_calendar.days(draft.first, draft.last)
        free = len(piece_calendar.free_pieces(row, period)) >= draft.quantity
        loan = Loan.objects.create(
            item=row, borrower=user, association=draft.association, need=need, period=period, quantity=draft.quantity,
            place=draft.place, state=LoanState.ASKED if free else LoanState.WAITING,
        )  # fmt: skip
        step = LoanStep.objects.create(loan=loan, state=loan.state, by=user)
        if free:
            loan_notifications.tell_asked(loan, step)
    return loan


def need_to_tie(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that a person may answer with an item: a need that they dispatch, or that they have taken.

    Raise Need.DoesNotExist for any other need.
    """
    held = Commitment.objects.held_by(viewer.user_or_404, timezone.now()).filter(need=need)
    if held.exists():
        return Need.objects.live().get(pk=need)
    return scope.needs_for(viewer).live().get(pk=need)


def may_end(first: date, last: date, today: date) -> bool:
    """Whether somebody may ask for these days."""
    length = (last - first).days + 1
    return today <= first <= last <= today + timedelta(days=AHEAD) and length <= LONGEST


def _check(item: Item, user: User, draft: LoanDraft) -> None:
    today = timezone.localdate()
    if not may_end(draft.first, draft.last, today):
        raise LoanRefused(LoanRefusal.DAYS)
    if not 1 <= draft.quantity <= item.quantity:
        raise LoanRefused(LoanRefusal.TOO_MANY_PIECES)
    if draft.place is not None and not neutral_places.neutral().filter(pk=draft.place.pk).exists():
        raise LoanRefused(LoanRefusal.WRONG_PLACE)
    own = Loan.objects.filter(borrower=user)
    unanswered = own.filter(state__in=(LoanState.ASKED, LoanState.WAITING))
    lately = own.filter(asked_at__gte=timezone.now() - timedelta(days=1))
    if unanswered.count() >= MOST_ASKED or lately.count() >= MOST_A_DAY:
        raise LoanRefused(LoanRefusal.TOO_MANY_ASKED)
    same = own.open().filter(item=item, period__overlap=piece_calendar.days(draft.first, draft.last))
    if same.exists():
        raise LoanRefused(LoanRefusal.ASKED_ALREADY)


def _was_declined(item: Item, user: User) -> bool:
    since = timezone.now() - AFTER_NO
    return Loan.objects.filter(item=item, borrower=user, state=LoanState.DECLINED, changed_at__gte=since).exists()
