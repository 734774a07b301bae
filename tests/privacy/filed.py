"""Reports as they are really filed, through the public forms and the API; and what readers of releases can fetch."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from mapping import recompute

TILES = [(8, 129, 88), (10, 518, 352), (12, 2074, 1409), (14, 8298, 5635)]
SECRET = (48.867312, 2.351234)  # of the report that the attacker is after
NAME, PHONE, MAIL = "Zébulon Quatremarre", "06 99 88 77 55", "zebulon@quatremarre.example"


def need(**changes: Any) -> dict[str, Any]:
    """The need form as somebody in the street fills it in."""
    values = {
        "id": str(uuid.uuid4()), "latitude": f"{SECRET[0]:.6f}", "longitude": f"{SECRET[1]:.6f}", "place_text": "by the door",
        "kinds": ["food", "blanket"], "urgency": "now", "origin": "citizen", "persons": "1", "text": "one person",
        "contact": PHONE,
    }  # fmt: skip
    return {**values, **changes}


def file_need(**changes: Any) -> Any:
    answer = Client().post("/help/none/form/", need(**changes))
    assert answer.status_code == 302, answer.content[:3000]
    return answer


def file_encounter(member: Client, latitude: float = SECRET[0], longitude: float = SECRET[1], persons: int = 1) -> None:
    said = {"latitude": latitude, "longitude": longitude, "persons": persons, "given": ["food"], "minutes": 30}
    answer = member.post("/api/v1/encounters/", json.dumps(said), content_type="application/json")
    assert answer.status_code in (200, 201), answer.content


def file_many(member: Client) -> None:
    """A day's worth of reports all over the north, folded as the worker does it."""
    for step in range(8):
        file_encounter(member, 48.8655 + step * 0.0008, 2.337 + step * 0.002, persons=20)
    file_need()
    recompute.fold_outbox()
    recompute.refresh_all()


def released(reader: Client, slug: str) -> Iterator[str]:
    """Addresses that show a reader's release of a territory: its tiles, lists, zones and why pages."""
    for z, x, y in TILES:
        yield reverse("mapping:tile", args=[slug, z, x, y])
    yield reverse("mapping:map", args=[slug])
    page = reverse("mapping:zones", args=[slug])
    yield page
    yield page + "?status=uncovered"
    yield reverse("mapping:boundaries", args=[slug])
    for zone in reader.get(page).context["page"]:
        yield reverse("mapping:zone", args=[slug, zone.key])
        yield reverse("mapping:why", args=[slug, zone.key])
