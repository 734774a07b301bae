"""Names of territories sort as people read them: 2 before 10."""

from random import shuffle

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from needs.help.corrections.forms import NeedPlaceForm
from solidarity.lib.natural_order import natural
from tests.support import Cast
from volunteers.enums import Level
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas

NAMES = ["Paris 1er", "Paris 2e", "Paris 3e", "Paris 10e", "Paris 11e", "Paris 20e"]


@pytest.fixture
def districts(db: None) -> None:
    mixed = list(enumerate(NAMES))
    shuffle(mixed)
    for number, name in mixed:
        west = 10 + number
        box = MultiPolygon(Polygon.from_bbox((west, 50, west + 0.5, 50.5)), srid=4326)
        Territory.objects.create(slug=f"p-{name.split()[1].rstrip('er')}", name=name, level=Level.DISTRICT, polygon=box)


def test_territories_sort_naturally_by_name_and_by_path(districts: None) -> None:
    wanted = Territory.objects.filter(name__startswith="Paris")
    assert list(wanted.order_by("name").values_list("name", flat=True)) == NAMES
    assert [territory.name for territory in wanted] == NAMES  # their default order, by path


def test_menus_offer_territories_in_natural_order(districts: None, cast: Cast) -> None:
    offered = [str(label) for _value, label in NeedPlaceForm().fields["district"].choices]  # type: ignore[attr-defined]
    assert [name for name in offered if name in NAMES] == NAMES
    names = [area.name for area in areas.areas_for(Viewer(cast.edith))]
    assert [name for name in names if name in NAMES] == NAMES


def test_python_sorts_as_the_database_does() -> None:
    mixed = [*NAMES]
    shuffle(mixed)
    assert sorted(mixed, key=natural) == NAMES
