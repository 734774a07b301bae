"""Query results as numpy records. Reading them with binary COPY is several times faster than one tuple per row."""

import io
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

type Fields = Sequence[tuple[str, Any]]
type TextsOf = Callable[[int], list[str | list[str]]]
type Take = Callable[[NDArray[Any], TextsOf], None]

BLOCK = 1 << 18
"""Bytes that :func:`in_blocks` reads at a time. The database sends about as many while a block is handled."""

_HEADER, _END = 19, 2


def read(query: str, fields: Fields, values: Sequence[Any] | Mapping[str, Any] = ()) -> NDArray[Any]:
    """Return the rows of a query as big-endian records.

    fields: the name of each column and a numpy type of the same width (">i8" for bigint, ">f8" for float8, "V16" for
    uuid). values: the values for the query's %s. Raise ValueError for nulls, because records have a fixed length.
    """
    layout = _layout(fields)
    buffer = io.BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        statement = cursor.cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT binary)", values or None)
        cursor.cursor.copy_expert(statement.decode(), buffer)
    data = buffer.getbuffer()
    size = len(data) - _HEADER - _END
    if size % layout.itemsize:
        raise ValueError(_NULL)
    return np.frombuffer(data, dtype=layout, offset=_HEADER, count=size // layout.itemsize)


def in_blocks(query: str, fields: Fields, arrays: Sequence[bool], take: Take) -> None:
    """Read a query in blocks of rows, so that memory use stays constant.

    The query has the columns of ``fields``, as in :func:`read`; the first two of them are never null. After these
    columns, the query has columns with texts. arrays: for each column with texts, whether its values are arrays of
    texts. take: called with the records of the fields, and with a function that returns the texts of the record at a
    place. Raise ValueError for nulls.
    """
    blocks = _Blocks(fields, arrays, take)
    buffer = io.BufferedWriter(blocks, BLOCK)
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer)
        buffer.flush()
        blocks.finish()
    except BaseException:
        blocks.failed = True
        raise


class _Blocks(io.RawIOBase):
    """A raw file that splits blocks of bytes into rows. Because of the texts, rows differ in length. So their starts
    are found by the bytes that all rows have in common. As a check, the lengths of the texts must lead from each start
    to the next one.

    failed: ignore all further bytes, which the buffer writes when it is deleted.
    """

    failed = False

    def __init__(self, fields: Fields, arrays: Sequence[bool], take: Take) -> None:
        self._layout, self._arrays, self._take = _layout(fields), arrays, take
        self._known = [("count", len(fields) + len(arrays))]
        self._known += [(f"#{name}", np.dtype(kind).itemsize) for name, kind in fields[:2]]
        self._rest = b""
        self._skip = _HEADER

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Take a block of bytes and return its length."""
        block = bytes(data)  # type: ignore[call-overload]
        added, self._skip = block[self._skip :], 0
        if not self.failed:
            self._hand_over(added)
        return len(block)

    def finish(self) -> None:
        """Hand over the last row, which no other start follows."""
        block, self._rest = self._rest[:-_END], b""
        if block:
            self._hand_over(block, len(block))
            if self._rest:
                raise ValueError(_NULL)

    def _hand_over(self, added: bytes, last: int | None = None) -> None:
        """Hand over all rows with a known end, and keep the bytes after them. last: the end of the last row."""
        block, size = self._rest + added, self._layout.itemsize
        self._rest = block
        if len(block) < size:
            return
        starts = self._starts(block)
        ends = np.append(starts[1:], np.array([last] if last else [], dtype=np.intp))
        starts = starts[: len(ends)]
        reached = self._ends(block, starts)
        if starts[:1].any() or reached is None or not np.array_equal(reached, ends):
            starts, ends = self._row_by_row(block)
        if not len(ends):
            return
        records = _windows(block, starts, size).view(self._layout).ravel()
        self._rest = block[ends[-1] :]
        self._take(records, lambda row: _texts(block[starts[row] + size : ends[row]], self._arrays))

    def _starts(self, block: bytes) -> NDArray[np.intp]:
        """Return the places that look like the start of a row. A value, such as an id that a client chose, may contain
        the same bytes."""
        size = self._layout.itemsize
        data = np.frombuffer(block, dtype=np.uint8)
        starts = np.flatnonzero(data[1 : len(data) - size + 2] == self._known[0][1])
        records = _windows(block, starts, size).view(self._layout).ravel()
        return starts[np.logical_and.reduce([records[name] == value for name, value in self._known])]

    def _ends(self, block: bytes, starts: NDArray[np.intp]) -> NDArray[np.intp] | None:
        """Return the place after the row that begins at each start; None if such a place would be outside the block."""
        place = starts + self._layout.itemsize
        for _column in self._arrays:
            if len(place) and not -1 < place.min() <= place.max() <= len(block) - 4:
                return None
            place = place + 4 + _windows(block, place, 4).view(">i4").ravel()
        return place

    def _row_by_row(self, block: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the starts and ends of the whole rows of a block. The lengths in each row give the start of the next
        row."""
        places, size = [0], self._layout.itemsize
        while places[-1] + size <= len(block):
            row = np.frombuffer(block, self._layout, 1, places[-1])[0]
            place = places[-1] + size
            for _column in self._arrays:
                length = int.from_bytes(block[place : place + 4], signed=True)
                if length < 0:
                    raise ValueError(_NULL)
                place += 4 + length
            if any(row[name] != value for name, value in self._known):
                raise ValueError(_NULL)
            if place > len(block):
                break
            places.append(place)
        found = np.array(places, dtype=np.intp)
        return found[:-1], found[1:]


_NULL = "a column is null or has a different width than its field"


def _windows(block: bytes, starts: NDArray[np.intp], size: int) -> NDArray[np.uint8]:
    """Return the bytes from each start on. Raise ValueError for a start that is too late."""
    every: NDArray[np.uint8] = np.ndarray((len(block) - size + 1, size), np.uint8, block, strides=(1, 1))
    if len(starts) and not -1 < starts.min() <= starts.max() < len(every):
        raise ValueError(_NULL)
    return every[starts]


def _texts(data: bytes, arrays: Sequence[bool]) -> list[str | list[str]]:
    """Return the values of columns with texts or arrays of texts, from the bytes of a row."""
    values: list[str | list[str]] = []
    place = 0
    for is_array in arrays:
        value, place = _item(data, place)
        values.append(_array(value) if is_array else value.decode())
    return values


def _item(data: bytes, place: int) -> tuple[bytes, int]:
    """Return the value with its length stored at a place, and the place after the value."""
    (size,) = struct.unpack_from(">i", data, place)
    return data[place + 4 : place + 4 + size], place + 4 + size


def _array(data: bytes) -> list[str]:
    (dimensions,) = struct.unpack_from(">i", data)
    found: list[str] = []
    place = 12 + 8 * dimensions
    while place < len(data):
        item, place = _item(data, place)
        found.append(item.decode())
    return found


def _layout(fields: Fields) -> np.dtype[Any]:
    """Return the numpy record type of a row: the number of columns, then the length and the value of each column."""
    return np.dtype(
        [("count", ">i2"), *(part for name, kind in fields for part in ((f"#{name}", ">i4"), (name, kind)))]
    )
