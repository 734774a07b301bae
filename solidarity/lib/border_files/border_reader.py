"""Borders from a file, in longitude and latitude. Every defect is found before anything is returned."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.gis.gdal import CoordTransform, GDALException, SpatialReference
from django.contrib.gis.geos import GeometryCollection, GEOSException, GEOSGeometry, MultiPolygon, Polygon

from solidarity.lib.border_files import border_decoder
from solidarity.lib.border_files.border_problems import BordersRefused, Defect

MOST_BYTES = border_decoder.MOST_BYTES
MOST_CHARACTERS = 120  # in a name
TIMEOUT_S = 60
_EPSG = re.compile(r"EPSG:(\d{4,6})")


@dataclass(frozen=True, slots=True)
class Feature:
    """An area of a file. number: number of the feature in the file, from 1. polygon: valid, in degrees. repaired:
    whether its border crossed itself in the file."""

    number: int
    properties: dict[str, str]
    polygon: MultiPolygon
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class NamedBorder:
    """The joined border of all features with one name. parts: number of these features."""

    name: str
    polygon: MultiPolygon
    parts: int
    repaired: int


def read(data: bytes) -> list[Feature]:
    """Return the features of a file. Raise BordersRefused with every defect."""
    return features_of(_decoded(data))


def features_of(said: dict[str, Any]) -> list[Feature]:
    """Return the features of the decoder's answer in degrees. Raise BordersRefused with every defect."""
    if not said["features"] and not said["defects"]:
        raise BordersRefused([Defect("no_features")])
    transform = None if said["defects"] and not said["features"] else _to_degrees(said["crs"])
    features = []
    defects = [
        Defect(each.pop("code"), each.pop("number", None), each) for each in (dict(one) for one in said["defects"])
    ]
    for each in said["features"]:
        polygon = _in_degrees(each["wkb"], transform)
        if polygon is None:
            defects.append(Defect("out_of_range", each["number"]))
        else:
            features.append(Feature(each["number"], each["properties"], polygon, each["repaired"]))
    if defects:
        raise BordersRefused(sorted(defects, key=lambda defect: defect.number or 0))
    return features


def _decoded(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise BordersRefused([Defect("too_large", None, {"most": MOST_BYTES // 1_000_000})])
    program = settings.ROOT / "solidarity" / "lib" / "border_files" / "border_decoder.py"
    command = [sys.executable, "-I", str(program)]
    environment = {"OPENBLAS_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False, env=environment, cwd="/"
        )
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        # The process was ended by a limit on its time or memory, before it could write its answer.
        raise BordersRefused([Defect("too_much")]) from None
    return said


def _to_degrees(crs: str) -> CoordTransform | None:
    """Return the transformation from a coordinate system to EPSG:4326; None if it is that system. Raise
    BordersRefused for a system without EPSG number."""
    found = _EPSG.fullmatch(crs)
    if found is None:
        raise BordersRefused([Defect("crs_unknown")])
    number = int(found[1])
    if number == 4326:
        return None
    try:
        return CoordTransform(SpatialReference(number), SpatialReference(4326))
    except GDALException:
        raise BordersRefused([Defect("crs_unknown")]) from None


def _in_degrees(wkb: str, transform: CoordTransform | None) -> MultiPolygon | None:
    """Return a valid multipolygon in degrees; None if its coordinates cannot be degrees."""
    try:
        shape: Any = GEOSGeometry(wkb)
        shape.srid = 4326
        if transform is not None:
            shape = shape.transform(transform, clone=True)
            shape.srid = 4326
        west, south, east, north = shape.extent
        if not all(math.isfinite(edge) for edge in shape.extent):
            return None
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            return None
        if not shape.valid:
            shape = shape.make_valid()
    except (GDALException, GEOSException):
        return None
    return joined([shape])


def joined(shapes: list[GEOSGeometry]) -> MultiPolygon | None:
    """Return the union of shapes as a multipolygon; None if it has no polygon."""
    # All at once: GEOS then joins neighbours first. One after the other, each step would copy the whole outline again.
    whole = shapes[0] if len(shapes) == 1 else GeometryCollection(*shapes).unary_union
    parts = [part for part in _polygons(whole) if not part.empty]
    return MultiPolygon(parts, srid=4326) if parts else None


def _polygons(shape: Any) -> Iterator[Polygon]:
    if isinstance(shape, Polygon):
        yield shape
    elif hasattr(shape, "__iter__") and not hasattr(shape, "x"):
        for part in shape:
            yield from _polygons(part)


def name_properties(features: list[Feature]) -> list[str]:
    """Return the properties that can be names, the most likely first. Every feature must have the property. Words come
    before numbers, then properties with many different values come first."""
    shared = set.intersection(*(set(each.properties) for each in features))

    def rank(key: str) -> tuple[bool, int, str]:
        values = [each.properties[key] for each in features]
        return (
            sum(any(letter.isalpha() for letter in value) for value in values) * 2 < len(values),
            -len(set(values)),
            key,
        )

    return sorted((key for key in shared if any(each.properties[key].strip() for each in features)), key=rank)


def named(features: list[Feature], name_property: str) -> list[NamedBorder]:
    """Return one border per name, in the order of the file; features of the same name are joined. Raise BordersRefused
    for a missing or unusable name."""
    defects, by_name = [], dict[str, list[Feature]]()
    for each in features:
        name = " ".join(each.properties.get(name_property, "").split(" ")).strip()
        if not name:
            defects.append(Defect("name_missing", each.number, {"property": name_property}))
        elif len(name) > MOST_CHARACTERS:
            defects.append(Defect("name_long", each.number, {"most": MOST_CHARACTERS}))
        elif not name.isprintable():
            defects.append(Defect("name_characters", each.number))
        else:
            by_name.setdefault(name, []).append(each)
    if defects:
        raise BordersRefused(defects)
    return [
        NamedBorder(name, whole, len(parts), sum(part.repaired for part in parts))
        for name, parts in by_name.items()
        if (whole := parts[0].polygon if len(parts) == 1 else joined([part.polygon for part in parts])) is not None
    ]
