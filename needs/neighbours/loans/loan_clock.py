"""Changes of loans that depend on time: the waiting list, loans that are late or never began, reminders.

Every function can run twice: a repeated run changes nothing and notifies nobody again.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from needs.models import Item, Loan, LoanQuerySet
from needs.neighbours.lending.loan_models import HOLDING_STATES
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_notifications, loan_steps, piece_calendar

HOURS = range(9, 20)
"""Local hours in which reminders are written."""
LATE_DAYS = (1, 3, 7)
"""On these days after the last day, both sides are reminded; after that, once a week."""


def run(now: datetime | None = None) -> dict[str, int]:
    """Do everything that is due; return for each part the number of loans that it changed or announced."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    done = {"late": mark_late(today), "expired": expire(today), "proposed": advance_waiting()}
    return done | {"reminded": remind(today) if timezone.localtime(moment).hour in HOURS else 0}


def mark_late(today: date) -> int:
    """Mark loans as late if their last day is over."""
    return _each(lambda: Loan.objects.filter(state=LoanState.HANDED_OVER, period__endswith__lte=today), LoanState.LATE)


def expire(today: date) -> int:
    """Cancel requests if their first day is over, and agreed loans if their last day passed without a hand-over."""
    unanswered = (LoanState.ASKED, LoanState.WAITING)
    old = _each(lambda: Loan.objects.filter(state__in=unanswered, period__startswith__lt=today), LoanState.CANCELLED)
    return old + _each(
        lambda: Loan.objects.filter(state=LoanState.AGREED, period__endswith__lte=today), LoanState.CANCELLED
    )


def _each(due: Callable[[], LoanQuerySet], after: LoanState) -> int:
    """Move every due loan, each in a separate transaction."""
    number = 0
    for key in due().values_list("pk", flat=True):
        with transaction.atomic():
            row = due().select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=key).first()
            if row is not None:
                loan_notifications.tell_clock(row, loan_steps.enter(row, after, None))
                number += 1
    return number


def advance_waiting() -> int:
    """Move loans from the waiting list to their owners, as proposals, if the days are free; return how many loans were
    moved.

    Requests without an answer of the owner count as taken pieces. So nobody on the list is skipped, and each piece is
    proposed only once.
    """
    number = 0
    waiting = Loan.objects.filter(state=LoanState.WAITING)
    for item in waiting.order_by().values_list("item", flat=True).distinct():
        with transaction.atomic():
            row = Item.objects.select_for_update(of=("self",), no_key=True).get(pk=item)
            for loan in (
                waiting.select_for_update(of=("self",), skip_locked=True).filter(item=row).order_by("asked_at", "pk")
            ):
                if _is_free(row, loan):
                    step = loan_steps.enter(loan, LoanState.ASKED, None)
                    loan_notifications.tell_next_in_line(loan, step)
                    number += 1
    return number


def _is_free(item: Item, loan: Loan) -> bool:
    asked = Loan.objects.filter(item=item, state=LoanState.ASKED, period__overlap=loan.period)
    promised = asked.aggregate(sum=Sum("quantity"))["sum"] or 0
    return len(piece_calendar.free_pieces(item, loan.period)) - promised >= loan.quantity


def remind(today: date) -> int:
    """Remind both sides the day before the hand-over and before the return, and when a loan is late."""
    tomorrow = today + timedelta(days=1)
    rows = Loan.objects.for_list().filter(state__in=HOLDING_STATES)
    number = 0
    for loan in rows.filter(state=LoanState.AGREED, period__startswith=tomorrow):
        number += bool(loan_notifications.remind_hand_over(loan))
    for loan in rows.filter(state=LoanState.HANDED_OVER, period__endswith=tomorrow + timedelta(days=1)):
        number += bool(loan_notifications.remind_return(loan))
    for loan in rows.filter(state=LoanState.LATE):
        days = (today - loan.last_day).days
        if days in LATE_DAYS or (days > LATE_DAYS[-1] and days % 7 == 0):
            number += bool(loan_notifications.remind_late(loan, today))
    return number
