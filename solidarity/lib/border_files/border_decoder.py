"""Program that decodes a file of borders.

The program reads the file from standard input and writes JSON to standard output: the coordinate system, the features
with their properties and polygons, and the defects. border_reader.py runs it as a separate process, because a file may
attack the decoders. The process has limited memory and time, and no access to settings or secrets. After it begins to
read the input, it can open no file and no socket.
"""

import codecs
import ctypes
import importlib
import io
import json
import math
import resource
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

MOST_BYTES = 20_000_000
MOST_UNPACKED, MOST_RATIO, MOST_MEMBERS = 100_000_000, 100, 50
MOST_FEATURES, MOST_POINTS, MOST_DEPTH = 2_000, 1_000_000, 20
MOST_PROPERTIES, MOST_CHARACTERS = 60, 300  # longer values are cut; a name may have at most 120 characters
MOST_LAYERS = 20
MEMORY, CPU_SECONDS = 2 << 30, 20
UNUSED = ("geopandas", "pandas", "pyarrow", "pyproj")  # pyogrio would load these if they are installed
DRIVERS = ("ESRI Shapefile", "GPKG", "KML")  # GeoJSON is read without GDAL
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ALONE = (".geojson", ".json", ".gpkg", ".kml")


class BordersRefused(Exception):
    """The whole file is refused. code: see border_problems.py. details: the numbers and words in the sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.defect = {"code": code, **details}


def decode(data: bytes) -> dict[str, Any]:
    """Return {"crs": "EPSG:4326", "features": […], "defects": […]}. Raise BordersRefused."""
    if len(data) > MOST_BYTES:
        raise BordersRefused("too_large", most=MOST_BYTES // 1_000_000)
    if data.startswith(b"PK\x03\x04"):
        data = _unpacked(data)
        if data.startswith(b"PK\x03\x04"):
            return _with_gdal(data, "ESRI Shapefile")
    if data.startswith(b"SQLite format 3\0"):
        _check_database(data)
        return _with_gdal(data, "GPKG")
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return _geojson(data)
    if start.startswith(b"<") and b"<kml" in start:
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise BordersRefused("unreadable")
        return _with_gdal(data, "KML")
    raise BordersRefused("unknown_format")


# --- archives and databases ------------------------------------------------------------------------------------------


def _unpacked(data: bytes) -> bytes:
    """Return the only file of an archive, or a new archive with the parts of its only Shapefile, not compressed."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BordersRefused("unreadable") from None
    members = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")]
    if len(members) > MOST_MEMBERS:
        raise BordersRefused("zip_unsafe")
    for each in members:
        path = PurePosixPath(each.filename.replace("\\", "/"))
        link = (each.external_attr >> 16) & 0o170000 == 0o120000
        if link or path.is_absolute() or ".." in path.parts or each.flag_bits & 1:
            raise BordersRefused("zip_unsafe")
    if sum(each.file_size for each in members) > MOST_UNPACKED:
        raise BordersRefused("zip_bomb")
    by_end = {end: [each for each in members if each.filename.lower().endswith(end)] for end in _SHAPEFILE + _ALONE}
    if len(by_end[".shp"]) > 1:
        raise BordersRefused("zip_several")
    if not by_end[".shp"]:
        alone = [each for end in _ALONE for each in by_end[end]]
        if len(alone) != 1:
            raise BordersRefused("zip_several" if alone else "zip_nothing")
        found = _member(archive, alone[0])
        if found.startswith(b"PK"):
            raise BordersRefused("zip_unsafe")
        return found
    stem = by_end[".shp"][0].filename[:-4]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as plain:
        for end in _SHAPEFILE:
            for each in by_end[end]:
                if each.filename[:-4] == stem:
                    plain.writestr(f"borders{end}", _member(archive, each))
        if not {"borders.shx", "borders.dbf"} <= set(plain.namelist()):
            raise BordersRefused("zip_parts")
    return out.getvalue()


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return the content of a member. The sizes that an archive states may be false, so count while unpacking."""
    most = min(MOST_UNPACKED, max(member.compress_size, 10_000) * MOST_RATIO)
    try:
        with archive.open(member) as file:
            found = file.read(most + 1)
    except Exception:  # the decompressors have no common class of errors
        raise BordersRefused("unreadable") from None
    if len(found) > most:
        raise BordersRefused("zip_bomb")
    return found


def _check_database(data: bytes) -> None:
    """Raise BordersRefused if a GeoPackage has virtual tables other than its own indexes: such tables can open other files."""
    base = sqlite3.connect(":memory:")
    try:
        base.deserialize(data)
        words = [str(sql).lower() for (sql,) in base.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    except (sqlite3.Error, MemoryError, OverflowError):
        raise BordersRefused("unreadable") from None
    finally:
        base.close()
    if any("virtual" in sql.split()[:2] and "using rtree" not in " ".join(sql.split()) for sql in words):
        raise BordersRefused("unreadable")


# --- GDAL ------------------------------------------------------------------------------------------------------------


def forget_drivers() -> ctypes.CDLL:
    """Deregister every driver of GDAL except DRIVERS, so that no disguised file reaches another driver; return GDAL."""
    for name in UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # the import system's mark of a missing module
    import pyogrio  # imported here, so that the web server never loads the decoders

    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    library = next(line.split(maxsplit=5)[5].strip() for line in maps.splitlines() if "libgdal" in line)
    gdal = ctypes.CDLL(library)
    gdal.GDALGetDriver.restype = gdal.GDALGetDescription.restype = ctypes.c_void_p
    gdal.GDALGetDescription.argtypes = gdal.GDALDeregisterDriver.argtypes = (ctypes.c_void_p,)
    for handle in [gdal.GDALGetDriver(number) for number in range(gdal.GDALGetDriverCount())]:
        if ctypes.string_at(gdal.GDALGetDescription(handle)).decode() not in DRIVERS:
            gdal.GDALDeregisterDriver(handle)
    if not set(pyogrio.list_drivers()) <= set(DRIVERS):
        raise BordersRefused("unreadable")
    return gdal


def _with_gdal(data: bytes, driver: str) -> dict[str, Any]:
    """Decode the first layer that has polygons."""
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(data) if kind is not None][:MOST_LAYERS]
        infos = {name: pyogrio.read_info(data, layer=name) for name in layers}
    except (DataSourceError, ValueError, RuntimeError, UnicodeDecodeError):
        raise BordersRefused("unreadable") from None
    if any(info["driver"] != driver for info in infos.values()):
        raise BordersRefused("unreadable")
    if not layers:
        raise BordersRefused("no_features")
    kinds = {name: str(info["geometry_type"]) for name, info in infos.items()}
    fitting = [name for name in layers if "Polygon" in kinds[name]]
    loose = [name for name in layers if kinds[name].split()[0] in {"Unknown", "GeometryCollection"}]
    name = (fitting or loose or layers)[0]
    if driver != "KML" and infos[name]["crs"] is None:
        raise BordersRefused("crs_missing")
    try:
        meta, _ids, shapes, columns = pyogrio.raw.read(
            data, layer=name, max_features=MOST_FEATURES + 1, force_2d=True, datetime_as_string=True
        )
    except (DataSourceError, ValueError, RuntimeError, UnicodeDecodeError):
        raise BordersRefused("unreadable") from None
    fields = [str(field) for field in meta["fields"]]
    rows = (
        (dict(zip(fields, (column[at] for column in columns), strict=True)), _from_wkb(wkb))
        for at, wkb in enumerate(shapes)
    )
    return {"crs": str(meta["crs"] or "EPSG:4326")[:100], **_collected(rows)}


def _from_wkb(wkb: bytes | None) -> Any:
    import shapely

    if wkb is None:
        return BordersRefused("no_geometry")
    try:
        return shapely.from_wkb(wkb)
    except (shapely.errors.GEOSException, ValueError):
        return BordersRefused("ring")


# --- GeoJSON ---------------------------------------------------------------------------------------------------------


def _geojson(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data.decode("utf-8-sig"), parse_constant=lambda _word: math.nan)
    except UnicodeDecodeError:
        raise BordersRefused("encoding") from None
    except RecursionError:
        raise BordersRefused("deep") from None
    except ValueError:
        raise BordersRefused("unreadable") from None
    features = said.get("features") if isinstance(said, dict) and said.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise BordersRefused("no_collection")
    return {"crs": _crs_of(said), **_collected(_geojson_row(feature) for feature in features)}


def _crs_of(said: dict[str, Any]) -> str:
    """Return "EPSG:n". Without the member ``crs``, GeoJSON is in WGS 84."""
    if "crs" not in said:
        return "EPSG:4326"
    crs = said["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict) or not isinstance(name := properties.get("name"), str):
        raise BordersRefused("crs_unknown")
    word = name.upper().removeprefix("URN:OGC:DEF:CRS:")
    if word in {"OGC:1.3:CRS84", "OGC::CRS84", "OGC:CRS84", "CRS84"}:
        return "EPSG:4326"
    authority, _, number = word.partition(":")
    return f"{authority}:{number.rpartition(':')[2]}"[:100]


def _geojson_row(feature: Any) -> tuple[dict[str, Any], Any]:
    """Return the properties and the shape of a feature, or a Refused in place of the shape."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return {}, BordersRefused("no_feature")
    properties = feature.get("properties")
    try:
        shape: Any = _shape(feature.get("geometry"))
    except BordersRefused as refused:
        shape = refused
    return properties if isinstance(properties, dict) else {}, shape


def _shape(geometry: Any, depth: int = 0) -> Any:
    import shapely

    if geometry is None:
        raise BordersRefused("no_geometry")
    if not isinstance(geometry, dict) or depth > MOST_DEPTH:
        raise BordersRefused("deep" if depth > MOST_DEPTH else "no_geometry")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            raise BordersRefused("no_geometry")
        return shapely.GeometryCollection([_shape(part, depth + 1) for part in parts])
    if kind in {"Point", "MultiPoint", "LineString", "MultiLineString"}:
        return shapely.Point(0, 0)  # represents every point and line as a shape without polygons
    if kind not in {"Polygon", "MultiPolygon"} or not isinstance(coordinates, list):
        raise BordersRefused("no_geometry")
    every = [coordinates] if kind == "Polygon" else coordinates
    return shapely.MultiPolygon([_polygon(rings) for rings in every if rings != []])


def _polygon(rings: Any) -> Any:
    import shapely

    if not isinstance(rings, list) or not all(isinstance(ring, list) for ring in rings):
        raise BordersRefused("position")
    for ring in rings:
        for position in ring:
            if not isinstance(position, list) or not 2 <= len(position) <= 4:
                raise BordersRefused("position")
            if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in position):
                raise BordersRefused("position")
        if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
            raise BordersRefused("ring")
    try:
        plain = [[(float(x), float(y)) for x, y, *_height in ring] for ring in rings]
        if not all(math.isfinite(number) for ring in plain for position in ring for number in position):
            raise BordersRefused("position")
        return shapely.Polygon(plain[0], plain[1:])
    except OverflowError:
        raise BordersRefused("position") from None
    except (ValueError, shapely.errors.GEOSException):
        raise BordersRefused("ring") from None


# --- features --------------------------------------------------------------------------------------------------------


def _collected(rows: Iterator[tuple[dict[str, Any], Any]]) -> dict[str, Any]:
    import shapely

    features, defects, points = [], [], 0
    for number, (properties, shape) in enumerate(rows, start=1):
        if number > MOST_FEATURES:
            raise BordersRefused("too_many_features", most=MOST_FEATURES)
        try:
            if isinstance(shape, BordersRefused):
                raise shape
            points += shapely.get_num_coordinates(shape)
            if points > MOST_POINTS:
                raise BordersRefused("too_many_points", most=MOST_POINTS)
            whole, repaired = _whole(shape)
        except BordersRefused as refused:
            if refused.defect["code"] == "too_many_points":
                raise
            defects.append(refused.defect | {"number": number})
            continue
        wkb = shapely.to_wkb(whole, hex=True, output_dimension=2)
        features.append({"number": number, "properties": _plain(properties), "wkb": wkb, "repaired": repaired})
    if not features and not defects:
        raise BordersRefused("no_features")
    return {"features": features, "defects": defects}


def _whole(shape: Any) -> tuple[Any, bool]:
    """Return (valid multipolygon, whether it was repaired)."""
    import numpy as np
    import shapely

    if shape.is_empty:
        raise BordersRefused("empty")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise BordersRefused("position")
    whole = shapely.MultiPolygon(list(_polygons(shape)))
    if whole.is_empty:
        raise BordersRefused("no_polygon")
    repaired = not whole.is_valid
    if repaired:
        try:
            mended = shapely.make_valid(whole)
        except shapely.errors.GEOSException:
            raise BordersRefused("crossing") from None
        whole = shapely.MultiPolygon([part for part in _polygons(mended) if part.area > 0])
        if whole.is_empty or not whole.is_valid:
            raise BordersRefused("no_area")
    return whole, repaired


def _polygons(shape: Any) -> Iterator[Any]:
    if shape.geom_type == "Polygon":
        if not shape.is_empty:
            yield shape
    else:
        for part in getattr(shape, "geoms", ()):
            yield from _polygons(part)


def _plain(properties: dict[str, Any]) -> dict[str, str]:
    """Return the properties that are words or numbers, as text."""
    found: dict[str, str] = {}
    for key, value in properties.items():
        if hasattr(value, "item"):
            value = value.item()  # a NumPy number
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, str | int | float) or value != value or len(found) == MOST_PROPERTIES:
            continue
        found[str(key)[:100]] = str(value)[:MOST_CHARACTERS] if isinstance(value, str) else repr(value)[:60]
    return found


def answer(data: bytes) -> dict[str, Any]:
    """Return the result of ``decode``. If the whole file is refused, the result contains only the reason, as a
    defect."""
    try:
        return decode(data)
    except BordersRefused as refused:
        defect = refused.defect
    except (RecursionError, MemoryError):
        defect = {"code": "too_much"}
    except Exception:
        defect = {"code": "unreadable"}
    return {"crs": "", "features": [], "defects": [defect]}


def load() -> None:
    """Load everything that has to be read from files, as long as files can still be opened."""
    importlib.import_module("shapely")
    for encoding in ("utf-8-sig", "cp437", "latin-1", "cp1252", "cp850"):
        codecs.lookup(encoding)
    gdal = forget_drivers()
    gdal.OSRNewSpatialReference.restype = ctypes.c_void_p
    gdal.OSRImportFromEPSG.argtypes = (ctypes.c_void_p, ctypes.c_int)
    gdal.OSRImportFromEPSG(gdal.OSRNewSpatialReference(None), 2154)  # this opens the database of coordinate systems


def lock_up(cpu_seconds: int = CPU_SECONDS) -> None:
    """Limit memory and time, and allow no further file or socket."""
    for limit, most in (("AS", MEMORY), ("CPU", cpu_seconds), ("FSIZE", 0), ("CORE", 0), ("NOFILE", 0)):
        resource.setrlimit(getattr(resource, f"RLIMIT_{limit}"), (most, most))


if __name__ == "__main__":
    load()
    lock_up()
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read(MOST_BYTES + 1))))
