"""Typed functions around the PMTiles library, which has no types."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pmtiles import reader

Source = Callable[[int, int], bytes]
Address = tuple[int, int, int]


class Archive(Protocol):
    def header(self) -> dict[str, Any]: ...


_source: Callable[[bytes], Source] = reader.MemorySource
_archive: Callable[[Source], Archive] = reader.Reader
_tiles: Callable[[Source], Iterator[tuple[Address, bytes]]] = reader.all_tiles


def header_of(data: bytes) -> dict[str, Any]:
    """Return the header of an archive: its bounds, zooms and counts."""
    return _archive(_source(data)).header()


def tiles_of(data: bytes) -> Iterator[tuple[Address, bytes]]:
    """Yield each tile of an archive: zoom, column, row, and its bytes as stored."""
    return _tiles(_source(data))
