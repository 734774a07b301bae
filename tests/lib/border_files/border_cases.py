"""Files of borders in every format, whole and broken."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

Json = dict[str, Any]


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARE = ring(2.33, 48.85, 2.35, 48.87)
OTHER = ring(2.35, 48.85, 2.37, 48.87)


def feature(name: Any, geometry: Any) -> Json:
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}


def area(name: Any, *rings: Any) -> Json:
    return feature(name, {"type": "Polygon", "coordinates": list(rings)})


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def with_second(second: Any, **more: Any) -> bytes:
    """A file whose first feature is whole and whose second one is given."""
    return collection(area("Ouest", SQUARE), second, **more)


def with_geometry(geometry: Any) -> bytes:
    return with_second(feature("Est", geometry))


def written(folder: Path, driver: str, end: str, crs: str | None = "EPSG:4326", names: bool = True) -> Path:
    """Write both squares with GDAL, transformed by nobody: the coordinates are degrees unless the caller says so."""
    shapes = np.array([shapely.to_wkb(shapely.Polygon(each)) for each in (SQUARE, OTHER)], dtype=object)
    return write_shapes(folder / f"borders.{end}", driver, shapes, crs, names)


def write_shapes(path: Path, driver: str, shapes: Any, crs: str | None, names: bool = True) -> Path:
    values = np.array(["Ouest", "Est"][: len(shapes)], dtype=object)
    pyogrio.raw.write(
        str(path), shapes, [values] if names else [], ["name"] if names else [], geometry_type="Polygon", crs=crs,
        driver=driver, **({"dataset_options": {"NameField": "name"}} if driver == "KML" else {}),
    )  # fmt: skip
    return path


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def shapefile(folder: Path, crs: str | None = "EPSG:4326", without: str = "") -> bytes:
    path = written(folder, "ESRI Shapefile", "shp", crs)
    parts = [each for each in sorted(folder.glob("borders.*")) if each.suffix != f".{without}"]
    assert path in parts or without == "shp"
    return zipped({f"a folder/{each.name}": each.read_bytes() for each in parts})


def symlink() -> bytes:
    """An archive in which a file is a symbolic link to a file of the server."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("borders.geojson")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def stating_size(archive: bytes, size: int) -> bytes:
    """The same archive, but its only member is stated to have this size."""
    data = bytearray(archive)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(mark) + at
        data[start : start + 4] = struct.pack("<I", size)
    return bytes(data)
