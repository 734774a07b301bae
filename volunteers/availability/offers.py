"""A volunteer's offer: stored as given, but with a place no finer than its cell."""

from dataclasses import dataclass
from datetime import datetime, time

from django.contrib.gis.geos import Point
from django.db import transaction

from solidarity.lib.grid import snap
from volunteers.models import Profile, User, Window


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekly free time. It goes past midnight when its end is not after its start. weekday: 0 is Monday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer. base: (latitude, longitude) in degrees; radius: metres; most: needs at once."""

    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    base: tuple[float, float] | None = None
    radius: int = 3000
    most: int = 2
    paused_until: datetime | None = None
    weekly: tuple[Weekly, ...] = ()


def store(user: User, offer: Offer) -> Profile:
    """Replace a person's offer. The base is snapped to the centre of its cell, even if the caller has not done so."""
    with transaction.atomic():
        values = {
            "skills": list(offer.skills),
            "languages": list(offer.languages),
            "radius": offer.radius,
            "most": offer.most,
            "paused_until": offer.paused_until,
            "base": _point(offer.base),
        }
        profile, _made = Profile.objects.update_or_create(user=user, defaults=values)
        Profile.objects.select_for_update().get(pk=profile.pk)
        profile.windows.all().delete()
        Window.objects.bulk_create(
            Window(profile=profile, weekday=each.weekday, start=each.start, end=each.end) for each in offer.weekly
        )
    return profile


def _point(base: tuple[float, float] | None) -> Point | None:
    if base is None:
        return None
    latitude, longitude = snap(*base)
    return Point(longitude, latitude, srid=4326)
