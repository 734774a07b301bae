"""Needs, offers and people for the tests of matching."""

import uuid
from datetime import time

from django.utils import timezone

from needs.enums import Category, NeedState, Urgency
from needs.help.matching import candidates
from needs.models import Need
from solidarity.lib import grid
from volunteers.models import Profile, User
from volunteers.people.availability import offers as offering
from volunteers.people.availability.offers import Availability, Weekly

HERE = (48.866, 2.350)
ALWAYS = tuple(Weekly(day, time(0), time(23, 59)) for day in range(7))


def need_at(place: tuple[float, float] = HERE, **fields: object) -> Need:
    values: dict[str, object] = {
        "kinds": [Category.FOOD], "urgency": Urgency.SOON, "state": NeedState.OPEN, "at": timezone.now(),
        "content_hash": uuid.uuid4().hex, "cell": grid.cell_of(*place), **fields,
    }  # fmt: skip
    return Need.objects.create(**values)


def offers(user: User, place: tuple[float, float] = HERE, **changes: object) -> Profile:
    """Store a person's offer: at a place, always free by default."""
    return offering.store(user, Availability(**{"base": place, "weekly": ALWAYS, **changes}))  # type: ignore[arg-type]


def asked_about(need: Need) -> list[int]:
    """Return the keys of the volunteers who would be asked about a need, best first."""
    return [pair.user for pair in candidates.volunteers_for_need(need, timezone.now())]
