"""How OpenStreetMap tags are translated into the Protomaps schema."""

from typing import Any

import pytest

from volunteers.places.basemap.osm_builder import shaped
from volunteers.places.basemap.osm_schema import Shape, features_of


def found(geometry: str, **tags: str) -> dict[str, dict[str, Any]]:
    """The properties of the features of an object, by layer."""
    return {feature.layer: feature.properties for feature in features_of(geometry, tags)}


@pytest.mark.parametrize(
    ("tags", "kind", "detail"),
    [
        ({"highway": "motorway"}, "highway", "motorway"),
        ({"highway": "primary"}, "major_road", "primary"),
        ({"highway": "tertiary"}, "major_road", "tertiary"),
        ({"highway": "living_street"}, "minor_road", "living_street"),
        ({"highway": "footway", "footway": "sidewalk"}, "path", "sidewalk"),
        ({"highway": "steps"}, "path", "steps"),
        ({"railway": "subway"}, "rail", "subway"),
        ({"aeroway": "runway"}, "aeroway", "runway"),
        ({"route": "ferry"}, "ferry", "ferry"),
        ({"man_made": "pier"}, "path", "pier"),
    ],
)
def test_ways_have_a_kind_and_a_detail(tags: dict[str, str], kind: str, detail: str) -> None:
    road = found("LineString", **tags)["roads"]
    assert (road["kind"], road["kind_detail"]) == (kind, detail)


@pytest.mark.parametrize("highway", ["proposed", "construction", "razed", "elevator", ""])
def test_ways_that_do_not_exist_are_left_out(highway: str) -> None:
    assert found("LineString", highway=highway, name="A6") == {}


def test_bridges_links_and_numbers_of_roads_are_kept() -> None:
    road = found("LineString", highway="trunk_link", bridge="yes", ref="N 118;E5", name="Voie", oneway="yes")["roads"]
    assert road == {
        "kind": "major_road", "kind_detail": "trunk_link", "min_zoom": 11, "ref": "N 118;E5", "oneway": "yes",
        "shield_text": "N118", "network": "other", "is_link": True, "is_bridge": True, "name": "Voie",
    }  # fmt: skip
    assert "is_tunnel" not in found("LineString", highway="primary", tunnel="no")["roads"]


def test_names_come_in_our_languages_and_tell_their_script() -> None:
    place = found(
        "Point", place="city", name="Київ", population="2 952 301", **{"name:fr": "Kiev", "name:ja": "キーウ"}
    )
    assert place["places"]["name"] == "Київ"
    assert place["places"]["script"] == "Cyrillic"
    assert place["places"]["name:fr"] == "Kiev"
    assert "name:ja" not in place["places"]
    assert (place["places"]["population"], place["places"]["population_rank"]) == (2_952_301, 12)
    assert "script" not in found("Point", place="town", name="Saint-Ouen")["places"]
    assert found("Point", place="town", name="دمشق")["places"]["script"] == "Arabic"
    assert found("Point", place="town") == {}


def test_larger_places_come_first() -> None:
    def key(place: str, population: str) -> int:
        return int(found("Point", place=place, name="X", population=population)["places"]["sort_key"])

    assert key("city", "2000000") < key("city", "100000") < key("town", "50000") < key("suburb", "90000")


def test_water_has_areas_lines_and_labels() -> None:
    features = list(features_of("Polygon", {"natural": "water", "water": "pond", "name": "Lac Daumesnil"}))
    assert [(each.shape, each.properties["kind"]) for each in features] == [
        (Shape.SAME, "water"),
        (Shape.CENTRE, "lake"),
    ]
    assert found("LineString", waterway="river", name="Seine")["water"]["kind"] == "river"
    (river,) = features_of("MultiPolygon", {"natural": "water", "water": "river", "name": "Seine"})
    assert "name" not in river.properties  # the line has it


def test_a_building_is_drawn_and_its_number_is_a_point() -> None:
    features = list(features_of("Polygon", {"building": "yes", "addr:housenumber": "12", "building:levels": "5"}))
    assert [(each.shape, each.properties["kind"]) for each in features] == [
        (Shape.SAME, "building"), (Shape.CENTRE, "address"),
    ]  # fmt: skip
    assert features[0].properties["height"] == 15
    assert features[1].properties["addr_housenumber"] == "12"
    assert found("Polygon", building="no") == {}


def test_ground_has_kinds() -> None:
    assert found("Polygon", leisure="park", name="Parc")["landuse"]["kind"] == "park"
    assert found("Polygon", landuse="farmyard")["landuse"]["kind"] == "farmland"
    assert found("Polygon", highway="pedestrian", area="yes")["landuse"]["kind"] == "pedestrian"
    assert found("LineString", highway="pedestrian", area="yes") == {}
    assert found("Polygon", landuse="landfill") == {}


def test_services_are_found_without_a_name_and_shops_are_not() -> None:
    assert found("Point", amenity="drinking_water")["pois"]["kind"] == "drinking_water"
    shelter = found("Polygon", amenity="social_facility", social_facility="shelter")["pois"]
    assert (shelter["kind"], shelter["kind_detail"]) == ("social_facility", "shelter")
    assert found("Point", amenity="restaurant") == {}
    assert found("Point", amenity="restaurant", name="Chez nous")["pois"]["name"] == "Chez nous"
    assert found("Point", amenity="toilets", access="private") == {}


def test_borders_are_the_outlines_of_their_areas() -> None:
    (border,) = features_of("MultiPolygon", {"boundary": "administrative", "admin_level": "8", "name": "Paris"})
    assert (border.layer, border.shape, border.properties["kind"]) == ("boundaries", Shape.OUTLINE, "locality")
    assert border.properties["kind_detail"] == 8
    assert list(features_of("MultiPolygon", {"boundary": "administrative", "admin_level": "11"})) == []


def test_centres_and_outlines_of_areas() -> None:
    small = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    large = [[[10, 0], [14, 0], [14, 4], [10, 4], [10, 0]], [[11, 1], [12, 1], [12, 2], [11, 1]]]
    whole = {"type": "MultiPolygon", "coordinates": [small, large]}
    assert shaped(whole, Shape.CENTRE) == {"type": "Point", "coordinates": [12.0, 2.0]}
    assert shaped(whole, Shape.OUTLINE)["coordinates"] == [small[0], *large]
    assert shaped(whole, Shape.SAME) is whole
    line = {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}
    assert shaped(line, Shape.CENTRE)["coordinates"] == [1, 1]


@pytest.mark.parametrize(
    "tags",
    [
        {"addr:housenumber": "9" * 5000}, {"place": "city", "name": "X", "population": "many"},
        {"building": "yes", "height": "tall"}, {"name": "\u202e"}, {"highway": "residential", "ref": ";;"},
    ],
)  # fmt: skip
def test_odd_tags_do_no_harm(tags: dict[str, str]) -> None:
    for geometry in ("Point", "LineString", "Polygon"):
        list(features_of(geometry, tags))
