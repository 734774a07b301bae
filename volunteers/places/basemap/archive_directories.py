"""Finding tiles in the directories of a PMTiles archive, with limits against hostile files."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pmtiles.tile import Entry, zxy_to_tileid

from volunteers.places.basemap.archive_header import MOST_DESCRIPTION, Header, Section, unpacked
from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.byte_sources import ByteSource, read
from volunteers.places.basemap.problems import Problem, StreetMapError

MOST_TILES = 1_500_000  # maximum number of tiles of one street map
MOST_TILE = 8 * 1024 * 1024  # maximum size of one tile in bytes, unpacked
_DEPTH = 3  # maximum number of directories below the root
_LAST = int(np.iinfo(np.int64).max)

type Wanted = npt.NDArray[np.int64]  # numbers of tiles in ascending order


def tiles_within(bounds: Bounds, min_zoom: int, max_zoom: int) -> Wanted:
    """Return the numbers of the tiles that touch bounds, ascending. Raise StreetMapError for too many."""
    boxes = [(zoom, *_columns_and_rows(bounds, zoom)) for zoom in range(min_zoom, max_zoom + 1)]
    if sum((right - left + 1) * (bottom - top + 1) for _zoom, left, right, top, bottom in boxes) > MOST_TILES:
        raise StreetMapError(Problem.TOO_LARGE, most=MOST_TILES)
    numbers = [
        zxy_to_tileid(zoom, x, y)
        for zoom, left, right, top, bottom in boxes
        for x in range(left, right + 1)
        for y in range(top, bottom + 1)
    ]
    return np.sort(np.array(numbers, dtype=np.int64))


def _columns_and_rows(bounds: Bounds, zoom: int) -> tuple[int, int, int, int]:
    west, south, east, north = bounds
    side = 2**zoom
    left, right = (min(side - 1, max(0, math.floor((degrees + 180) / 360 * side))) for degrees in (west, east))
    top, bottom = (min(side - 1, max(0, math.floor(_row(degrees) * side))) for degrees in (north, south))
    return left, right, top, bottom


def _row(latitude: float) -> float:
    """Return the position of a latitude in the Mercator square, from 0 (top) to 1."""
    angle = math.radians(max(-85.0, min(85.0, latitude)))
    return (1 - math.asinh(math.tan(angle)) / math.pi) / 2


def entries_of(source: ByteSource, header: Header, bounds: Bounds | None) -> list[Entry]:
    """Return the entries of the tiles within bounds, or of all tiles, ascending by tile number.

    Raise StreetMapError if there are too many, or if a directory is damaged.
    """
    wanted = None if bounds is None else tiles_within(bounds, header.min_zoom, header.max_zoom)
    found: list[Entry] = []
    tiles = 0
    for entry in _walk(source, header, header.root, wanted, _DEPTH):
        chosen = [entry] if wanted is None else list(_chosen(entry, wanted))
        tiles += sum(each.run_length for each in chosen)
        if tiles > MOST_TILES:
            raise StreetMapError(Problem.TOO_LARGE, most=MOST_TILES)
        if found and chosen and chosen[0].tile_id < found[-1].tile_id + found[-1].run_length:
            raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory repeats tiles")
        found += chosen
    return found


def _walk(
    source: ByteSource,
    header: Header,
    section: Section,
    wanted: Wanted | None,
    depth: int,
    within: tuple[int, int] | None = None,
) -> Iterator[Entry]:
    """Yield the entries of tiles below a directory. Only directories that can hold wanted tiles are read.

    within: the first tile that the directory may hold, and the tile after the last one; None for the root.
    """
    if section.length > MOST_DESCRIPTION or depth < 0:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory is too large or too deep")
    entries = _entries(source, header, section)
    if within is not None and not (within[0] <= entries[0].tile_id and _end(entries[-1]) <= within[1]):
        # Otherwise, a small file could refer to one directory a million times, and reading it would take days.
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory holds tiles of another one")
    for at, entry in enumerate(entries):
        end = entries[at + 1].tile_id if at + 1 < len(entries) else _LAST if within is None else within[1]
        if entry.run_length:
            yield entry
        elif wanted is None or _any_between(wanted, entry.tile_id, end):
            below = Section(header.leaves.offset + entry.offset, entry.length)
            yield from _walk(source, header, below, wanted, depth - 1, (entry.tile_id, end))


def _end(entry: Entry) -> int:
    """Return the number after the last tile of an entry, or after the first tile of a directory."""
    return int(entry.tile_id + max(1, entry.run_length))


def _any_between(wanted: Wanted, start: int, end: int) -> bool:
    first, last = np.searchsorted(wanted, [start, end])
    return bool(last > first)


def _chosen(entry: Entry, wanted: Wanted) -> Iterator[Entry]:
    """Yield the wanted parts of a run of equal tiles."""
    first, last = np.searchsorted(wanted, [entry.tile_id, entry.tile_id + entry.run_length])
    for number in wanted[first:last]:
        yield Entry(int(number), entry.offset, entry.length, 1)


def _entries(source: ByteSource, header: Header, section: Section) -> list[Entry]:
    """Return the checked entries of one directory."""
    data = read(source, section.offset, section.length)
    numbers = _varints(source, unpacked(source, data, MOST_DESCRIPTION, packed=header.packed))
    count, numbers = (numbers[0], numbers[1:]) if numbers else (0, [])
    if not 0 < count <= len(numbers) // 4 or len(numbers) != 4 * count:
        raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory has the wrong length")
    steps, runs, lengths, offsets = (numbers[at * count : (at + 1) * count] for at in range(4))
    entries: list[Entry] = []
    number, most = 0, zxy_to_tileid(header.max_zoom + 1, 0, 0)
    for at in range(count):
        number += steps[at]
        offset = offsets[at] - 1 if offsets[at] else (entries[-1].offset + entries[-1].length if entries else -1)
        room = header.data.length if runs[at] else header.leaves.length
        if (entries and not steps[at]) or offset < 0 or not 0 < lengths[at] <= room - offset or number >= most:
            raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory names tiles that cannot exist")
        if runs[at] > most - number or (runs[at] and lengths[at] > MOST_TILE):
            raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory names tiles that cannot exist")
        entries.append(Entry(number, offset, lengths[at], runs[at]))
    return entries


def _varints(source: ByteSource, data: bytes) -> list[int]:
    """Return the whole numbers in a block of variable-length numbers, each of at most 63 bits."""
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            if shift > 56:
                raise StreetMapError(Problem.DAMAGED, name=source.name, what="a directory holds a number without end")
        else:
            found.append(value)
            value = shift = 0
    return found
