"""Files of borders: four formats, coordinate systems, one line per defect, and files made to attack the decoders."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.utils import translation

from solidarity.lib.border_files import border_decoder, border_reader
from solidarity.lib.border_files.border_problems import MOST_LINES, SENTENCES, BordersRefused, Defect
from tests.lib.border_files import decoder_process
from tests.lib.border_files.border_cases import (
    OTHER,
    SQUARE,
    area,
    collection,
    feature,
    ring,
    shapefile,
    stating_size,
    symlink,
    with_geometry,
    with_second,
    write_shapes,
    written,
    zipped,
)

BOWTIE = [[2.33, 48.87], [2.37, 48.88], [2.37, 48.87], [2.33, 48.88], [2.33, 48.87]]


type Read = Callable[..., list[border_reader.Feature]]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """Read a file as border_reader does, in a process that imports the decoders once. cpu_seconds: another limit."""
    with decoder_process.running() as process:

        def read_one(data: bytes, **limit: int) -> list[border_reader.Feature]:
            said = process.decode(data, **limit)
            if said is None:
                raise BordersRefused([Defect("too_much")])
            return border_reader.features_of(said)

        yield read_one


def quick(data: bytes) -> list[border_reader.Feature]:
    """Read a file in this process. GeoJSON needs no GDAL."""
    return border_reader.features_of(border_decoder.answer(data))


def defects_of(data: bytes, read: Read, **limit: int) -> list[tuple[int | None, str]]:
    with pytest.raises(BordersRefused) as refused:
        read(data, **limit)
    assert all(line and "%" not in line for line in refused.value.lines())
    return [(each.number, each.code) for each in refused.value.defects]


# --- files that are read ---------------------------------------------------------------------------------------------


def test_all_four_formats_give_the_same_borders(tmp_path: Path, read: Read) -> None:
    plain = border_reader.read(collection(area("Ouest", SQUARE), area("Est", OTHER)))
    files = {
        "gpkg": written(tmp_path, "GPKG", "gpkg").read_bytes(),
        "kml": written(tmp_path, "KML", "kml").read_bytes(),
        "shp": shapefile(tmp_path),
    }
    files["zipped"] = zipped({"one.gpkg": files["gpkg"]})
    for kind, data in files.items():
        found = (border_reader.read if kind == "shp" else read)(data)
        assert [each.polygon.equals_exact(want.polygon, 1e-9) or each.polygon.equals(want.polygon)
                for each, want in zip(found, plain, strict=True)] == [True, True], kind  # fmt: skip
        names = [each.name for each in border_reader.named(found, border_reader.name_properties(found)[0])]
        assert names == ["Ouest", "Est"], kind


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:3857"])
@pytest.mark.parametrize("kind", ["gpkg", "shp", "geojson"])
def test_other_coordinate_systems_are_transformed(tmp_path: Path, read: Read, kind: str, crs: str) -> None:
    shapes = []
    for border in (SQUARE, OTHER):
        shape = GEOSGeometry(shapely.Polygon(border).wkt, srid=4326)
        shape.transform(int(crs[5:]))
        shapes.append(shape)
    if kind == "geojson":
        said = [feature(str(at), json.loads(shape.geojson)) for at, shape in enumerate(shapes)]
        name = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs[5:]}"}}
        data = collection(*said, crs=name)
    else:
        wkb = np.array([bytes(shape.wkb) for shape in shapes], dtype=object)
        driver = {"gpkg": "GPKG", "shp": "ESRI Shapefile"}[kind]
        path = write_shapes(tmp_path / f"borders.{kind}", driver, wkb, crs)
        parts = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
        data = path.read_bytes() if kind == "gpkg" else zipped(parts)
    west, south, east, north = read(data)[0].polygon.extent
    assert (west, south, east, north) == pytest.approx((2.33, 48.85, 2.35, 48.87), abs=1e-6)


def test_a_border_that_crosses_itself_is_repaired_and_marked() -> None:
    found = quick(collection(area("Nœud", BOWTIE), area("Est", OTHER)))
    assert [each.repaired for each in found] == [True, False]
    assert found[0].polygon.valid and found[0].polygon.num_geom == 2


def test_a_collection_keeps_its_surfaces_only() -> None:
    parts = [{"type": "Point", "coordinates": [2, 48]}, {"type": "Polygon", "coordinates": [SQUARE]}]
    found = quick(collection(feature("a", {"type": "GeometryCollection", "geometries": parts})))
    assert found[0].polygon.num_geom == 1 and found[0].polygon.area == pytest.approx(0.0004)


def test_heights_and_byte_order_marks_do_no_harm() -> None:
    high = [[x, y, 35.0] for x, y in SQUARE]
    found = quick(b"\xef\xbb\xbf" + collection(area("a", high)))
    assert not found[0].polygon.hasz


def test_names_come_from_the_column_with_the_most_different_words() -> None:
    rows = [area("", SQUARE), area("", OTHER)]
    for number, (row, name) in enumerate(zip(rows, ("Ouest", "Est"), strict=True)):
        row["properties"] = {"code": number, "kind": "district", "nom": name, "own": None if number else "x"}
    found = quick(collection(*rows))
    assert border_reader.name_properties(found) == ["nom", "kind", "code"]


def test_parts_of_one_name_are_joined() -> None:
    found = border_reader.named(quick(collection(area("a", SQUARE), area("a", OTHER))), "name")
    assert [(each.name, each.parts) for each in found] == [("a", 2)]
    assert found[0].polygon.area == pytest.approx(0.0008)


# --- broken files ----------------------------------------------------------------------------------------------------

POLYGON, MULTI = "Polygon", "MultiPolygon"
NESTED = b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def shape(kind: str, coordinates: object) -> bytes:
    return with_geometry({"type": kind, "coordinates": coordinates})


def deep_collection() -> bytes:
    inner: object = {"type": "Polygon", "coordinates": [OTHER]}
    for _level in range(40):
        inner = {"type": "GeometryCollection", "geometries": [inner]}
    return with_geometry(inner)


SECOND: dict[str, tuple[bytes, str]] = {
    "no geometry": (with_geometry(None), "no_geometry"),
    "a geometry that is a text": (with_geometry("POLYGON((0 0))"), "no_geometry"),
    "a geometry that is a list": (with_geometry([OTHER]), "no_geometry"),
    "a geometry without type": (with_geometry({"coordinates": [OTHER]}), "no_geometry"),
    "an unknown type": (shape("Circle", [OTHER]), "no_geometry"),
    "no coordinates": (with_geometry({"type": POLYGON}), "no_geometry"),
    "coordinates that are null": (shape(POLYGON, None), "no_geometry"),
    "coordinates that are a text": (shape(POLYGON, "2.3 48.8"), "no_geometry"),
    "a collection without parts": (with_geometry({"type": "GeometryCollection"}), "no_geometry"),
    "a part that is null": (with_geometry({"type": "GeometryCollection", "geometries": [None]}), "no_geometry"),
    "an empty polygon": (shape(POLYGON, []), "empty"),
    "an empty multipolygon": (shape(MULTI, []), "empty"),
    "an empty collection": (with_geometry({"type": "GeometryCollection", "geometries": []}), "empty"),
    "a point": (shape("Point", [2.3, 48.8]), "no_polygon"),
    "points": (shape("MultiPoint", [[2.3, 48.8]]), "no_polygon"),
    "a line": (shape("LineString", SQUARE), "no_polygon"),
    "lines": (shape("MultiLineString", [SQUARE]), "no_polygon"),
    "an empty ring": (shape(POLYGON, [[]]), "ring"),
    "one point in a ring": (shape(POLYGON, [SQUARE[:1]]), "ring"),
    "two points in a ring": (shape(POLYGON, [SQUARE[:2]]), "ring"),
    "three points in a ring": (shape(POLYGON, [[*SQUARE[:2], SQUARE[0]]]), "ring"),
    "a ring that is open": (shape(POLYGON, [SQUARE[:4]]), "ring"),
    "a hole that is open": (shape(POLYGON, [OTHER, SQUARE[:4]]), "ring"),
    "a ring that is null": (shape(POLYGON, [None]), "position"),
    "a ring that is a number": (shape(POLYGON, [7]), "position"),
    "rings that are points": (shape(POLYGON, SQUARE), "position"),
    "a multipolygon with the depth of a polygon": (shape(MULTI, [OTHER]), "position"),
    "a point of one number": (shape(POLYGON, [[[2.3], *OTHER[1:]]]), "position"),
    "a point of five numbers": (shape(POLYGON, [[[2.3, 48, 0, 0, 0], *OTHER[1:]]]), "position"),
    "a point of texts": (shape(POLYGON, [[["2.35", "48.85"], *OTHER[1:]]]), "position"),
    "a point of truths": (shape(POLYGON, [[[True, False], *OTHER[1:]]]), "position"),
    "a point that is null": (shape(POLYGON, [[None, *OTHER[1:]]]), "position"),
    "a coordinate that is null": (shape(POLYGON, [[OTHER[0], [None, 48.8], *OTHER[2:]]]), "position"),
    "a coordinate that is NaN": (shape(POLYGON, [[OTHER[0], [float("nan"), 48.8], *OTHER[2:]]]), "position"),
    "a coordinate that is infinite": (shape(POLYGON, [[OTHER[0], [float("inf"), 48.8], *OTHER[2:]]]), "position"),
    "a coordinate of 400 digits": (shape(POLYGON, [[OTHER[0], [10**400, 48.8], *OTHER[2:]]]), "position"),
    "no surface": (shape(POLYGON, [[[2.3, 48.8], [2.4, 48.8], [2.3, 48.8], [2.3, 48.8]]]), "no_area"),
    "one point repeated": (shape(POLYGON, [[[2.3, 48.8]] * 5]), "no_area"),
    "metres as degrees": (shape(POLYGON, [ring(259_000, 6_250_000, 261_000, 6_252_000)]), "out_of_range"),
    "a longitude of 181": (shape(POLYGON, [ring(2.3, 48.8, 181, 48.9)]), "out_of_range"),
    "a latitude of 91": (shape(POLYGON, [ring(2.3, 48.8, 2.4, 91)]), "out_of_range"),
    "collections in collections": (deep_collection(), "deep"),
    "a feature that is null": (with_second(None), "no_feature"),
    "a feature that is a list": (with_second([]), "no_feature"),
    "a feature that is a geometry": (with_second({"type": POLYGON, "coordinates": [OTHER]}), "no_feature"),
}  # fmt: skip

WHOLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "unknown_format"),
    "words": (b"not json", "unknown_format"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "unknown_format"),
    "JSON that stops": (collection(area("a", SQUARE))[:-20], "unreadable"),
    "another JSON": (b'{"type": "Topology", "objects": {}}', "no_collection"),
    "a list of features that is a number": (b'{"type": "FeatureCollection", "features": 5}', "no_collection"),
    "no features": (collection(), "no_features"),
    "deep JSON": (NESTED, "deep"),
    "another encoding": (collection(area("a", SQUARE)).replace(b'"a"', b'"Orl\xe9ans"'), "encoding"),
    "an unknown coordinate system": (
        collection(area("a", SQUARE), crs={"type": "name", "properties": {"name": "EPSG:999999"}}), "crs_unknown",
    ),
    "a coordinate system without name": (collection(area("a", SQUARE), crs=None), "crs_unknown"),
    "a coordinate system that names a file": (
        collection(area("a", SQUARE), crs={"properties": {"name": "+proj=longlat +nadgrids=/etc/passwd"}}), "crs_unknown",
    ),
    "too many areas": (collection(*[area(str(n), SQUARE) for n in range(2001)]), "too_many_features"),
    "an archive that stops": (zipped({"a.geojson": collection(area("a", SQUARE))})[:60], "unreadable"),
    "an archive without borders": (zipped({"a.txt": b"x"}), "zip_nothing"),
    "an archive of two files": (zipped({"a.kml": b"x", "b.kml": b"x"}), "zip_several"),
    "an archive of two shapefiles": (zipped({"a.shp": b"x", "b.shp": b"x"}), "zip_several"),
    "a shapefile alone": (zipped({"a.shp": b"x"}), "zip_parts"),
    "an archive in an archive": (zipped({"a.geojson": zipped({"b.geojson": b"x"})}), "zip_unsafe"),
    "a path out of the archive": (zipped({"../../a.geojson": b"x"}), "zip_unsafe"),
    "a path from the root": (zipped({"/etc/a.geojson": b"x"}), "zip_unsafe"),
    "a symbolic link": (symlink(), "zip_unsafe"),
    "a database of something else": (b"SQLite format 3\0" + bytes(4000), "unreadable"),
    "an XML bomb": (
        b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml xmlns="http://www.opengis.net/kml/2.2">&a;</kml>',
        "unreadable",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECOND)
def test_a_broken_second_feature_gets_one_line_with_its_number(name: str) -> None:
    data, code = SECOND[name]
    assert defects_of(data, quick) == [(2, code)]


@pytest.mark.parametrize("name", WHOLE)
def test_a_broken_file_gets_one_line(name: str) -> None:
    data, code = WHOLE[name]
    assert defects_of(data, quick) == [(None, code)]


def test_at_least_41_broken_files_are_tried() -> None:
    assert len(SECOND) + len(WHOLE) >= 41


def test_every_defect_of_a_file_is_named_and_a_long_list_is_cut() -> None:
    broken = [feature("a", None) for _each in range(MOST_LINES + 5)]
    with pytest.raises(BordersRefused) as refused:
        quick(collection(area("a", SQUARE), *broken))
    lines = refused.value.lines()
    assert lines[0] == "Feature 2 has no border."
    assert len(lines) == MOST_LINES + 1 and lines[-1] == "And 5 more."


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "name_missing"), ("", "name_missing"), ("  ", "name_missing"), ({"fr": "x"}, "name_missing"),
        ("x" * 121, "name_long"), ("Nord\x00", "name_characters"), ("a\nb", "name_characters"),
        ("\ud800", "name_characters"), ("\u202egnp", "name_characters"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_stored_gets_one_line(name: object, code: str) -> None:
    found = quick(with_second(area(name, OTHER)))
    with pytest.raises(BordersRefused) as refused:
        border_reader.named(found, "name")
    assert [(each.number, each.code) for each in refused.value.defects] == [(2, code)]
    assert len(refused.value.lines()) == 1


@pytest.mark.parametrize("properties", [None, [], "x", 5])
def test_properties_that_are_none_leave_the_feature_without_name(properties: object) -> None:
    found = quick(with_second({**area("x", OTHER), "properties": properties}))
    with pytest.raises(BordersRefused, match="2:name_missing"):
        border_reader.named(found, "name")


def test_a_shapefile_or_geopackage_without_coordinate_system_is_refused(tmp_path: Path, read: Read) -> None:
    assert defects_of(shapefile(tmp_path, without="prj"), read) == [(None, "crs_missing")]
    (tmp_path / "other").mkdir()
    with pytest.warns(UserWarning, match="crs"):
        path = written(tmp_path / "other", "GPKG", "gpkg", crs=None)
    assert defects_of(path.read_bytes(), read)[0][1] in {"crs_missing", "crs_unknown"}


def test_every_code_of_the_decoder_has_a_sentence() -> None:
    source = Path(border_decoder.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'Refused\(\s*"([a-z_]+)"', source)) | set(re.findall(r'"code": "([a-z_]+)"', source))
    assert len(codes) > 20
    assert codes | {"deep", "zip_several", "zip_nothing"} <= set(SENTENCES)
    with translation.override("en"):
        assert all(str(words) for words in SENTENCES.values())


# --- attacks ---------------------------------------------------------------------------------------------------------


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked(read: Read) -> None:
    begin = time.monotonic()
    assert defects_of(zipped({"a.geojson": b" " * 2_000_000}), read) == [(None, "zip_bomb")]
    assert defects_of(stating_size(zipped({"a.geojson": b" "}), 101_000_000), read) == [(None, "zip_bomb")]
    lying = stating_size(zipped({"a.geojson": b" " * 2_000_000}), 1000)
    assert defects_of(lying, read)[0][1] in {"zip_bomb", "unreadable"}
    assert defects_of(zipped({f"{n}.txt": b"x" for n in range(51)}), read) == [(None, "zip_unsafe")]
    assert time.monotonic() - begin < 10


def test_a_file_over_20_megabytes_is_refused_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", run)
    assert defects_of(b"{" + b" " * border_reader.MOST_BYTES, border_reader.read) == [(None, "too_large")]


def test_borders_of_too_many_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border_decoder, "MOST_POINTS", 10)
    assert len(quick(collection(area("a", SQUARE), area("b", OTHER)))) == 2
    data = collection(area("a", SQUARE), area("b", OTHER), area("c", SQUARE))
    assert defects_of(data, quick) == [(None, "too_many_points")]


def test_a_border_that_crosses_itself_everywhere_ends_at_the_limit_of_time(read: Read) -> None:
    order = np.random.default_rng(1).random((20_000, 2)) / 10 + (2, 48)
    tangled = [*order.round(6).tolist(), order[0].round(6).tolist()]
    begin = time.monotonic()
    assert defects_of(collection(area("a", tangled)), read, cpu_seconds=1) == [(None, "too_much")]
    assert time.monotonic() - begin < 30


@pytest.fixture
def asked() -> Iterator[Callable[[], list[str]]]:
    """A server on this machine; yields the requested paths."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    paths.append(f"http://127.0.0.1:{server.server_port}")
    yield lambda: paths
    server.shutdown()
    server.server_close()


def test_no_file_makes_the_server_fetch_or_open_something(
    asked: Callable[[], list[str]], tmp_path: Path, read: Read
) -> None:
    origin = asked()[0]
    kml = f"""<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>x</name>
    <NetworkLink><Link><href>/vsicurl/{origin}/kml</href></Link></NetworkLink></Document></kml>""".encode()
    vrt = f"""<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{origin}/vrt</SrcDataSource>
    </OGRVRTLayer></OGRVRTDataSource>""".encode()
    for data in (
        kml, vrt, vrt.replace(b"<OGR", b"<!-- <kml --><OGR", 1), f"/vsicurl/{origin}/path".encode(),
        f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector read /vsicurl/{origin}/alg"}}'.encode(),
        zipped({"a.kml": vrt.replace(b"<OGR", b"<kml/><OGR", 1)}), zipped({"a.geojson": b"/vsicurl/" + origin.encode()}),
        zipped({f"/vsicurl/{origin}/a.shp": b"x"}),
        zipped({"a.shp": vrt, "a.shx": vrt, "a.dbf": vrt, "a.prj": f"/vsicurl/{origin}/prj".encode()}),
    ):  # fmt: skip
        assert defects_of(data, read)
    database = tmp_path / "x.gpkg"
    shutil.copy(written(tmp_path, "GPKG", "gpkg"), database)
    base = sqlite3.connect(database)
    base.execute("PRAGMA writable_schema = 1")
    base.execute(
        "INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, "
        f"'CREATE VIRTUAL TABLE evil USING VirtualOGR(''/vsicurl/{origin}/gpkg'')')"
    )
    base.commit()
    base.close()
    assert defects_of(database.read_bytes(), read) == [(None, "unreadable")]
    assert asked()[1:] == []


def test_only_three_drivers_are_left_and_no_other_library_file_or_socket_can_be_opened() -> None:
    code = (
        "import sys, runpy, socket, resource as r; m = runpy.run_path(sys.argv[1]); m['load'](); m['lock_up']()\n"
        "import pyogrio; print(sorted(pyogrio.list_drivers()))\n"
        "print([r.getrlimit(each) for each in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)])\n"
        "for act in (lambda: open('/etc/hostname'), lambda: socket.socket()):\n"
        "    try:\n        act(); print('opened')\n    except OSError as error:\n        print(error.errno)\n"
        "try:\n    pyogrio.read_info('/etc/hostname'); print('opened')\nexcept Exception as error:\n"
        "    print(type(error).__name__)\n"
        "print([name for name in m['UNUSED'] if sys.modules.get(name)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, border_decoder.__file__], capture_output=True, text=True, check=True, env={}
    )
    limits = [(2 << 30, 2 << 30), (20, 20), (0, 0), (0, 0)]
    drivers = sorted(border_decoder.DRIVERS)
    assert done.stdout.splitlines() == [str(drivers), str(limits), "24", "24", "DataSourceError", "[]"]


@pytest.mark.parametrize("end", ["gpkg", "kml", "shp"])
def test_a_file_that_is_cut_or_scrambled_anywhere_never_gives_a_traceback(tmp_path: Path, read: Read, end: str) -> None:
    kinds = {"gpkg": "GPKG", "kml": "KML"}
    data = shapefile(tmp_path) if end == "shp" else written(tmp_path, kinds[end], end).read_bytes()
    chance = np.random.default_rng(7)
    for _attempt in range(8):
        broken = bytearray(data)
        for at in chance.integers(0, len(data), 40):
            broken[at] = chance.integers(0, 256)
        cut = data[: int(chance.integers(1, len(data)))]
        for each in (bytes(broken), cut):
            try:
                found = read(each)
            except BordersRefused as refused:
                assert refused.lines()
            else:
                assert all(one.polygon.valid for one in found)


@pytest.mark.data
@pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets")
def test_published_borders_are_read_whole() -> None:
    data = (Path(settings.DATA_DIR) / "boundaries" / "idf_communes.geojson").read_bytes()
    assert len(border_reader.read(data)) == 1276
