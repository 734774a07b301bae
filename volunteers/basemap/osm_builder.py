"""The base map: a PMTiles file of streets, water, buildings and place names, built from an OpenStreetMap extract.

It needs osmium-tool and tippecanoe; Debian has both.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from volunteers.basemap.archive_header import Header, header_of
from volunteers.basemap.installed import ATTRIBUTION, FILE_NAME, path

FIRST_ZOOM, LAST_ZOOM = 5, 14


class Unbuildable(Exception):
    """The base map could not be built; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the base map. tags: osmium's filter expressions. shapes: geometry types. visible: tippecanoe's filter
    of features by zoom, or None for all."""

    name: str
    tags: Sequence[str]
    shapes: str
    visible: list[object] | None = None


LARGE_ROADS = ("motorway", "trunk", "primary", "secondary")
SMALL_ROADS = ("tertiary", "unclassified", "residential", "living_street", "pedestrian", "road")
PATHS = ("service", "footway", "path", "steps", "cycleway", "track")
LINKS = tuple(f"{kind}_link" for kind in (*LARGE_ROADS, "tertiary"))

LAYERS = (
    Layer(
        "water",
        ("wr/natural=water,bay", "wr/waterway=riverbank,dock,river,canal,stream", "wr/landuse=reservoir,basin"),
        "polygon,linestring",
    ),
    Layer("buildings", ("wr/building",), "polygon", [">=", "$zoom", 14]),
    Layer(
        "roads",
        (f"w/highway={','.join((*LARGE_ROADS, *SMALL_ROADS, *PATHS, *LINKS))}",),
        "linestring",
        [
            "any",
            ["in", "highway", *LARGE_ROADS[:3]],
            ["all", [">=", "$zoom", 10], ["in", "highway", *LARGE_ROADS, *LINKS]],
            ["all", [">=", "$zoom", 12], ["in", "highway", *SMALL_ROADS]],
            [">=", "$zoom", 14],
        ],
    ),
    Layer("places", ("n/place=city,town,village,borough,suburb,quarter,neighbourhood",), "point"),
)
_PROPERTIES = ("highway", "name", "place", "natural", "waterway", "bridge", "tunnel")


def build(extract: Path, say: Callable[[str], None]) -> Header:
    """Build the base map from an ``.osm.pbf`` file, install it, and return its header. Empty layers are omitted.

    Raise Unbuildable if a program is missing or fails, or if there is nothing to draw.
    """
    for program in ("osmium", "tippecanoe"):
        if shutil.which(program) is None:
            raise Unbuildable(f"The program {program} is missing; install osmium-tool and tippecanoe.")
    path().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path().parent, prefix="build-") as folder:
        work = Path(folder)
        source = _sorted(extract, work, say)
        drawn = [layer for layer in LAYERS if _export(source, layer, work, say)]
        if not drawn:
            raise Unbuildable(f"{extract.name} holds no roads, water, buildings or places.")
        say("drawing tiles")
        made = work / FILE_NAME
        _run(["tippecanoe", *_options(drawn, work), "-o", str(made)])
        header = header_of(made)
        made.replace(path())
    return header


def _sorted(extract: Path, work: Path, say: Callable[[str], None]) -> Path:
    """Return the extract, or a sorted copy in the rare case that the extract is not sorted."""
    if _run(["osmium", "fileinfo", "-g", "header.option.sorting", str(extract)]).strip() == "Type_then_ID":
        return extract
    say("sorting")
    target = work / "sorted.osm.pbf"
    _run(["osmium", "sort", "-o", str(target), str(extract)])
    return target


def _export(source: Path, layer: Layer, work: Path, say: Callable[[str], None]) -> bool:
    """Write the features of a layer, one per line; return whether the layer has any features."""
    say(f"reading {layer.name}")
    part, features = work / f"{layer.name}.osm.pbf", work / f"{layer.name}.geojsonseq"
    _run(["osmium", "tags-filter", "-o", str(part), str(source), *layer.tags])
    _run(
        ["osmium", "export", "-f", "geojsonseq", "-x", "print_record_separator=false"]
        + [f"--geometry-types={layer.shapes}", "-o", str(features), str(part)]
    )
    part.unlink()
    return features.stat().st_size > 0


def _options(layers: Sequence[Layer], work: Path) -> list[str]:
    visible = {layer.name: layer.visible for layer in layers if layer.visible}
    return [
        "--quiet", "--force", "--read-parallel", "--drop-densest-as-needed",
        f"--minimum-zoom={FIRST_ZOOM}", f"--maximum-zoom={LAST_ZOOM}",
        f"--attribution={ATTRIBUTION}", "--name=basemap",
        *(["-j", json.dumps(visible)] if visible else []),
        *(f"--include={name}" for name in _PROPERTIES),
        *(f"--named-layer={layer.name}:{work / (layer.name + '.geojsonseq')}" for layer in layers),
    ]  # fmt: skip


def _run(command: list[str]) -> str:
    """Run a program and return its output. Raise Unbuildable with the end of its error output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unbuildable(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-600:]}")
    return done.stdout
