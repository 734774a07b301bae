"""The header of a PMTiles archive of version 3."""

import gzip
import json
import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<7sB11Q6B4iB2i")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a PMTiles file. bounds: west, south, east, north in degrees. layers: names, sorted."""

    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    tiles: int
    layers: tuple[str, ...]


def header_of(file: Path) -> Header:
    """Return the header of a PMTiles file of version 3; raise ValueError for another file."""
    with file.open("rb") as stream:
        start = stream.read(_HEADER.size)
        if len(start) < _HEADER.size or start[:7] != b"PMTiles" or start[7] != 3:
            raise ValueError(f"{file.name} is no PMTiles file of version 3")
        numbers = _HEADER.unpack(start)
        stream.seek(numbers[4])
        described = stream.read(numbers[5])
    metadata = json.loads(gzip.decompress(described) if numbers[14] == 2 else described)
    west, south, east, north = (value / 1e7 for value in numbers[19:23])
    return Header(
        min_zoom=numbers[17],
        max_zoom=numbers[18],
        bounds=(west, south, east, north),
        tiles=numbers[10],
        layers=tuple(sorted(layer["id"] for layer in metadata.get("vector_layers", []))),
    )
