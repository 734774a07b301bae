"""People expected far from an open place tonight: the number equals a count cell by cell, and does not reveal secret
places."""

import csv
import io
import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import rebuild
from mapping.models import CellState
from mapping.plans.distance_to_places import far_from_places
from mapping.plans.distance_to_places.far_from_places import DISTANCES, FarFigures, People
from needs.guide.places.place_kinds import PlaceKind
from needs.models import PlaceNotice
from solidarity.lib import grid
from tests.needs.find_help.help_places import NORD, place
from tests.support import Cast, City, Seen, SignedIn

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
EVENING = datetime(2026, 11, 27, 18, 0, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def evidence(city: City, seen: Seen) -> None:
    seen(*NORD, persons=4)
    rebuild.recompute_all(rebuild=True, job="test")


def of(found: FarFigures, kind: PlaceKind = PlaceKind.SHELTER) -> list[int]:
    [row] = [each for each in found.kinds if each.kind == kind]
    return [people.persons for people in row.far]


def counted(*spots: tuple[float, float]) -> list[int]:
    """Count cell by cell with the haversine formula."""

    def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
        (a, b), (c, d) = (tuple(map(math.radians, each)) for each in (one, other))
        part = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
        return 2 * 6_371_008.8 * math.asin(math.sqrt(part))

    cells = [(grid.centre(row.cell), row.shape / row.rate) for row in CellState.objects.all()]
    return [
        round(sum(mean for centre, mean in cells if all(metres(centre, spot) > limit for spot in spots)))
        for limit in DISTANCES
    ]


def test_the_figures_equal_a_count_cell_by_cell(city: City) -> None:
    other = (NORD[0] - 0.012, NORD[1] + 0.01)
    place("near", kinds=["shelter"])
    place("second", *other, kinds=["shelter", "food"])
    place("in the day", NORD[0] - 0.02, kinds=["shelter"], hours="09:00-17:00")
    place("unknown", NORD[0] - 0.02, kinds=["shelter"], hours="")
    place("women", NORD[0] - 0.02, kinds=["shelter"], audience=["women"])
    found = far_from_places.figures(city.root, EVENING)
    assert of(found) == counted(NORD, other)
    assert of(found, PlaceKind.FOOD) == counted(other)
    assert of(found, PlaceKind.LAUNDRY) == [found.everybody.persons] * 3
    assert found.everybody.persons > of(found)[0] > of(found)[1] >= of(found)[2]
    [shelter] = [each for each in found.kinds if each.kind == PlaceKind.SHELTER]
    assert (shelter.open, shelter.unknown) == (2, 1)
    assert all(people.low <= people.persons <= people.high for people in shelter.far)
    women = far_from_places.figures(city.root, EVENING, "women")
    assert of(women) == counted(NORD, other, (NORD[0] - 0.02, NORD[1]))
    assert of(far_from_places.figures(city.nord, EVENING))[0] < of(found)[0]


def test_the_night_is_the_one_under_way_or_the_next() -> None:
    morning = EVENING.replace(hour=8) + timedelta(days=1)
    assert far_from_places.tonight(EVENING) == (EVENING.replace(hour=20), morning)
    late = EVENING.replace(hour=2) + timedelta(days=1)
    assert far_from_places.tonight(late) == (late, morning)


def test_a_full_or_closed_place_does_not_count(city: City) -> None:
    own = place("shelter", kinds=["shelter"])
    before = of(far_from_places.figures(city.root, EVENING))
    everybody = far_from_places.figures(city.root, EVENING).everybody.persons
    for kind in ("closed", "full"):
        PlaceNotice.objects.all().delete()
        PlaceNotice.objects.create(place=own, kind=kind, start=EVENING, end=EVENING + timedelta(hours=15))
        assert of(far_from_places.figures(city.root, EVENING)) == [everybody] * 3
    PlaceNotice.objects.update(end=EVENING + timedelta(hours=3))
    assert of(far_from_places.figures(city.root, EVENING)) == before


def test_a_secret_address_changes_no_figure(city: City) -> None:
    before = far_from_places.figures(city.root, EVENING)
    place("refuge", kinds=["shelter"], address_hidden=True)
    assert far_from_places.figures(city.root, EVENING) == before


def test_coordinators_read_it_as_a_page_and_as_a_file_and_nobody_else(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    place("shelter", kinds=["shelter"])
    page, file = (reverse(f"mapping:{name}", args=["ville"]) for name in ("distance", "distance_file"))
    for stranger in (cast.alice, cast.bob, cast.carol, cast.greta):
        assert {signed_in(stranger).get(address).status_code for address in (page, file)} == {404}
    diane = signed_in(cast.diane)
    found = far_from_places.figures(city.root, timezone.now())
    text = diane.get(page).content.decode()
    assert f"<strong>{found.everybody.persons:,}</strong>" in text
    assert "secret address are left out" in text
    rows = list(csv.reader(io.StringIO(diane.get(file).content.decode("utf-8-sig")), delimiter=";"))
    first = next(row for row in rows if row[0] == "a bed for the night")
    nearest: People = next(each for each in found.kinds if each.kind == PlaceKind.SHELTER).far[0]
    assert first[3:] == ["400", str(nearest.persons), str(nearest.low), str(nearest.high)]
    assert len(rows) == 1 + len(PlaceKind) * len(DISTANCES)
