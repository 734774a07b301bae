"""Similar needs are shown while the dispatcher types: without places, only from the own desk, limited and logged."""

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from needs.enums import NeedState
from solidarity.lib import grid
from tests.needs.phone_intake.call_cases import NORD, SIMILAR
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, dispatches
from volunteers.models import AuditEntry

pytestmark = pytest.mark.django_db

NEAR = (48.8668, 2.3500)
IN_SUD = (48.8550, 2.3500)


def found(client: Client, **said: object) -> str:
    answer = client.post(SIMILAR, said)
    assert answer.status_code == 200
    return answer.content.decode()


def test_needs_near_the_pin_and_with_a_similar_place_in_words_are_found(carol: Client) -> None:
    near = reported(NEAR, kinds=["blanket"], place_text="behind the old station", text="no blanket")
    in_words = reported(None, kinds=["blanket"], place_text="behind the old railway station")
    other = reported(NEAR, kinds=["pet"])
    page = found(carol, **NORD, kinds=["blanket"], place_text="old station, behind")
    assert f"/triage/{near.pk}/" in page and f"/triage/{in_words.pk}/" in page and f"/triage/{other.pk}/" not in page
    assert f"/triage/{other.pk}/" in found(carol, **NORD)  # if no kind is chosen, needs of every kind are found
    assert "No similar need" in found(carol)


def test_the_answer_contains_no_words_no_distance_and_no_position(carol: Client) -> None:
    reported(NEAR, kinds=["blanket"], place_text="behind the old station", text="an old man", contact="06 11 22 33 44")
    page = found(carol, **NORD, kinds=["blanket"], place_text="behind the old station", text="an old man")
    assert "/triage/" in page
    assert not any(word in page for word in ("station", "old man", "48.8", "2.35", " m apart", "06 11"))


def test_moving_the_pin_inside_a_cell_changes_nothing(carol: Client) -> None:
    reported(GARE, kinds=["blanket"])
    points = [(48.8660, 2.3500), (48.8661, 2.3501), (48.8659, 2.3499)]
    assert len({grid.cells_of(*point)[0] for point in points}) == 1
    assert len({found(carol, latitude=lat, longitude=lng, kinds=["blanket"]) for lat, lng in points}) == 1


def test_only_needs_of_ones_own_desk_are_found(cast: Cast, city: City, carol: Client) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    hidden = reported(IN_SUD, kinds=["blanket"], place_text="behind the old station")
    page = found(carol, latitude=IN_SUD[0], longitude=IN_SUD[1], kinds=["blanket"], place_text="behind the old station")
    assert str(hidden.pk) not in page and "No similar need" in page


def test_rejected_needs_and_duplicates_are_not_found(carol: Client) -> None:
    for state in (NeedState.REJECTED, NeedState.DUPLICATE):
        reported(NEAR, kinds=["blanket"], state=state)
    assert "No similar need" in found(carol, **NORD, kinds=["blanket"])


def test_each_search_is_limited_and_logged_without_its_words(cast: Cast, carol: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account_writes": "2/min"}
    reported(NEAR, kinds=["blanket"])
    for _each in range(3):
        answer = carol.post(SIMILAR, {**NORD, "place_text": "behind the old station"})
    assert answer.status_code == 429
    entries = AuditEntry.objects.filter(verb="list_read", actor=cast.carol.key)
    assert [entry.details for entry in entries] == [{"list": "similar", "count": 1}] * 2


def test_the_search_is_a_post_so_that_no_address_contains_a_place(carol: Client) -> None:
    assert carol.get(SIMILAR, NORD).status_code == 405
    assert carol.post(SIMILAR, {"latitude": "north"}).status_code == 400


def test_the_streets_of_the_tapped_cell_are_offered_as_addresses(
    carol: Client, settings: Settings, tmp_path: Path
) -> None:
    assert "<option" not in found(carol, **NORD)
    settings.BASEMAP_ROOT = tmp_path
    x, y = 261600.8, 6252154.9  # GARE in EPSG:3857
    road = {"type": "LineString", "coordinates": [[x - 80, y], [x + 80, y]]}
    roads = {
        "type": "FeatureCollection", "name": "roads",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "features": [{"type": "Feature", "properties": {"name": "Rue d’ici", "kind": "minor_road"}, "geometry": road}],
    }  # fmt: skip
    (tmp_path / "basemap.pmtiles").write_text(json.dumps(roads))  # GDAL reads this file like a base map
    assert '<option value="Rue d’ici">' in found(carol, **NORD)
    assert "<option" not in found(carol, place_text="somewhere")
