"""Conversion of the tags of an OpenStreetMap object to features of the Protomaps schema, version 4.

The layers and their properties: https://docs.protomaps.com/basemaps/layers. An extract gives no landcover and no sea.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from volunteers.places.basemap import osm_kinds as kinds
from volunteers.places.basemap.osm_kinds import LAST_ZOOM

type Tags = Mapping[str, str]

LANGUAGES = ("en", "fr", "ar", "es", "ro", "uk", "ps", "fa", "ti", "de", "nl")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_SCRIPTS = {"ARABIC": "Arabic", "CYRILLIC": "Cyrillic", "GREEK": "Greek", "HEBREW": "Hebrew", "ETHIOPIC": "Ethiopic"}


class Shape(Enum):
    """The part of an object's geometry that is drawn: all of it, its centre, or its outline as lines."""

    SAME = "same"
    CENTRE = "centre"
    OUTLINE = "outline"


@dataclass(frozen=True, slots=True)
class MapFeature:
    """A feature of a layer, drawn from min_zoom on."""

    layer: str
    min_zoom: int
    properties: dict[str, Any]
    shape: Shape = Shape.SAME


def features_of(geometry: str, tags: Tags) -> Iterator[MapFeature]:
    """Yield the features of an object. geometry: the GeoJSON type: (Multi)Polygon, (Multi)LineString or Point."""
    if geometry.endswith("Polygon"):
        yield from _ground(tags)
        yield from _water_area(tags)
        yield from _building(tags)
        yield from _border(tags)
    elif geometry.endswith("LineString"):
        yield from _road(tags)
        yield from _water_line(tags)
        return
    else:
        yield from _place(tags)
    yield from _poi(tags)
    yield from _address(tags)


def _road(tags: Tags) -> Iterator[MapFeature]:
    kind, detail, zoom = _road_kind(tags)
    if not kind or tags.get("area") == "yes":
        return
    found: dict[str, Any] = {"kind": kind, "kind_detail": detail, "min_zoom": zoom + 1}
    found |= {name: tags[name] for name in ("ref", "oneway", "service") if tags.get(name)}
    reference = "".join(tags.get("ref", "").partition(";")[0].split())
    if reference and kind in ("highway", "major_road"):
        found |= {"shield_text": reference, "network": "other"}
    found |= {"is_link": True} if detail.endswith("_link") else {}
    found |= {f"is_{name}": True for name in ("bridge", "tunnel") if tags.get(name, "no") != "no"}
    yield MapFeature("roads", zoom, found | _names(tags))


def _road_kind(tags: Tags) -> tuple[str, str, int]:
    """Return kind, kind_detail and first zoom; the kind is "" for an object that is no way."""
    if (highway := tags.get("highway", "")) in kinds.ROADS:
        kind, zoom = kinds.ROADS[highway]
        if tags.get("access") in ("no", "private"):
            zoom = LAST_ZOOM
        detail = tags.get("footway") if tags.get("footway") in ("sidewalk", "crossing") else highway
        return kind, detail or highway, zoom
    if (railway := tags.get("railway", "")) in kinds.RAILWAYS:
        return "rail", railway, LAST_ZOOM - 1 if tags.get("service") else kinds.RAILWAYS[railway]
    if (aeroway := tags.get("aeroway", "")) in ("runway", "taxiway"):
        return "aeroway", aeroway, 10 if aeroway == "runway" else 13
    if tags.get("route") == "ferry":
        return "ferry", "ferry", 11
    if tags.get("man_made") == "pier":
        return "path", "pier", 13
    return "", "", 0


def _water_line(tags: Tags) -> Iterator[MapFeature]:
    if (waterway := tags.get("waterway", "")) in kinds.WATERWAYS:
        zoom = kinds.WATERWAYS[waterway]
        found = {"kind": waterway, "min_zoom": zoom + 1} | _names(tags)
        found |= {f"is_{name}": True for name in ("bridge", "tunnel") if tags.get(name, "no") != "no"}
        yield MapFeature("water", zoom, found)


def _water_area(tags: Tags) -> Iterator[MapFeature]:
    kind, detail = "", ""
    if tags.get("natural") in ("water", "bay", "strait"):
        kind, detail = tags["natural"], tags.get("water", "")
    elif tags.get("waterway") in ("riverbank", "dock", "canal", "river"):
        kind, detail = "water", tags["waterway"]
    elif tags.get("landuse") in ("reservoir", "basin"):
        kind, detail = "water", tags["landuse"]
    elif tags.get("leisure") == "swimming_pool":
        kind = "swimming_pool"
    if not kind:
        return
    zoom = LAST_ZOOM - 1 if kind == "swimming_pool" else 6
    yield MapFeature("water", zoom, {"kind": kind} | ({"kind_detail": detail} if detail else {}))
    if (names := _names(tags)) and detail not in ("river", "canal", "stream", "riverbank"):
        label = "lake" if detail in ("lake", "pond", "reservoir", "lagoon") else kind
        yield MapFeature("water", 12, {"kind": label, "min_zoom": 13} | names, Shape.CENTRE)


def _building(tags: Tags) -> Iterator[MapFeature]:
    for key, kind, zoom in (("building", "building", 13), ("building:part", "building_part", LAST_ZOOM)):
        if tags.get(key, "no") != "no":
            height = _number(tags.get("height")) or 3 * (_number(tags.get("building:levels")) or 0)
            yield MapFeature("buildings", zoom, {"kind": kind} | ({"height": height} if height else {}))
            return


def _address(tags: Tags) -> Iterator[MapFeature]:
    if number := tags.get("addr:housenumber"):
        found = {"kind": "address", "addr_housenumber": number, "min_zoom": LAST_ZOOM + 1}
        if street := tags.get("addr:street"):
            found["addr_street"] = street  # not in the schema; the address search reads it
        yield MapFeature("buildings", LAST_ZOOM, found, Shape.CENTRE)


def _ground(tags: Tags) -> Iterator[MapFeature]:
    if tags.get("highway") in ("pedestrian", "footway") or tags.get("man_made") == "bridge":
        yield MapFeature("landuse", 13, {"kind": "pedestrian"})
        return
    for key, values in kinds.LANDUSE.items():
        if (value := tags.get(key, "")) in values:
            yield MapFeature(
                "landuse", kinds.GROUND_ZOOMS.get(value, 11), {"kind": kinds.SAME_GROUND.get(value, value)}
            )
            return


def _border(tags: Tags) -> Iterator[MapFeature]:
    level = tags.get("admin_level", "")
    if tags.get("boundary") == "administrative" and level in kinds.BORDERS:
        kind, zoom = kinds.BORDERS[level]
        found = {"kind": kind, "kind_detail": int(level), "min_zoom": zoom + 1}
        yield MapFeature("boundaries", zoom, found, Shape.OUTLINE)


def _place(tags: Tags) -> Iterator[MapFeature]:
    place, names = tags.get("place", ""), _names(tags)
    if place not in kinds.PLACES or not names:
        return
    kind, zoom, usual, rank = kinds.PLACES[place]
    people = int(_number(tags.get("population")) or usual)
    found = {"kind": kind, "kind_detail": place, "min_zoom": zoom + 1, "population": people}
    found["population_rank"] = sum(people >= step for step in kinds.POPULATION_STEPS)
    found["sort_key"] = (zoom * 20 + rank) * 10_000 - min(9_999, people // 5_000)
    if tags.get("capital"):
        found["capital"] = tags["capital"]
    yield MapFeature("places", zoom, found | names)


def _poi(tags: Tags) -> Iterator[MapFeature]:
    for key, values in kinds.POIS.items():
        value = tags.get(key, "")
        if value not in values or tags.get("access") in ("no", "private"):
            continue
        names, zoom = _names(tags), values[value]
        if not names and value not in kinds.USEFUL_WITHOUT_NAME:
            continue
        found = {"kind": kinds.SAME_POI.get(value, value), "min_zoom": zoom + 1} | names
        found |= {"kind_detail": tags[value]} if tags.get(value) else {}
        # Tiles end at the last zoom. They also contain the features of higher zooms, with their min_zoom.
        yield MapFeature("pois", min(zoom, LAST_ZOOM), found, Shape.CENTRE)
        return


def _names(tags: Tags) -> dict[str, str]:
    """Return the name, its translations, and its script unless it is Latin."""
    if not (name := tags.get("name")):
        return {}
    found = {"name": name} | ({"script": script} if (script := _script(name)) else {})
    return found | {key: tags[key] for language in LANGUAGES if tags.get(key := f"name:{language}")}


@lru_cache(maxsize=50_000)
def _script(name: str) -> str:
    """Return the script of the first letter, "" for Latin."""
    letter = next((each for each in name if each.isalpha()), "a")
    word = unicodedata.name(letter, "LATIN").partition(" ")[0]
    return "" if word == "LATIN" else _SCRIPTS.get(word, word.capitalize())


def _number(text: str | None) -> float | None:
    found = _NUMBER.match((text or "").replace(" ", ""))
    return float(found.group()) if found else None
