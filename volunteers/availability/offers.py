"""A volunteer's offer, stored with a place no more precise than its cell."""

from dataclasses import dataclass
from datetime import datetime, time

from django.contrib.gis.geos import Point
from django.db import transaction

from solidarity.lib.grid import snap
from volunteers.models import Profile, User, Window


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekly free time. It goes past midnight if its end is not after its start. weekday: 0 is Monday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer. base: (latitude, longitude) in degrees; radius: metres; most: maximum number of needs at once."""

    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    base: tuple[float, float] | None = None
    radius: int = 3000
    most: int = 2
    paused_until: datetime | None = None
    weekly: tuple[Weekly, ...] = ()


def store(user: User, offer: Offer) -> Profile:
    """Replace a person's offer. The base is snapped to the centre of its cell here, whatever the caller passes."""
    base = snap(*offer.base) if offer.base else None
    with transaction.atomic():
        values = {
            "skills": list(offer.skills),
            "languages": list(offer.languages),
            "radius": offer.radius,
            "most": offer.most,
            "paused_until": offer.paused_until,
            "base": Point(base[1], base[0], srid=4326) if base else None,
        }
        profile, _made = Profile.objects.update_or_create(user=user, defaults=values)
        Profile.objects.select_for_update().get(pk=profile.pk)
        profile.windows.all().delete()
        Window.objects.bulk_create(
            Window(profile=profile, weekday=each.weekday, start=each.start, end=each.end) for each in offer.weekly
        )
    return profile
