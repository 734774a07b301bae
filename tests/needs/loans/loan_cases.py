"""Items and loans for tests."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from needs.guide.places.place_kinds import PlaceKind
from needs.models import Item, Loan, Place
from needs.neighbours.lending.item_kinds import ItemCategory
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_requests, loan_steps
from needs.neighbours.loans.loan_requests import LoanDraft
from needs.neighbours.loans.loan_steps import ConditionDraft
from solidarity.lib import grid
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer

HERE = (48.8660, 2.3500)
GOOD = ConditionDraft("good")


def day(number: int) -> date:
    """Return the day some days from today."""
    return timezone.localdate() + timedelta(days=number)


def item_of(owner: User | Association, quantity: int = 1, at: tuple[float, float] = HERE, **more: Any) -> Item:
    """Store an item of a person or of an association; a stroller, unless another category is given."""
    who = {"association": owner} if isinstance(owner, Association) else {"owner": owner}
    values = {"category": ItemCategory.STROLLER, "name": "Poussette", **who, **more}
    cell = grid.parent(grid.cell_of(*at), 8)
    return Item.objects.create(id=uuid.uuid4(), quantity=quantity, cell=cell, **values)


def place_at(at: tuple[float, float], name: str = "Café solidaire", **more: Any) -> Place:
    """Store a day centre of the guide."""
    values = {"kinds": [PlaceKind.DAY_CENTRE], **more}
    return Place.objects.create(name=name, point=Point(at[1], at[0], srid=4326), cell=grid.cell_of(*at), **values)


def asked(item: Item, by: User, first: int = 1, last: int = 3, **more: Any) -> Loan:
    """Ask for an item for some days from today on."""
    return loan_requests.ask(Viewer(by), item.pk, LoanDraft(day(first), day(last), **more))


def agreed(item: Item, by: User, owner: User, first: int = 1, last: int = 3, **more: Any) -> Loan:
    """Store a loan to which the owner said yes."""
    loan = asked(item, by, first, last, **more)
    loan_steps.move(loan.pk, LoanState.AGREED, owner)
    loan.refresh_from_db()
    return loan


def handed_over(item: Item, by: User, owner: User, last: int = 3, **more: Any) -> Loan:
    """Store a loan that began today."""
    loan = agreed(item, by, owner, 0, last, **more)
    loan_steps.move(loan.pk, LoanState.HANDED_OVER, by, seen=GOOD)
    loan.refresh_from_db()
    return loan
