"""Places of the guide for tests."""

from typing import Any

from needs.guide.places import place_entries
from needs.guide.places.place_entries import By
from needs.models import Place
from tests.support import Cast

NORD = (48.8660, 2.3500)
SUD = (48.8550, 2.3500)


def values(**more: Any) -> dict[str, Any]:
    """Return the values of an entry: a night shelter in Nord."""
    latitude, longitude = more.pop("at", NORD)
    return {
        "name": "Halte du Nord", "kinds": ["shelter", "shower"], "address": "12 rue du Pont", "address_hidden": False,
        "hours": "Mo-Fr 09:00-18:00", "audience": [], "conditions": "", "languages": ["fr", "ar"], "step_free": True,
        "phone": "01 23 45 67 89", "email": "", "website": "", "about": "", "association": None,
        "latitude": latitude, "longitude": longitude, **more,
    }  # fmt: skip


def place_of(cast: Cast, **more: Any) -> Place:
    """Store a place that Maraude du Nord keeps up to date, as Bob enters it."""
    return place_entries.add(values(**{"association": cast.maraude.pk, **more}), By(cast.bob, cast.maraude))


def sent(**more: Any) -> dict[str, Any]:
    """Return the form of an entry as a browser sends it, with hours on Monday."""
    data = {
        "name": "Halte du Nord", "kinds": ["shelter", "shower"], "place_text": "12 rue du Pont",
        "latitude": str(NORD[0]), "longitude": str(NORD[1]), "phone": "01 23 45 67 89", "step_free": "yes",
        "languages": ["fr"], "hours-way": "week", "hours-holidays": "usual", "hours-d0a_from": "09:00",
        "hours-d0a_until": "18:00",
    }  # fmt: skip
    return data | more
