"""The places as the export files have them: a place with a secret address has no point, no cell and no address."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.utils.timezone import localtime

from needs.models import Place, PlaceNotice

BATCH = 1000


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A place as everybody may read it. point: (longitude, latitude); None if its address is secret."""

    id: str
    name: str
    kinds: list[str]
    point: tuple[float, float] | None
    address: str
    hours: str
    audience: list[str]
    conditions: str
    languages: list[str]
    step_free: bool | None
    phone: str
    email: str
    website: str
    about: str
    kept_by: str
    checked: str
    notices: list[PlaceNotice]


def open_places(now: datetime) -> Iterator[OpenPlace]:
    """Yield the places that exist, by id."""
    rows = Place.objects.listed().select_related("association").order_by("pk").iterator(BATCH)
    for batch in batched(rows, BATCH, strict=False):
        notices: dict[object, list[PlaceNotice]] = defaultdict(list)
        for notice in (
            PlaceNotice.objects.in_force(now).filter(place__in=[place.pk for place in batch]).order_by("start")
        ):
            notices[notice.place_id].append(notice)
        for place in batch:
            yield _open(place, notices[place.pk])


def _open(place: Place, notices: list[PlaceNotice]) -> OpenPlace:
    hidden = place.address_hidden
    return OpenPlace(
        id=str(place.pk),
        name=place.name,
        kinds=list(place.kinds),
        point=None if hidden else (round(place.point.x, 6), round(place.point.y, 6)),
        address="" if hidden else place.address,
        hours=place.hours,
        audience=list(place.audience),
        conditions=place.conditions,
        languages=list(place.languages),
        step_free=place.step_free,
        phone=place.phone,
        email=place.email,
        website=place.website,
        about=place.about,
        kept_by=place.association.name if place.association else "",
        checked=localtime(place.checked_at).date().isoformat() if place.checked_at else "",
        notices=notices,
    )
