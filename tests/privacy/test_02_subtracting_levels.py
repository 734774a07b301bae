"""Attack 2: subtract data of one zoom level, parent level or release from data of another."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import h3.api.basic_int as h3
import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.enums import STATUS_KEYS, Status
from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing, release_schedule
from mapping.models import PublicPlace, Release, Zone
from tests.privacy import filed
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Cell, Territory

ROW = {8: (8, 129, 88), 10: (10, 518, 352), 12: (12, 2074, 1409)}


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> None:
    publish_north(seen)


def decoded(reader: Client, zoom: int, slug: str) -> list[dict[str, Any]]:
    """Return the properties of each shape in a tile."""
    answer = reader.get(reverse("mapping:tile", args=[slug, *ROW[zoom]]))
    layers = mapbox_vector_tile.decode(answer.content)
    return [feature["properties"] for layer in layers.values() for feature in layer["features"]]


def statuses_of(territory: Territory, audience: str) -> dict[int, int]:
    """Return the release's status of each cell."""
    found = {}
    for zone in Zone.objects.filter(release__audience=audience, territory=territory):
        for cell, lat, lng in Cell.objects.filter(territory=territory).values_list("cell", "lat", "lng"):
            if zone.shape.contains(Point(lng, lat, srid=4326)):
                found[cell] = int(zone.status)
    return found


@pytest.mark.parametrize(("who", "audience"), [("alice", "volunteer"), ("bob", "association")])
def test_a_low_zoom_tells_no_more_than_the_cells_of_the_same_release(
    who: str, audience: str, published: None, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    reader, member = signed_in(getattr(cast, who)), signed_in(cast.edith)
    filed.file_many(member)  # these reports are in the live state, but in no release
    known = statuses_of(city.nord, audience)
    assert len(known) > 20
    for zoom, resolution in ((8, 7), (10, 8)):
        below: dict[int, Counter[int]] = {}
        for cell, status in known.items():
            below.setdefault(h3.cell_to_parent(cell, resolution), Counter())[status] += 1
        shown = decoded(reader, zoom, "nord")
        assert shown
        # A parent shows only the most frequent status of its cells, and the number of cells.
        assert {field for shape in shown for field in shape} == {"status", "cells"}
        assert all(1 <= shape["status"] <= len(STATUS_KEYS) for shape in shown)
        inside = [
            below[parent].most_common() for parent in below if sum(below[parent].values()) == 7 ** (9 - resolution)
        ]
        told = Counter((shape["status"], shape["cells"]) for shape in shown)
        for counts in inside:
            leading = [status for status, number in counts if number == counts[0][1]]
            assert any(told[status, 7 ** (9 - resolution)] for status in leading)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_no_zoom_shows_a_later_release_than_another(
    who: str, published: None, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    reader, member = signed_in(getattr(cast, who)), signed_in(cast.edith)
    first = {zoom: decoded(reader, zoom, "nord") for zoom in ROW}
    filed.file_many(member)
    release_filter.publish_all(timezone.now() + timedelta(hours=30))
    second = {zoom: decoded(reader, zoom, "nord") for zoom in ROW}
    assert second[12] != first[12]
    keys = {shape["key"] for shape in second[12]}
    page = reader.get(reverse("mapping:zones", args=["nord"])).content.decode()
    assert [key for key in keys if f"/zones/{key}/" not in page] == []
    assert [
        shape for shape in second[12] if set(shape) - {"key", "status", "territory", "overridden", "computed"}
    ] == []


# --- the public release --------------------------------------------------------------------------------------------


def test_every_place_of_the_public_release_is_shown_at_one_level(cast: Cast, told: Callable[..., None]) -> None:
    told(22)
    told(15)
    publishing.publish_due()
    newest = Release.objects.public().last()
    assert newest is not None
    monday = newest.published_at
    seen_keys: list[set[str]] = []
    for week in range(3):
        if week:
            told(10 - week, persons=1.0 + week, associations=3 + week)
            monday = release_schedule.after(monday)
            publishing.publish_due(monday + timedelta(minutes=1))
        data, archive = filed.public_files()
        places = json.loads(filed.body_of(data))["places"]
        keys = {place["key"] for place in places}
        seen_keys.append(keys)
        assert len(keys) == len(places) > 0
        # No child of a shown parent is shown, so nothing can be subtracted.
        shapes = _outlines(keys)
        for one, other in itertools.combinations(sorted(shapes), 2):
            assert shapes[one].intersection(shapes[other]).area <= 1e-12, (one, other)
        # Every zoom shows the same places with the same words.
        told_of = {place["key"]: (place["status"], place["coverage_from"]) for place in places}
        for zoom, drawn in filed.drawn(filed.body_of(archive)).items():
            assert {shape["key"] for shape in drawn} <= keys, zoom
            for shape in drawn:
                assert (STATUS_KEYS[Status(shape["status"])], shape["coverage"]) == told_of[shape["key"]]
                assert set(shape) == {"key", "status", "coverage", "tile"}
        # There is no number of people, reports or sources to subtract from last week's.
        assert {field for place in places for field in place} == {
            "key", "level", "commune", "name", "number", "status", "coverage_from"
        }  # fmt: skip
    assert len(seen_keys) == 3


def _outlines(keys: set[str]) -> dict[str, Any]:
    latest = Release.objects.public().last()
    return {place.key: place.outline for place in PublicPlace.objects.filter(release=latest, key__in=keys)}
