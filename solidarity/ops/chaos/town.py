"""The town of the chaos test, and the accounts that report there."""

import uuid

from django.contrib.gis.geos import MultiPolygon, Polygon

from mapping.coverage.folding import territory_cells
from solidarity.ops.bench.bench_server import session_of
from volunteers.enums import CountKind, Level
from volunteers.models import Association, Membership, User
from volunteers.people.tokens import tokens

BOX = (48.845, 2.320, 48.880, 2.380)  # south, west, north, east: about 12 km² and 150 cells
ACCOUNTS = 12


def settle() -> list[dict[str, str]]:
    """Create a town with two districts, an association, and its accounts, half with tokens and half with sessions.

    Return the headers that identify the accounts.
    """
    south, west, north, east = BOX
    middle = (west + east) / 2
    town = territory_cells.save_territory(
        "Town",
        _square(south, west, north, east),
        Level.CITY,
        zoned=False,
        expected_persons=70,
        count_kind=CountKind.OFFICIAL,
    )
    territory_cells.save_territory("West", _square(south, west, north, middle), Level.DISTRICT, parent=town)
    territory_cells.save_territory("East", _square(south, middle, north, east), Level.DISTRICT, parent=town)
    territory_cells.assign_cells(town)
    association = Association.objects.create(slug="chaos-test", name="Chaos test")
    made: list[dict[str, str]] = []
    for number in range(ACCOUNTS):
        user = User.objects.create_user(f"chaos-{number}@example.org")
        Membership.objects.create(user=user, association=association)
        if number % 2:
            csrf = uuid.uuid4().hex
            made.append({"Cookie": f"sessionid={session_of(user)}; csrftoken={csrf}", "X-CSRFToken": csrf})
        else:
            made.append({"Authorization": f"Bearer {tokens.make(user, 'chaos', writes=True, days=7)[1]}"})
    return made


def _square(south: float, west: float, north: float, east: float) -> MultiPolygon:
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return MultiPolygon(Polygon(ring, srid=4326), srid=4326)
