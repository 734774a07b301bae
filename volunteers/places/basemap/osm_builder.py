"""A street map in the Protomaps schema, built from an OpenStreetMap extract with osmium-tool and tippecanoe."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.installed import ATTRIBUTION
from volunteers.places.basemap.osm_kinds import FILTERS, LAST_ZOOM
from volunteers.places.basemap.osm_schema import MapFeature, Shape, features_of
from volunteers.places.basemap.problems import Problem, StreetMapError

FIRST_ZOOM = 4
_STEP = 20_000  # objects between two messages

type Say = Callable[[str, int], None]  # a step, and how many objects it has read
type Geometry = dict[str, Any]


def require_programs() -> None:
    """Raise StreetMapError if a program is missing."""
    for program in ("osmium", "tippecanoe"):
        if shutil.which(program) is None:
            raise StreetMapError(Problem.NO_PROGRAM, name=program)


def build(extract: Path, bounds: Bounds | None, work: Path, target: Path, say: Say) -> None:
    """Write an archive of an ``.osm.pbf`` file, or of its part within bounds, to ``target``.

    work: a folder for large temporary files. say: function that is called with each step, and with the number of
    objects read so far. Raise StreetMapError if a program is missing or fails, or if there are no roads.
    """
    require_programs()
    say("filter", 0)
    source = _sorted(extract, work)
    if bounds is not None:
        part = work / "part.osm.pbf"
        _run(["osmium", "extract", "-b", ",".join(map(str, bounds)), "-o", str(part), str(source)])
        source = part
    chosen = work / "chosen.osm.pbf"
    _run(["osmium", "tags-filter", "-o", str(chosen), str(source), *FILTERS])
    lines = work / "features.geojsonseq"
    if not _write_features(chosen, lines, say):
        raise StreetMapError(Problem.EMPTY, name=extract.name)
    say("tiles", 0)
    _run([
        "tippecanoe", "--quiet", "--force", "--read-parallel", "--drop-rate=1", "--drop-densest-as-needed",
        "--no-feature-limit", f"--minimum-zoom={FIRST_ZOOM}", f"--maximum-zoom={LAST_ZOOM}",
        f"--attribution={ATTRIBUTION}", "--name=street map", f"--temporary-directory={work}", "-o", str(target),
        str(lines),
    ])  # fmt: skip


def _sorted(extract: Path, work: Path) -> Path:
    """Return the extract, or a sorted copy in the rare case that the extract is not sorted."""
    if _run(["osmium", "fileinfo", "-g", "header.option.sorting", str(extract)]).strip() == "Type_then_ID":
        return extract
    target = work / "sorted.osm.pbf"
    _run(["osmium", "sort", "-o", str(target), str(extract)])
    return target


def _write_features(source: Path, target: Path, say: Say) -> bool:
    """Write the features of all layers, one per line; return whether there are roads."""
    command = ["osmium", "export", "-f", "geojsonseq", "-x", "print_record_separator=false", "-o", "-", str(source)]
    roads, box = False, [180.0, 90.0, -180.0, -90.0]
    with (
        target.open("w", encoding="utf-8") as stream,
        (target.parent / "errors").open("w+", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8") as osmium,
    ):
        assert osmium.stdout is not None
        for number, line in enumerate(osmium.stdout, start=1):
            if line.isspace():  # osmium writes an empty line before it fails
                continue
            read = json.loads(line)
            for feature in features_of(read["geometry"]["type"], read["properties"]):
                geometry = shaped(read["geometry"], feature.shape)
                roads |= feature.layer == "roads"
                if feature.layer == "roads":
                    _widen(box, geometry["coordinates"])
                stream.write(_line(feature, geometry))
            if number % _STEP == 0:
                say("read", number)
        west, south, east, north = box
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        if roads:
            earth = MapFeature("earth", FIRST_ZOOM, {"kind": "earth"})
            stream.write(_line(earth, {"type": "Polygon", "coordinates": [ring]}))
        if osmium.wait() != 0:
            errors.seek(0)
            raise StreetMapError(Problem.PROGRAM_FAILED, name="osmium export", what=errors.read()[-600:].strip())
    return roads


def _line(feature: MapFeature, geometry: Geometry) -> str:
    written = {
        "type": "Feature",
        "tippecanoe": {"layer": feature.layer, "minzoom": feature.min_zoom},
        "properties": feature.properties,
        "geometry": geometry,
    }
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n"


def shaped(geometry: Geometry, shape: Shape) -> Geometry:
    """Return a GeoJSON geometry, the centre of its largest ring, or its rings as lines."""
    if shape is Shape.SAME or geometry["type"] == "Point":
        return geometry
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    if shape is Shape.OUTLINE:
        return {"type": "MultiLineString", "coordinates": [ring for polygon in polygons for ring in polygon]}
    centres = [_centre(polygon[0]) for polygon in polygons]
    _area, x, y = max(centres)
    return {"type": "Point", "coordinates": [round(x, 7), round(y, 7)]}


def _centre(ring: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Return area, longitude and latitude of the centre of a closed ring; its first point if it has no area."""
    x0, y0 = ring[0]
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
        cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        area += cross
        x += (x1 + x2 - 2 * x0) * cross
        y += (y1 + y2 - 2 * y0) * cross
    return (abs(area), x0 + x / (3 * area), y0 + y / (3 * area)) if area else (0.0, x0, y0)


def _widen(box: list[float], coordinates: Any) -> None:
    for x, y in _points(coordinates):
        box[:] = min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)


def _points(coordinates: Any) -> Iterator[Sequence[float]]:
    if isinstance(coordinates[0], float | int):
        yield coordinates
    else:
        for each in coordinates:
            yield from _points(each)


def _run(command: list[str]) -> str:
    """Run a program and return its output. Raise StreetMapError with the end of its error output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StreetMapError(Problem.PROGRAM_FAILED, name=" ".join(command[:2]), what=done.stderr.strip()[-600:])
    return done.stdout
