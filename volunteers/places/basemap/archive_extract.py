"""Making an archive for our own use from the wanted tiles of another archive: a Protomaps build or a file.

Only the wanted bytes are read. An interrupted extract can continue, because a separate file keeps the tiles that were
read.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, Entry, TileType
from pmtiles.writer import finalize_header

from volunteers.places.basemap.archive_directories import MOST_TILE, entries_of
from volunteers.places.basemap.archive_header import Header, header_in, unpacked
from volunteers.places.basemap.area_catalogue import Bounds
from volunteers.places.basemap.byte_sources import ByteSource, read
from volunteers.places.basemap.installed import ATTRIBUTION
from volunteers.places.basemap.problems import Problem, StreetMapError, size_words

BATCH = 4 * 1024 * 1024  # maximum number of bytes per request
GAP = 32 * 1024  # gaps of up to this many unwanted bytes are read rather than skipped
SPARE = 50 * 1024 * 1024  # number of bytes that stay free on the disk

type Tell = Callable[[int, int], None]  # bytes done, bytes in total


@dataclass(frozen=True, slots=True)
class _Content:
    """The bytes of one tile, or of several equal ones, in the source."""

    offset: int
    length: int


def extract(source: ByteSource, bounds: Bounds | None, folder: Path, target: Path, tell: Tell) -> None:
    """Write the tiles of ``source`` within bounds, or all its tiles, as an archive to ``target``.

    folder: the folder in which an interrupted extract is kept. tell: function that is called with the number of bytes
    read so far and in total. Raise StreetMapError if the source cannot be read, is no archive in the Protomaps schema
    or is hostile.
    """
    header = header_in(source)
    if not header.has_streets:
        raise StreetMapError(Problem.WRONG_SCHEMA, name=source.name)
    found = entries_of(source, header, bounds)
    if not found:
        raise StreetMapError(Problem.OUTSIDE, name=source.name)
    entries, contents = _moved(source, found)
    total = sum(content.length for content in contents)
    require_space(folder, 2 * total)
    part = folder / f"extract-{_digest(source, bounds)}.part"
    _read_tiles(source, header, contents, part, tell)
    _assemble(header, _inside(header.bounds, bounds), entries, contents, part, target)
    part.unlink()


def require_space(folder: Path, needed: int) -> None:
    """Raise StreetMapError if the disk of a folder has no room for a number of bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise StreetMapError(Problem.NO_SPACE, free=size_words(free), needed=size_words(needed + SPARE))


def _digest(source: ByteSource, bounds: Bounds | None) -> str:
    return hashlib.sha256(f"{source.identity} {bounds}".encode()).hexdigest()[:24]


def _moved(source: ByteSource, found: Sequence[Entry]) -> tuple[list[Entry], list[_Content]]:
    """Return the entries with their offsets in the new archive, and the contents in their new order."""
    places: dict[int, tuple[int, int]] = {}
    entries: list[Entry] = []
    contents: list[_Content] = []
    end = 0
    for entry in found:
        if entry.offset not in places:
            places[entry.offset] = (end, entry.length)
            contents.append(_Content(entry.offset, entry.length))
            end += entry.length
        offset, length = places[entry.offset]
        if length != entry.length:
            raise StreetMapError(Problem.DAMAGED, name=source.name, what="two tiles overlap")
        last = entries[-1] if entries else None
        if last and last.offset == offset and last.tile_id + last.run_length == entry.tile_id:
            last.run_length += entry.run_length
        else:
            entries.append(Entry(entry.tile_id, offset, length, entry.run_length))
    return entries, contents


def _read_tiles(
    source: ByteSource, header: Header, contents: Sequence[_Content], part: Path, tell: Tell
) -> None:  # fmt: skip
    """Append to ``part`` the contents that it does not hold yet."""
    total = sum(content.length for content in contents)
    there = part.stat().st_size if part.exists() else 0
    done = first = 0
    while first < len(contents) and done + contents[first].length <= there:
        done += contents[first].length
        first += 1
    tell(done, total)
    with part.open("r+b" if part.exists() else "wb") as stream:
        stream.truncate(done)
        stream.seek(done)
        for batch in _batches(contents[first:]):
            start = batch[0].offset
            data = read(source, header.data.offset + start, batch[-1].offset + batch[-1].length - start)
            for content in batch:
                tile = data[content.offset - start : content.offset - start + content.length]
                unpacked(source, tile, MOST_TILE, packed=header.tiles_packed)
                stream.write(tile)
                done += content.length
            stream.flush()
            tell(done, total)


def _batches(contents: Sequence[_Content]) -> Iterator[list[_Content]]:
    """Yield groups of contents that are read with one request: near each other, and in ascending order."""
    batch: list[_Content] = []
    for content in contents:
        if batch:
            end = batch[-1].offset + batch[-1].length
            near = end <= content.offset <= end + GAP
            if not near or content.offset + content.length - batch[0].offset > BATCH:
                yield batch
                batch = []
        batch.append(content)
    if batch:
        yield batch


def _inside(whole: Bounds, wanted: Bounds | None) -> Bounds:
    """Return the common part of two bounds. If they do not overlap, return the wanted bounds."""
    if wanted is None:
        return whole
    west, south, east, north = *map(max, whole[:2], wanted[:2]), *map(min, whole[2:], wanted[2:])
    return (west, south, east, north) if west < east and south < north else wanted


def _assemble(
    header: Header, bounds: Bounds, entries: list[Entry], contents: Sequence[_Content], part: Path, target: Path
) -> None:
    """Write the new archive. The metadata of the archive are our own, because texts of a foreign file would appear on
    the page."""
    west, south, east, north = bounds
    about: dict[str, Any] = {
        "version": 3,
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP if header.tiles_packed else Compression.NONE,
        "min_lon_e7": round(west * 1e7), "min_lat_e7": round(south * 1e7),
        "max_lon_e7": round(east * 1e7), "max_lat_e7": round(north * 1e7),
        "center_zoom": header.min_zoom,
    }  # fmt: skip
    described = [{"id": name, "fields": fields} for name, fields in header.layers.items()]
    metadata = {"name": "street map", "attribution": ATTRIBUTION, "vector_layers": described}
    tiles = sum(entry.run_length for entry in entries)
    # The numbers of sections and of tiles, and the directories, come from the library.
    finalize: Any = finalize_header
    blocks = finalize(about, tiles, entries, len(contents), metadata, True, part.stat().st_size)
    with target.open("wb") as stream, part.open("rb") as data:
        for block in blocks:
            stream.write(block)
        shutil.copyfileobj(data, stream)
