"""Protection of the two sides of a loan: no contacts and no addresses in texts, and blocking."""

import re

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.loans import loan_people, loan_steps
from needs.loans.loan_refusals import LoanRefused
from needs.loans.loan_states import LoanState
from needs.models import Loan
from solidarity.lib.pii_check.detection import folded
from solidarity.lib.pii_check.messages import CONTACTS, look
from volunteers.models import User
from volunteers.notifications.content_policy import ForbiddenContent, check_content

CONTACT_WORDS: str | Promise = _(
    "Leave out addresses, telephone numbers and e-mail addresses: you write to each other here, and meet at a place of the "
    "guide."
)
_STREET = (
    r"(?:rue|avenue|av|boulevard|bd|blvd|place|impasse|quai|allee|chemin|square|passage|cours|villa|cite|sentier|route|"
    r"faubourg|residence)"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,4}}\s*(?:bis|ter|quater)?\s*,?\s+{_STREET}\b"  # such as “12 bis, rue …”
    rf"|\b{_STREET}\s+[\w' -]{{2,40}}?,?\s+(?:n\s*[°o]\s*)?\d{{1,4}}\b"  # rue …, 12
    r"|\b\d{1,4}\s+(?:\w+\s+){1,3}(?:street|road|lane|drive|close|gardens|terrace|st|rd)\b"
    r"|\b(?:digicode|code de la porte|door code|interphone)\b"
    r"|\b\d(?:er|e|eme|nd|rd|th)?\s+(?:etage|floor)\b"
    r"|\bapp?(?:t|artement|artment)\.?\s*\d+",
    re.IGNORECASE,
)


def tells_contact(text: str) -> bool:
    """Whether a text contains an address, a door code, a telephone number, an e-mail address, a coordinate or a cell."""
    if look(text, CONTACTS) or _ADDRESS.search(folded(text)):
        return True
    try:
        check_content(text)
    except ForbiddenContent:
        return True
    return False


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
