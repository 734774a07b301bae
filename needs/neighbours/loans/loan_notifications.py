"""Notifications about loans. The notifications contain no name, no place, no text of a message and nothing about a
need."""

from collections.abc import Callable
from datetime import date, timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.models import Loan, LoanStep
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_people
from solidarity.lib.http.undo_offers import OVER_SECONDS
from volunteers.enums import Topic
from volunteers.people.notifications import notifying
from volunteers.people.notifications.notifying import Message, notify

Words = tuple[str | Promise, str | Promise]
_OPEN = gettext_lazy("Open the page to see the days and what to do next.")
_STEPS: dict[LoanState, Words] = {
    LoanState.ASKED: (gettext_lazy("Somebody would like to borrow something from you"), _OPEN),
    LoanState.WAITING: (gettext_lazy("Your request is on the waiting list"), _OPEN),
    LoanState.AGREED: (gettext_lazy("You can borrow what you asked for"), _OPEN),
    LoanState.DECLINED: (
        gettext_lazy("Your request was declined"),
        gettext_lazy("You can look for another one in the catalogue."),
    ),
    LoanState.CANCELLED: (gettext_lazy("A loan was cancelled"), gettext_lazy("Nothing more has to be done.")),
    LoanState.HANDED_OVER: (gettext_lazy("The borrower has what you lent"), _OPEN),
    LoanState.RETURNED: (gettext_lazy("The owner has it back. Thank you!"), gettext_lazy("The loan is over.")),
    LoanState.LOST: (gettext_lazy("Something that was lent is lost"), _OPEN),
    LoanState.BROKEN: (gettext_lazy("Something that was lent is broken"), _OPEN),
    LoanState.KEPT: (gettext_lazy("You can keep what you borrowed"), gettext_lazy("It is a gift. The loan is over.")),
}


def tell_step(loan: Loan, step: LoanStep, side: LoanSide) -> None:
    """Notify the other side of a step, after the time in which the step can be undone. side: the side that took the
    step."""
    other = LoanSide.BORROWER if side is LoanSide.OWNER else LoanSide.OWNER
    words = _STEPS.get(LoanState(step.state))
    if words is not None:
        _tell(loan, other, _step_key(step), words, wait=timedelta(seconds=OVER_SECONDS))


def take_back(step: LoanStep) -> None:
    """Delete the unsent notifications of a step that was undone."""
    notifying.take_back(_step_key(step))


def _step_key(step: LoanStep) -> str:
    return f"loan-step:{step.pk}"


def tell_asked(loan: Loan, step: LoanStep) -> None:
    """Tell the owner about a new request, or about a request that waited until the days were free."""
    _tell(loan, LoanSide.OWNER, _step_key(step), _STEPS[LoanState.ASKED])


def tell_next_in_line(loan: Loan, step: LoanStep) -> None:
    """Tell the first person on the waiting list that the days are free, and propose the loan to the owner."""
    words = (
        gettext_lazy("What you wait for is free again"),
        gettext_lazy("You are the first on the waiting list. The owner is asked again."),
    )
    _tell(loan, LoanSide.BORROWER, f"loan-next:{step.pk}", words)
    tell_asked(loan, step)


def tell_clock(loan: Loan, step: LoanStep) -> None:
    """Tell both sides that the scheduled task ended a loan, or that the loan is late."""
    if step.state == LoanState.LATE:
        return  # the daily reminders say this
    for side in (LoanSide.BORROWER, LoanSide.OWNER):
        _tell(loan, side, _step_key(step), _STEPS[LoanState.CANCELLED])


def remind_hand_over(loan: Loan) -> int:
    words = (gettext_lazy("Tomorrow is the hand-over"), _OPEN)
    return _both(loan, f"loan-out:{loan.pk}:{loan.first_day:%Y%m%d}", words, words)


def remind_return(loan: Loan) -> int:
    own = (gettext_lazy("Please bring back tomorrow what you borrowed"), _OPEN)
    owner = (gettext_lazy("Tomorrow you get back what you lent"), _OPEN)
    return _both(loan, f"loan-back:{loan.pk}:{loan.last_day:%Y%m%d}", own, owner)


def remind_late(loan: Loan, day: date) -> int:
    own = (gettext_lazy("Something that you borrowed is late"), gettext_lazy("Write to the owner, or bring it back."))
    owner = (
        gettext_lazy("Something that you lent is late"),
        gettext_lazy("Write to the borrower, or say what became of it."),
    )
    return _both(loan, f"loan-late:{loan.pk}:{day:%Y%m%d}", own, owner)


def tell_other_left(loan: Loan, to: LoanSide) -> None:
    """Tell one side that the other's account was deleted or blocked. Call this before the loan is cancelled
    or deleted."""
    path = reverse("needs:loans")
    people = loan_people.people_of(loan, to)
    notify(people, Topic.LENDING, f"loan-left:{loan.pk}", lambda: Message(
        _("A loan has ended"), _("The other person no longer has an account here. Ask a coordinator if something is left to settle."),
        path,
    ))  # fmt: skip


def _both(loan: Loan, key: str, borrower: Words, owner: Words) -> int:
    return _tell(loan, LoanSide.BORROWER, key, borrower) + _tell(loan, LoanSide.OWNER, key, owner)


def _tell(loan: Loan, side: LoanSide, key: str, words: Words, *, wait: timedelta = timedelta(0)) -> int:
    path = reverse("needs:loan", args=[loan.pk])
    make: Callable[[], Message] = lambda: Message(str(words[0]), str(words[1]), path)  # noqa: E731
    return notify(loan_people.people_of(loan, side), Topic.LENDING, key, make, wait=wait)
