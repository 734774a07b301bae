"""Events and reports for the tests."""

import random
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from needs.crises.crisis_events import PRESET, Event, Topic, as_multipolygon, open_event
from needs.enums import NeedState, Urgency
from needs.models import Crisis, Need
from solidarity.lib import grid
from tests.conftest import MIDDLE_LAT, NORTH_EAST, SOUTH_WEST, square

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    from volunteers.models import User

INSIDE, OUTSIDE = ("48.866000", "2.350000"), ("48.855000", "2.350000")
TOPICS = (
    *PRESET[:3],
    Topic({"en": "A road is blocked", "fr": "Une route est coupée"}, "other"),
    Topic({"en": "Something else", "fr": "Autre"}, "other"),
)


def event(name: str = "Grand froid", **changes: Any) -> Event:
    """Return an event in the northern district that started yesterday."""
    values = {
        "message": "The town hall is open all night.",
        "area": as_multipolygon(square(MIDDLE_LAT, SOUTH_WEST[1], *NORTH_EAST)),
        "starts_at": timezone.now() - timedelta(days=1),
        "ends_at": None,
        "topics": TOPICS,
        **changes,
    }
    return Event(name, **values)


def opened(author: "User", name: str = "Grand froid", **changes: Any) -> Crisis:
    """Open an event."""
    return open_event(event(name, **changes), author.pk)


def filled(crisis: Crisis, count: int, seed: int = 1) -> None:
    """Store many varied reports: inside and outside the area, with and without a place, recent and old."""
    chance = random.Random(seed)  # noqa: S311
    categories, now, rows = list(crisis.categories.all()), timezone.now(), []
    for number in range(count):
        hours = chance.choice([chance.uniform(0, 24), chance.uniform(0, 24 * 6)])
        at = now - timedelta(hours=hours)
        lat, lng = chance.uniform(48.852, 48.874), chance.uniform(2.332, 2.368)
        if number % 10 == 0:
            lat, lng = 48.8666, 2.3501
        cell, fine = grid.cells_of(lat, lng)
        placed = number % 17 != 3
        category = chance.choice(categories)
        rows.append(
            Need(
                id=uuid.UUID(int=chance.getrandbits(128), version=4), content_hash="x", at=at, filed_at=at,
                point=Point(lng, lat, srid=4326) if placed and number % 5 else None, cell=cell if placed else None,
                fine_cell=fine if placed else None, kinds=[category.kind], crisis=crisis, crisis_category=category,
                urgency=chance.choice(Urgency.values), persons=chance.randint(1, 4), state=chance.choice(NeedState.values),
                text="wet, and cold", place_text="by the bridge",
            )
        )  # fmt: skip
    Need.objects.bulk_create(rows, batch_size=2000)


def form_data(crisis: Crisis, **changes: Any) -> dict[str, Any]:
    """Return the data of the public form."""
    values = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[1].pk, "place_text": "under the bridge",
        "latitude": "", "longitude": "", "urgency": "now", "persons": "2", "text": "two people without a blanket",
        "contact": "06 12 34 56 78",
    }  # fmt: skip
    return {**values, **changes}


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def report(crisis: Crisis, client: Client | None = None, /, **changes: Any) -> "_MonkeyPatchedWSGIResponse":
    """Report to an event on its public page."""
    return (client or Client()).post(f"/crisis/{crisis.slug}/", form_data(crisis, **changes))
