"""The people on each side of a loan, and the name under which each side sees the other: a first name, or an
association."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from needs.models import Item, ItemQuerySet, Loan, PersonBlock
from needs.neighbours.lending import owners
from needs.neighbours.lending.loan_states import LoanSide
from volunteers.models import Membership, User
from volunteers.people.associations.membership import association_dispatchers


def side_of(user: User, loan: Loan) -> LoanSide | None:
    """Return a person's side of a loan; None if they are on neither side."""
    mine = set(Membership.objects.current().filter(user=user).values_list("association", flat=True))
    if loan.association_id in mine or (loan.association_id is None and loan.borrower_id == user.pk):
        return LoanSide.BORROWER
    owns = loan.item.owner_id == user.pk or loan.item.association_id in mine
    return LoanSide.OWNER if owns else None


def people_of(loan: Loan, side: LoanSide) -> list[User]:
    """Return the people who are notified of a step: the person, or the dispatchers of the association.

    A member who asked for an association is notified as long as they are a member of it.
    """
    if side is LoanSide.OWNER:
        return owners.answering_for(loan.item)
    if loan.association is None:
        return [loan.borrower]
    if Membership.objects.current().filter(user=loan.borrower, association=loan.association).exists():
        return [loan.borrower]
    return list(association_dispatchers(loan.association.pk))


def first_name(user: User | None) -> str:
    """Return the first word of the name that a person chose; never an address."""
    return user.public_name if user is not None else _("Somebody")


def owner_name(item: Item) -> str:
    return str(item.association.name) if item.association else first_name(item.owner)


def borrower_name(loan: Loan) -> str:
    return str(loan.association.name) if loan.association else first_name(loan.borrower)


# --- blocks ----------------------------------------------------------------------------------------------------------


def lendable_to(user: User) -> ItemQuerySet:
    """Return the items that a person may ask for: they are listed, and neither side has blocked the other."""
    against = PersonBlock.objects.filter(blocked=user)
    own = PersonBlock.objects.filter(by=user, association=None)
    return (
        Item.objects.listed()
        .filter(quantity__gte=1)
        .exclude(owner__in=against.filter(association=None).values("by"))
        .exclude(association__in=against.exclude(association=None).values("association"))
        .exclude(owner__in=own.values("blocked"))
    )


def are_apart(loan: Loan) -> bool:
    """Whether one side of a loan has blocked the other."""
    return _blocks(loan).exists()


def _blocks(loan: Loan) -> QuerySet[PersonBlock]:
    item = loan.item
    by_owner = Q(association=item.association) if item.association_id else Q(by=item.owner, association=None)
    found = by_owner & Q(blocked=loan.borrower)
    if item.owner_id:
        by_borrower = Q(association=loan.association) if loan.association_id else Q(by=loan.borrower, association=None)
        found |= by_borrower & Q(blocked=item.owner)
    return PersonBlock.objects.filter(found)


def block_other_side(loan: Loan, user: User, side: LoanSide) -> None:
    """Block the other side of a loan for a person.

    The block works in both directions, and the other side is not told.
    """
    own = loan.item.association if side is LoanSide.OWNER else loan.association
    other = loan.borrower if side is LoanSide.OWNER else loan.item.owner
    if other is not None:
        PersonBlock.objects.get_or_create(by=user, association=own, blocked=other)
