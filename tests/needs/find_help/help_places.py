"""Places for the tests of "Find help now"."""

from typing import Any

from django.contrib.gis.geos import Point

from needs.models import Place
from solidarity.lib import grid

ALWAYS = "24/7"
NORD = (48.869, 2.354)


def place(name: str, lat: float = NORD[0], lng: float = NORD[1], hours: str = ALWAYS, **more: Any) -> Place:
    """Store a place. more: its other fields; kinds is food if not given."""
    fields = {"kinds": ["food"], "address": "1 rue du Nord", "phone": "01 40 00 00 00", **more}
    return Place.objects.create(name=name, point=Point(lng, lat), cell=grid.cell_of(lat, lng), hours=hours, **fields)
