"""Names from the installed street map: streets put together from tiles, house numbers at their streets, known places."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.street_maps import point, street, street_map
from tests.support import City
from volunteers.models import PlaceName
from volunteers.places.basemap import installed
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.nearest import nearest_name
from volunteers.places.place_names.search import search

pytestmark = pytest.mark.django_db

PARIS = [
    street("Rue de Crimée", (48.8720, 2.3400), (48.8700, 2.3420), (48.8680, 2.3440)),
    street("Rue de Crimée", (48.8680, 2.3440), (48.8660, 2.3460)),
    street("Rue du Cygne", (48.8600, 2.3500), (48.8600, 2.3520)),
    street("Ligne 5", (48.86, 2.34), (48.87, 2.35), kind="rail", kind_detail="subway"),
    point("buildings", 48.87012, 2.34225, kind="address", addr_housenumber="12", min_zoom=16),
    point(
        "buildings",
        48.8690,
        2.3432,
        kind="address",
        addr_housenumber="14 bis",
        addr_street="Rue de Crimée",
        min_zoom=16,
    ),
    point("buildings", 48.8600, 2.3680, kind="address", addr_housenumber="99", min_zoom=16),  # no street near it
    point("buildings", 48.8601, 2.3510, kind="building", min_zoom=16),
    point("pois", 48.8650, 2.3600, kind="station", name="Gare du Nord", min_zoom=13),
    point("pois", 48.8655, 2.3605, kind="park", name="Square des Amandiers", min_zoom=13),
    point("pois", 48.8656, 2.3606, kind="toilets", min_zoom=15),
    point("pois", 48.8657, 2.3607, kind="restaurant", name="Chez Nous", min_zoom=17),
    point("places", 48.8600, 2.3450, kind="locality", name="Paris", min_zoom=5),
]
LYON = [
    street("Rue de Crimée", (45.770, 4.830), (45.772, 4.830)),
    point("places", 45.7600, 4.8400, kind="locality", name="Lyon", min_zoom=5),
]


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.BASEMAP_ROOT = tmp_path / "basemap"
    settings.BASEMAP_ROOT.mkdir()
    return tmp_path / "basemap"


def install(root: Path, *features: object) -> None:
    (root / installed.FILE_NAME).write_bytes(street_map(list(features)))  # type: ignore[arg-type]


def kinds() -> dict[str, list[str]]:
    """Return the stored labels by kind."""
    found: dict[str, list[str]] = {}
    for place in PlaceName.objects.order_by("name", "house_number"):
        found.setdefault(place.kind, []).append(str(place))
    return found


def test_the_names_of_a_street_map_are_found_and_name_points(root: Path, city: City) -> None:
    install(root, *PARIS)
    call_command("import_place_names")
    assert kinds() == {
        PlaceKind.STREET: ["Rue de Crimée", "Rue du Cygne"],
        PlaceKind.HOUSE_NUMBER: ["12 Rue de Crimée", "14 bis Rue de Crimée"],
        PlaceKind.STATION: ["Gare du Nord"],
        PlaceKind.PARK: ["Square des Amandiers"],
        PlaceKind.AREA: ["Paris"],
    }
    (found,) = search("12 rue de crimee")
    assert (found.label, found.context) == ("12 rue de Crimée", "Nord")  # the territory around it
    assert (found.latitude, found.longitude) == pytest.approx((48.87012, 2.34225), abs=2e-5)
    named = nearest_name(48.8665, 2.3456)
    assert named is not None
    assert str(named) == "rue de Crimée"


def test_streets_of_one_name_in_two_towns_stay_two(root: Path) -> None:
    install(root, *PARIS, *LYON)
    call_command("import_place_names")
    found = {result.context: (result.latitude, result.longitude) for result in search("rue de crimee")}
    assert set(found) == {"Paris", "Lyon"}
    assert found["Lyon"] == pytest.approx((45.771, 4.83), abs=0.002)


def test_importing_twice_changes_nothing_and_a_new_map_replaces_the_names(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(root, *PARIS)
    call_command("import_place_names")
    before = set(PlaceName.objects.values_list("pk", flat=True))
    call_command("import_place_names")
    assert "nothing changes" in capsys.readouterr().out
    assert set(PlaceName.objects.values_list("pk", flat=True)) == before
    install(root, *LYON)
    call_command("import_place_names")
    assert kinds() == {PlaceKind.STREET: ["Rue de Crimée"], PlaceKind.AREA: ["Lyon"]}


def test_without_a_street_map_nothing_is_imported_and_the_command_is_named(root: Path) -> None:
    install(root, *PARIS)
    call_command("import_place_names")
    (root / installed.FILE_NAME).unlink()
    with pytest.raises(CommandError, match="make basemap AREA=paris"):
        call_command("import_place_names")
    assert search("gare du nord")  # the names stay


def test_installing_a_street_map_makes_its_names_searchable(root: Path, tmp_path: Path) -> None:
    archive = tmp_path / "small.pmtiles"
    archive.write_bytes(street_map(PARIS))
    call_command("install_basemap", pmtiles=str(archive))
    assert search("gare du nord")[0].label == "Gare du Nord"
