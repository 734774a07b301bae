"""Things and people of the tests of lending and giving."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.models import Item, Offer
from needs.neighbours.giving import offer_changes
from needs.neighbours.giving.offer_changes import OfferDraft
from needs.neighbours.lending import item_changes
from needs.neighbours.lending.item_changes import ItemDraft
from solidarity.lib import grid
from volunteers.models import Association, User
from volunteers.people.availability import offers

NORD = (48.8660, 2.3500)
SUD = (48.8560, 2.3500)


def base(user: User, place: tuple[float, float] = NORD) -> None:
    """Store a person's base, from which their searches start."""
    offers.store_base(user, place)


def lend(user: User, name: str = "warm bag", association: Association | None = None, **more: Any) -> Item:
    """Let somebody lend a thing in Nord."""
    place = more.pop("place", NORD)
    values = {"category": "sleeping_bag", "name": name, "cell": grid.cell_of(*place), **more}
    return item_changes.add(ItemDraft(**values), user, association)


def give(user: User, association: Association | None = None, **more: Any) -> Offer:
    """Let somebody give meals in Nord."""
    now, place = timezone.now(), more.pop("place", NORD)
    values = {
        "kind": "meal", "category": "food", "title": "hot meals", "quantity": 5, "starts_at": now,
        "expires_at": now + timedelta(hours=5), "cell": grid.cell_of(*place), **more,
    }  # fmt: skip
    return offer_changes.add(OfferDraft(**values), user, association)


def undo_last(client: Client, page: str) -> None:
    """Undo what the message on a page offers to undo."""
    found = re.search(r'name="undo" value="([^"]+)"', page)
    assert found, page
    client.post(reverse("needs:undo"), {"undo": found[1]})
