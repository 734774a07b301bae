"""A volunteer's offer, stored with a place no more precise than its cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.contrib.gis.geos import Point
from django.db import transaction

from solidarity.lib.grid import snap
from volunteers.models import Profile, User, Window


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekly free time. The time goes past midnight if its end is not after its start. weekday: the day of the week;
    0 is Monday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Availability:
    """An offer. base: (latitude, longitude) in degrees; radius: metres; kinds: kinds of help, empty
    for all; most: maximum number of needs at once."""

    skills: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    base: tuple[float, float] | None = None
    radius: int = 3000
    most: int = 3
    paused_until: datetime | None = None
    weekly: tuple[Weekly, ...] = ()


def store(user: User, offer: Availability) -> Profile:
    """Replace a person's offer. The base is always replaced by the centre of its cell."""
    with transaction.atomic():
        values = {
            "skills": list(offer.skills),
            "kinds": list(offer.kinds),
            "languages": list(offer.languages),
            "radius": offer.radius,
            "most": offer.most,
            "paused_until": offer.paused_until,
            "base": _cell_centre(offer.base),
        }
        profile, _made = Profile.objects.update_or_create(user=user, defaults=values)
        Profile.objects.select_for_update().get(pk=profile.pk)
        _replace_times(profile, offer.weekly)
    return profile


def store_base(user: User, base: tuple[float, float]) -> None:
    """Store only a person's base, snapped to the centre of its cell. base: (latitude, longitude) in degrees."""
    Profile.objects.update_or_create(user=user, defaults={"base": _cell_centre(base)})


def store_times(user: User, weekly: Sequence[Weekly]) -> None:
    """Replace only the weekly times of a person."""
    with transaction.atomic():
        profile, _made = Profile.objects.get_or_create(user=user)
        Profile.objects.select_for_update().get(pk=profile.pk)
        _replace_times(profile, weekly)


def store_abilities(user: User, *, kinds: Sequence[str], skills: Sequence[str], languages: Sequence[str]) -> None:
    """Store only what somebody can do."""
    values = {"kinds": list(kinds), "skills": list(skills), "languages": list(languages)}
    Profile.objects.update_or_create(user=user, defaults=values)


def weekly_of(profile: Profile | None) -> list[Weekly]:
    """Return the stored weekly times of a profile, Monday first."""
    rows = profile.windows.all() if profile is not None else ()
    return [Weekly(row.weekday, row.start, row.end) for row in rows]


def _cell_centre(base: tuple[float, float] | None) -> Point | None:
    if base is None:
        return None
    latitude, longitude = snap(*base)
    return Point(longitude, latitude, srid=4326)


def _replace_times(profile: Profile, weekly: Sequence[Weekly]) -> None:
    profile.windows.all().delete()
    Window.objects.bulk_create(
        Window(profile=profile, weekday=each.weekday, start=each.start, end=each.end) for each in weekly
    )
