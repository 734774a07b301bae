"""The texts of a loan's page: what happens now, the reader's main next step, and other possible steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.models import Loan
from needs.neighbours.lending.loan_states import LoanSide, LoanState
from needs.neighbours.loans import loan_people
from needs.neighbours.loans.loan_transitions import possible_states

_S, _B, _O = LoanState, LoanSide.BORROWER, LoanSide.OWNER

BUTTONS: dict[LoanState, tuple[str | Promise, str]] = {
    _S.AGREED: (gettext_lazy("Yes, I lend it"), "check"),
    _S.WAITING: (gettext_lazy("Put it on the waiting list"), "clock"),
    _S.DECLINED: (gettext_lazy("Decline"), "close"),
    _S.CANCELLED: (gettext_lazy("Cancel"), "close"),
    _S.HANDED_OVER: (gettext_lazy("I have it now"), "hand"),
    _S.RETURNED: (gettext_lazy("I have it back"), "check"),
    _S.LOST: (gettext_lazy("It is lost"), "search"),
    _S.BROKEN: (gettext_lazy("It is broken"), "warning"),
    _S.KEPT: (gettext_lazy("Give it away for good"), "heart"),
}
"""Label and icon of the button for each state."""
MAIN = {
    (_S.ASKED, _O): _S.AGREED, (_S.AGREED, _B): _S.HANDED_OVER, (_S.HANDED_OVER, _O): _S.RETURNED,
    (_S.LATE, _O): _S.RETURNED,
}  # fmt: skip
"""The one next step of a side."""
WITH_FORM = frozenset({_S.AGREED, _S.HANDED_OVER, _S.RETURNED, _S.LOST, _S.BROKEN, _S.KEPT})
"""Steps that ask something first. The others are one tap, which can be undone."""

RARE = frozenset({_S.LOST, _S.BROKEN, _S.KEPT})


@dataclass(frozen=True, slots=True)
class LoanButton:
    """A step that the reader can take."""

    state: LoanState
    asks: bool

    @property
    def label(self) -> str:
        return str(BUTTONS[self.state][0])

    @property
    def icon(self) -> str:
        return BUTTONS[self.state][1]


@dataclass(frozen=True, slots=True)
class LoanNow:
    """The present situation of a loan. main: the reader's next step; None if the other side has to act. rare: the steps
    that are seldom needed."""

    text: str
    main: LoanButton | None
    others: Sequence[LoanButton]
    rare: Sequence[LoanButton]


def now_of(loan: Loan, side: LoanSide) -> LoanNow:
    """Return the words and buttons of a page for one side of a loan."""
    state = LoanState(loan.state)
    main = MAIN.get((state, side))
    others = [_button(after) for after in possible_states(state, side) if after != main and after in BUTTONS]
    return LoanNow(
        _text(loan, state, side),
        _button(main) if main else None,
        [each for each in others if each.state not in RARE],
        [each for each in others if each.state in RARE],
    )


def _button(state: LoanState) -> LoanButton:
    return LoanButton(state, state in WITH_FORM)


def _text(loan: Loan, state: LoanState, side: LoanSide) -> str:
    name = loan_people.owner_name(loan.item) if side is _B else loan_people.borrower_name(loan)
    texts: dict[tuple[LoanState, LoanSide], str] = {
        (_S.ASKED, _B): _("%(name)s has to answer."),
        (_S.ASKED, _O): _("%(name)s would like to borrow it. Answer when you can."),
        (_S.WAITING, _B): _("It is lent on these days. When it is free, we tell you and send your request."),
        (_S.WAITING, _O): _("%(name)s waits until it is free."),
        (_S.AGREED, _B): _("It is kept for you. Say here when you have it."),
        (_S.AGREED, _O): _("You lend it to %(name)s. When they have it, they say so here."),
        (_S.HANDED_OVER, _B): _("You have it. Bring it back on the last day; %(name)s then says so here."),
        (_S.HANDED_OVER, _O): _("%(name)s has it. Say here when you have it back."),
        (_S.LATE, _B): _("The last day is over. Write to %(name)s, and bring it back."),
        (_S.LATE, _O): _("The last day is over. Write to %(name)s, or say what became of it."),
    }
    return texts[state, side] % {"name": name} if (state, side) in texts else _ended(state)


def _ended(state: LoanState) -> str:
    return {
        _S.RETURNED: _("It is back. Thank you both."),
        _S.DECLINED: _("The owner said no."),
        _S.CANCELLED: _("This loan was cancelled."),
        _S.LOST: _("It is lost. Nobody owes anybody money."),
        _S.BROKEN: _("It is broken. Nobody owes anybody money."),
        _S.KEPT: _("It was given away for good. Nobody has to bring it back."),
    }[state]
