"""Reports filed through the public forms and the API, and what readers of releases can fetch."""

import gzip
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
from django.test import Client
from django.urls import reverse

from mapping.coverage.folding import fold
from tests.tile_archives import tiles_of

TILES = [(8, 129, 88), (10, 518, 352), (12, 2074, 1409), (14, 8298, 5635)]
SECRET = (48.867312, 2.351234)  # of the report that the attacker looks for
NAME, PHONE, MAIL = "Zébulon Quatremarre", "06 99 88 77 55", "zebulon@quatremarre.example"


def need(**changes: Any) -> dict[str, Any]:
    """Return the data of the need form as somebody in the street fills it in."""
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
    """File a day's reports all over the north and fold them as the worker does."""
    for step in range(8):
        file_encounter(member, 48.8655 + step * 0.0008, 2.337 + step * 0.002, persons=20)
    file_need()
    fold.fold_outbox()
    fold.refresh_all()


def released(reader: Client, slug: str) -> Iterator[str]:
    """Return the URLs that show a reader's release of a territory: its tiles, lists, zones and why pages."""
    for z, x, y in TILES:
        yield reverse("mapping:tile", args=[slug, z, x, y])
    yield reverse("mapping:map", args=[slug])
    page = reverse("mapping:zones", args=[slug])
    yield page
    yield page + "?status=uncovered"
    yield reverse("mapping:boundaries", args=[slug])
    for key in dict.fromkeys(re.findall(r"/zones/([0-9a-f-]{36})/", reader.get(page).content.decode())):
        yield reverse("mapping:zone", args=[slug, key])
        yield reverse("mapping:why", args=[slug, key])


# --- the public release --------------------------------------------------------------------------------------------


def public_files() -> tuple[str, str]:
    """Return the URLs of the release's JSON and archive from the public page."""
    page = Client().get(reverse("mapping:public")).content.decode()
    found = re.findall(r"/map/releases/public/[0-9a-f]+/[a-z.]+", page)
    data, archive = (next(each for each in found if each.endswith(end)) for end in (".json", ".pmtiles"))
    return data, archive


def body_of(address: str) -> bytes:
    answer: Any = Client().get(address)
    assert answer.status_code == 200
    return bytes(answer.getvalue() if answer.streaming else answer.content)


def drawn(archive: bytes) -> dict[int, list[dict[str, Any]]]:
    """Return every shape in every tile, by zoom: properties and geometry in degrees."""
    shapes: dict[int, list[dict[str, Any]]] = {}
    for (z, x, y), packed in tiles_of(archive):
        layers = mapbox_vector_tile.decode(gzip.decompress(packed))
        for layer in layers.values():
            shapes.setdefault(z, []).extend({**each["properties"], "tile": (x, y)} for each in layer["features"])
    return shapes
