"""The header and the description of a PMTiles archive of version 3, read with limits because the file may be
hostile."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solidarity.lib.files.gzipped import CutOff, TooLarge, gunzipped
from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.byte_sources import ByteSource, LocalFile, read
from volunteers.places.basemap.problems import Problem, StreetMapError

HEADER_BYTES = 127
MOST_ZOOM = 22
MOST_DESCRIPTION = 4 * 1024 * 1024  # maximum size in bytes of the metadata or of one directory, unpacked
_HEADER = struct.Struct("<7sB11Q6B4iB2i")
_PLAIN, _GZIP, _MVT = 1, 2, 1
_NOT_WHOLE = "a part is cut off or unpacks to too much"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the archive: offset and length in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an archive, checked. packed: whether directories and metadata, and tiles, are gzipped.

    layers: name → fields (name → type), sorted by name. bounds: the bounds of the archive, in degrees. tiles: number of
    addressed tiles.
    """

    root: Section
    leaves: Section
    data: Section
    packed: bool
    tiles_packed: bool
    min_zoom: int
    max_zoom: int
    bounds: Bounds
    tiles: int
    layers: dict[str, dict[str, str]]

    @property
    def has_streets(self) -> bool:
        """Whether the archive follows the Protomaps schema: its roads have a kind."""
        return "kind" in self.layers.get("roads", {})


def header_of(file: Path) -> Header:
    """Return the header of a file on this disk. Raise StreetMapError if it is no archive of vector tiles."""
    return header_in(LocalFile(file))


def header_in(source: ByteSource) -> Header:
    """Return the header of an archive. Raise StreetMapError if the source is not an archive or is damaged."""
    if source.size < HEADER_BYTES:
        raise StreetMapError(Problem.WRONG_FILE, name=source.name)
    magic, version, *numbers = _HEADER.unpack(read(source, 0, HEADER_BYTES))
    root, described, leaves, data = (Section(*numbers[at : at + 2]) for at in (0, 2, 4, 6))
    packing, tile_packing, kind, min_zoom, max_zoom = numbers[12:17]
    if magic != b"PMTiles" or version != 3 or kind != _MVT:
        raise StreetMapError(Problem.WRONG_FILE, name=source.name)
    for section in (root, described, leaves, data):
        if section.offset + section.length > source.size:
            raise StreetMapError(Problem.DAMAGED, name=source.name, what="a section ends behind the file")
    if not {packing, tile_packing} <= {_PLAIN, _GZIP} or not min_zoom <= max_zoom <= MOST_ZOOM:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="the header has impossible values")
    west, south, east, north = (value / 1e7 for value in numbers[17:21])
    return Header(
        root=root, leaves=leaves, data=data, packed=packing == _GZIP, tiles_packed=tile_packing == _GZIP,
        min_zoom=min_zoom, max_zoom=max_zoom, bounds=(west, south, east, north), tiles=numbers[8],
        layers=_layers(source, described, packed=packing == _GZIP),
    )  # fmt: skip


def _layers(source: ByteSource, section: Section, *, packed: bool) -> dict[str, dict[str, str]]:
    """Return the layers that the metadata names."""
    if section.length > MOST_DESCRIPTION:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="the metadata are too large")
    text = unpacked(source, read(source, section.offset, section.length), MOST_DESCRIPTION, packed=packed)
    try:
        found: Any = json.loads(text)
        layers = {
            str(layer["id"]): {str(name): str(kind) for name, kind in layer.get("fields", {}).items()}
            for layer in found.get("vector_layers", [])
        }
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="the metadata cannot be read") from error
    return dict(sorted(layers.items()))


def unpacked(source: ByteSource, data: bytes, most: int, *, packed: bool) -> bytes:
    """Return the content of a gzipped block of at most ``most`` bytes; raise StreetMapError for more or for damage."""
    try:
        if packed:
            return gunzipped(data, most)[0]
    except (TooLarge, CutOff) as error:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what=_NOT_WHOLE) from error
    except ValueError as error:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="a part cannot be unpacked") from error
    if len(data) > most:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what=_NOT_WHOLE)
    return data
