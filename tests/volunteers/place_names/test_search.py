"""The search by typed text: tolerant, near the reader first, and honest about what is not known."""

import pytest
from django.utils import translation

from tests.support import City
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow
from volunteers.places.place_names.search import Bounds, Result, knows_streets, search

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def names() -> None:
    name_storing.replace("test", rows())


def first(text: str, bounds: Bounds | None = None) -> Result | None:
    with translation.override("en"):
        found = search(text, bounds)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("12 rue de Crimée", "12 rue de Crimée"),
        ("r. crimee 12", "12 rue de Crimée"),
        ("RUE DE CRIMEE, 12", "12 rue de Crimée"),
        ("crimee 12bis rue", "12 bis rue de Crimée"),
        ("12 bis rue de la crimée", "12 bis rue de Crimée"),
        ("12 b rue de crimée", "12 rue de Crimée"),
        ("rue de crim", "Rue de Crimée"),
        ("rue de crimme", "Rue de Crimée"),
        ("rue de cirmee", "Rue de Crimée"),
        ("avenue de crimée", "Rue de Crimée"),
        ("12 rue de crimée 75019 paris", "12 rue de Crimée"),
        ("gare du nord", "Gare du Nord"),
        ("gare nrod", "Gare du Nord"),
        ("nord gare", "Gare du Nord"),
        ("gare du nord à droite", "Gare du Nord"),
        ("av. gal leclerc", "Avenue du Général Leclerc"),
        ("bd général leclerc", "Avenue du Général Leclerc"),
        ("fg st denis", "Rue du Faubourg Saint-Denis"),
        ("rue du fbg saint-denis", "Rue du Faubourg Saint-Denis"),
        ("pl. de la republique", "Place de la République"),
        ("république", "Place de la République"),
    ],
)
def test_a_place_is_found_however_it_is_typed(typed: str, label: str) -> None:
    found = first(typed)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize(
    "typed",
    [
        "12 rue de Rivoli, Paris", "3 rue du nord", "rue de la république", "avenue de crimée", "12 gare du nord",
        "gare du nord à droite", "75018 rue de crimée", "leclerc lyon", "12 rue de rivoli",
    ],
)  # fmt: skip
def test_a_place_without_all_words_or_of_another_street_is_only_perhaps_meant(typed: str) -> None:
    assert all(found.perhaps for found in search(typed))


@pytest.mark.parametrize(
    "typed",
    ["12 rue de Crimée", "r crimme", "rue de crim", "crimee", "fg st denis", "metro gare du nord", "gare"],
)
def test_a_place_with_all_words_is_meant_and_comes_before_those_that_are_only_perhaps_meant(typed: str) -> None:
    station = NameRow("c", PlaceKind.STATION, "Crimée", 48.8909, 2.3769, "Paris 19e", importance=95)
    name_storing.replace("stations", [station, NameRow("w", PlaceKind.WATER, "Seine", 48.86, 2.34, "Paris 1er")])
    found = search(typed)
    assert [each.perhaps for each in found] == sorted(each.perhaps for each in found)
    assert found[0].perhaps is False
    if typed[0] == "1":
        assert (found[0].label, found[-1].label) == ("12 rue de Crimée", "Crimée")


def test_a_postcode_says_nothing_about_a_place_that_is_stored_without_one() -> None:
    name_storing.replace("map", [NameRow("m", PlaceKind.STREET, "Rue Manin", 48.88, 2.38, "Paris 19e")])
    assert [found.perhaps for found in search("rue manin 75019")] == [False]


def test_streets_are_known_in_the_area_in_which_they_were_stored() -> None:
    paris, lyon = (2.2, 48.8, 2.5, 48.9), (4.7, 45.7, 4.9, 45.8)
    assert (knows_streets(), knows_streets(paris), knows_streets(lyon)) == (True, True, False)
    name_storing.replace("test", [NameRow("c", PlaceKind.STATION, "Crimée", 48.8909, 2.3769, "Paris 19e")])
    assert not knows_streets(paris)


@pytest.mark.parametrize(
    "typed", ["", "  ", "?!", "zanzibar", "12", "'; DROP TABLE volunteers_placename; --", "%", "\x00"]
)
def test_nothing_is_found_for_what_matches_nothing(typed: str) -> None:
    assert search(typed) == []


def test_an_unknown_house_number_gives_the_nearest_known_one_and_says_so() -> None:
    found = first("13 rue de crimée")
    assert found is not None
    assert found.label in ("12 rue de Crimée", "14 rue de Crimée")
    assert found.note.startswith("13 is not known; 1")
    far = first("99 rue de crimée")
    assert far is not None
    assert (far.label, far.note) == ("14 rue de Crimée", "99 is not known; 14 is the nearest number known")


def test_a_street_without_house_numbers_says_that_the_number_is_not_known() -> None:
    found = first("5 avenue du général leclerc")
    assert found is not None
    assert (found.label, found.note) == ("Avenue du Général Leclerc", "number 5 is not known; this is the street")


def test_a_number_in_a_name_is_no_house_number() -> None:
    name_storing.replace("more", [NameRow("m", PlaceKind.STREET, "Rue du 8 Mai 1945", 48.86, 2.35, "75010 Paris")])
    found = first("rue du 8 mai 1945")
    assert found is not None
    assert (found.label, found.note) == ("Rue du 8 Mai 1945", "")


def test_places_in_the_readers_area_come_first() -> None:
    lyon = NameRow("l", PlaceKind.SQUARE, "Place de la République", 45.7580, 4.8360, "69002 Lyon", importance=80)
    name_storing.replace("lyon", [lyon])
    paris_area, lyon_area = (2.2, 48.8, 2.5, 48.9), (4.7, 45.7, 4.9, 45.8)
    there, here = first("place de la republique", bounds=lyon_area), first("place republique", bounds=paris_area)
    assert there is not None and there.context == "69002 Lyon"
    assert here is not None and here.context == "75003 Paris"
    named = first("place de la republique lyon", bounds=paris_area)
    assert named is not None and named.context == "69002 Lyon"


def test_a_street_known_from_two_sources_is_listed_once() -> None:
    name_storing.replace("other", [NameRow("o", PlaceKind.STREET, "Rue de Crimée", 48.8642, 2.3521, "Paris")])
    assert [found.label for found in search("rue de crimée")] == ["Rue de Crimée"]
    found = first("12 rue de crimée")
    assert found is not None
    assert found.label == "12 rue de Crimée"


def test_territories_are_found_with_their_borders_and_in_natural_order(city: City) -> None:
    found = first("nord")
    assert found is not None
    assert (found.kind, found.slug, found.context) == ("territory", city.nord.slug, "Ville")
    assert found.bounds == pytest.approx(city.nord.polygon.extent)
    from volunteers.models import Territory

    for number in (10, 2, 1):
        Territory.objects.create(
            slug=f"q-{number}",
            name=f"Quartier {number}e",
            level="district",
            polygon=city.nord.polygon,
            parent=city.root,
        )
    assert [place.label for place in search("quartier")] == ["Quartier 1e", "Quartier 2e", "Quartier 10e"]
    assert [place.label for place in search("quartier 1")] == ["Quartier 1e"]
