"""The map on which a tour is planned: zones of the release that the reader may see, and open needs as numbers by cell."""

import json
import random
import re
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.map.releases import release_filter
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.models import Need
from solidarity.lib import cell_geometry, grid
from tests import filing_verbs
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn

CENTRE = grid.centre(grid.cell_of(48.8661, 2.3503))
SPOTS = [CENTRE, (CENTRE[0] + 0.0002, CENTRE[1]), (48.8555, 2.3500)]


@pytest.fixture
def needs(cast: Cast, city: City, seen: Seen) -> list[Need]:
    """Two open needs in one cell and one in another, after the publications."""
    publish_north(seen)
    found = []
    for spot in SPOTS:
        draft = NeedDraft(at=timezone.now(), place=DraftPlace(*spot), kinds=["food"], text="by the red door")
        filing_verbs.report_need(draft, state="open")
        found.append(Need.objects.get(pk=draft.id))
    assert found[0].cell == found[1].cell != found[2].cell
    return found


def layers(client: Client) -> Any:
    answer = client.get(reverse("mapping:planning_layers"))
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_a_member_sees_numbers_by_cell_at_the_centres_of_cells(
    needs: list[Need], cast: Cast, signed_in: SignedIn
) -> None:
    found = layers(signed_in(cast.bob))["needs"]["features"]
    counts = {each["properties"]["cell"]: each["properties"]["needs"] for each in found}
    first, other = needs[0].cell, needs[2].cell
    assert first is not None and other is not None
    assert counts == {grid.to_text(first): 2, grid.to_text(other): 1}
    for each in found:
        latitude, longitude = grid.centre(grid.from_text(each["properties"]["cell"]))
        assert each["geometry"]["coordinates"] == [round(longitude, 6), round(latitude, 6)]
        assert set(each["properties"]) == {"cell", "needs"}


def test_wherever_in_its_cell_a_need_is_the_answer_is_the_same(
    needs: list[Need], cast: Cast, signed_in: SignedIn
) -> None:
    bob, dice = signed_in(cast.bob), random.Random(5)
    before = layers(bob)
    own = needs[2]
    assert own.cell is not None
    ring = cell_geometry.outline(own.cell)
    moved = 0
    while moved < 5:
        longitude = dice.uniform(min(lng for lng, _ in ring), max(lng for lng, _ in ring))
        latitude = dice.uniform(min(lat for _, lat in ring), max(lat for _, lat in ring))
        if grid.cell_of(latitude, longitude) == own.cell:
            Need.objects.filter(pk=own.pk).update(point=Point(longitude, latitude, srid=4326))
            assert layers(bob) == before
            moved += 1


@pytest.mark.parametrize("who", ["alice", "greta", "diane"])
def test_only_members_who_can_plan_a_tour_get_the_layers(
    who: str, needs: list[Need], cast: Cast, signed_in: SignedIn
) -> None:
    assert signed_in(getattr(cast, who)).get(reverse("mapping:planning_layers")).status_code == 404
    assert Client().get(reverse("mapping:planning_layers")).status_code == 302


def test_the_zones_are_those_of_the_members_release(
    needs: list[Need], cast: Cast, city: City, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    [source] = layers(bob)["zones"]  # one source, because the city contains both districts
    assert source["tiles"].startswith("/map/t/ville/tiles/")
    address = source["tiles"].replace("{z}", "12").replace("{x}", "2074").replace("{y}", "1409")
    before = bob.get(address).content
    assert before
    assert before == bob.get(reverse("mapping:tile", args=["ville", 12, 2074, 1409])).content
    # A report changes the tile only with the next release.
    filing_verbs.report_need(NeedDraft(at=timezone.now(), place=DraftPlace(*SPOTS[0]), kinds=["food"]), state="open")
    assert bob.get(address).content == before


def test_before_the_first_release_there_are_no_zones(cast: Cast, city: City, signed_in: SignedIn) -> None:
    assert layers(signed_in(cast.bob)) == {"zones": [], "needs": {"type": "FeatureCollection", "features": []}}
    release_filter.publish_all()
    assert len(layers(signed_in(cast.bob))["zones"]) == 1


def test_the_page_names_the_layers_by_an_address_without_a_place(cast: Cast, city: City, signed_in: SignedIn) -> None:
    page = signed_in(cast.bob).get(reverse("needs:new_plan")).content.decode()
    address = re.search(r'data-layers-url="([^"]*)"', page)
    assert address and address[1] == reverse("mapping:planning_layers")
    assert 'data-plan-layer="zones"' in page and 'data-plan-layer="needs"' in page
