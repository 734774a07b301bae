"""Protection of the two sides of a loan: no contacts and no addresses in texts, and blocking."""

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.models import Loan
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_people, loan_steps
from needs.neighbours.loans.loan_refusals import LoanRefused
from volunteers.models import User

CONTACT_WORDS: str | Promise = _(
    "Leave out addresses, telephone numbers and e-mail addresses: you write to each other here, and meet at a place of the "
    "guide."
)


def block(loan: Loan, user: User) -> None:
    """Block the other side: no more requests and messages.

    Requests and agreed loans between the two people end; an item that was handed over must still be returned.
    """
    side = loan_people.side_of(user, loan)
    if side is None:
        return
    with transaction.atomic():
        loan_people.block_other_side(loan, user, side)
        item = loan.item
        between = Loan.objects.filter(borrower=loan.borrower, association=loan.association, item__owner=item.owner)
        for each in between.filter(item__association=item.association).open():
            for after in (LoanState.DECLINED, LoanState.CANCELLED):
                try:
                    loan_steps.move(each.pk, after, user)
                except LoanRefused:  # this side has no such step from this state
                    continue
                break
