"""Places of the guide where two people meet for a hand-over: never a home, and never a place where people sleep.

The borrower sees the places between their own base and the item's cell, which the catalogue shows to everybody. The
owner sees only the places near the item, so that no list tells an owner where a borrower lives.
"""

from collections.abc import Sequence

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point

from needs.guide.places.place_kinds import PlaceKind
from needs.help.nearby.nearby import base_cell
from needs.models import Item, Place, PlaceQuerySet
from solidarity.lib import grid
from volunteers.models import User

KINDS = (
    PlaceKind.DAY_CENTRE, PlaceKind.FOOD, PlaceKind.CLOTHES, PlaceKind.LAUNDRY, PlaceKind.LUGGAGE, PlaceKind.CHARGING,
    PlaceKind.LEGAL,
)  # fmt: skip
FARTHEST = 10_000
"""Maximum distance in metres from the point between the two people."""
MOST = 6


def neutral() -> PlaceQuerySet:
    """Return the places where a hand-over can be: places of the guide with a public address."""
    return Place.objects.listed().filter(kinds__overlap=list(KINDS), address_hidden=False)


def for_borrower(item: Item, user: User) -> Sequence[Place]:
    """Return the places between the item and the borrower's base, the nearest first."""
    base = base_cell(user)
    here = grid.centre(item.cell)
    there = grid.centre(base) if base is not None else here
    return _near((here[0] + there[0]) / 2, (here[1] + there[1]) / 2)


def for_owner(item: Item) -> Sequence[Place]:
    """Return the places near an item, the nearest first."""
    return _near(*grid.centre(item.cell))


def _near(latitude: float, longitude: float) -> Sequence[Place]:
    middle = Point(longitude, latitude, srid=4326)
    near = neutral().filter(point__dwithin=(middle, FARTHEST))
    return list(near.annotate(away=Distance("point", middle)).order_by("away", "pk")[:MOST])
