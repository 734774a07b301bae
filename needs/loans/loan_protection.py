"""What protects the two sides of a loan: no contacts and no addresses in texts, blocking, reporting."""

import re

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.loans import loan_notifications, loan_people, loan_steps
from needs.loans.loan_refusals import LoanRefused
from needs.loans.loan_states import LoanReportReason, LoanState
from needs.models import Loan, LoanQuerySet, LoanReport
from solidarity.lib.pii_check.detection import folded
from solidarity.lib.pii_check.messages import CONTACTS, look
from volunteers.accounts.viewer import Viewer
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Cell, Territory, User
from volunteers.notifications.content_policy import ForbiddenContent, check_content
from volunteers.territories import duties

CONTACT_WORDS: str | Promise = _(
    "Leave out addresses, telephone numbers and e-mail addresses: you write to each other here, and meet at a place of the "
    "guide."
)
_STREET = (
    r"(?:rue|avenue|av|boulevard|bd|blvd|place|impasse|quai|allee|chemin|square|passage|cours|villa|cite|sentier|route|"
    r"faubourg|residence)"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,4}}\s*(?:bis|ter|quater)?\s*,?\s+{_STREET}\b"  # 12 bis, rue …
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
    """Want nothing more from the other side: no requests, no messages. Requests and agreed loans between the two end;
    what was handed over still has to come back."""
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
                except LoanRefused:  # not a step of this side from this state
                    continue
                break


def report(loan: Loan, user: User, reason: str) -> LoanReport:
    """Report the other side to those who are responsible where the item is. Once for each person and loan."""
    territory = territory_of(loan)
    with transaction.atomic():
        made, new = LoanReport.objects.get_or_create(loan=loan, by=user, defaults={"reason": LoanReportReason(reason)})
        if new:
            people = duties.coordinators_of(territory)
            loan_notifications.tell_report(made, [each for each in people if loan_people.side_of(each, loan) is None])
            scope = territory.slug if territory else ""
            recording.record(user, Verb.LOAN_REPORTED, "loan", loan.pk, purpose=Purpose.CARE, scope=scope)
    return made


def territory_of(loan: Loan) -> Territory | None:
    """Return the territory in which the item is."""
    here = Cell.objects.filter(parent8=loan.item.cell).order_by("cell").select_related("territory").first()
    return here.territory if here else None


def reported_to(viewer: Viewer) -> LoanQuerySet:
    """Return the loans that were reported to a viewer: of items in the territories that they coordinate; all for
    administrators."""
    reported = Loan.objects.for_list().filter(pk__in=LoanReport.objects.values("loan"))
    if viewer.is_administrator and viewer.view_as is None:
        return reported
    cells = Cell.objects.filter(territory__in=Territory.objects.coordinated_by(viewer)).values("parent8")
    return reported.filter(item__cell__in=cells)
