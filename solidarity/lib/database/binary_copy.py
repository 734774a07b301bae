"""Query results as numpy records. Reading them with binary COPY is several times faster than one tuple per row."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

type Fields = Sequence[tuple[str, Any]]
type TextOf = Callable[[int], str | None]
type Take = Callable[[NDArray[Any], TextOf], None]

BLOCK = 1 << 18
"""Bytes that :func:`in_blocks` reads at a time. The database sends about as many while a block is handled."""

_HEADER, _END = 19, 2
_TEXT = "#text"


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


def in_blocks(query: str, fields: Fields, take: Take, *, text: bool = False) -> None:
    """Read a query in blocks of rows, so that memory use stays constant.

    The query has the columns of ``fields``, as in :func:`read`; the first two of them are never null. text: whether the
    query has one more column, a text that may be null. take: called with the records of the fields, and with a function
    that returns the text of the record at a place. Raise ValueError for other nulls. Blocks without any text are read
    several times faster.
    """
    blocks = _Blocks(fields, text, take)
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
    """A raw file that splits blocks of bytes into rows. Rows without a text have the same length. With texts, rows differ
    in length, so their starts are found by the bytes that all rows have in common. As a check, the length of the text
    must lead from each start to the next one.

    failed: ignore all further bytes, which the buffer writes when it is deleted.
    """

    failed = False

    def __init__(self, fields: Fields, text: bool, take: Take) -> None:
        self._layout, self._take = _layout(fields, text), take
        self._widths = [("count", len(fields) + text)]
        self._widths += [(f"#{name}", np.dtype(kind).itemsize) for name, kind in fields]
        self._known = self._widths[:3]
        if text:
            self._widths.append((_TEXT, -1))
        self._has_text = text
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
        records = np.frombuffer(block, self._layout, len(block) // size)
        if all((records[name] == width).all() for name, width in self._widths):
            self._rest = block[len(records) * size :]
            self._take(records, lambda _row: None)
            return
        starts = self._starts(block)
        ends = np.append(starts[1:], np.array([last] if last else [], dtype=np.intp))
        starts = starts[: len(ends)]
        reached = self._ends(block, starts)
        if starts[:1].any() or reached is None or not np.array_equal(reached, ends):
            starts, ends = self._row_by_row(block)
        if not len(ends):
            return
        records = _windows(block, starts, size).view(self._layout)
        self._rest = block[ends[-1] :]
        self._take(records, lambda row: _text(block[starts[row] + size : ends[row]], int(records[_TEXT][row])))

    def _starts(self, block: bytes) -> NDArray[np.intp]:
        """Return the places that look like the start of a row. A value, such as an id that a client chose, may contain
        the same bytes."""
        size = self._layout.itemsize
        data = np.frombuffer(block, dtype=np.uint8)
        starts = np.flatnonzero(data[1 : len(data) - size + 2] == self._known[0][1])
        records = _windows(block, starts, size).view(self._layout)
        return starts[np.logical_and.reduce([records[name] == value for name, value in self._known])]

    def _ends(self, block: bytes, starts: NDArray[np.intp]) -> NDArray[np.intp] | None:
        """Return the place after the row that begins at each start; None if there is no text that could differ."""
        if not self._has_text:
            return None
        records = _windows(block, starts, self._layout.itemsize).view(self._layout)
        return np.asarray(starts + self._layout.itemsize + np.maximum(records[_TEXT], 0))

    def _row_by_row(self, block: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the starts and ends of the whole rows of a block. The length of each text gives the start of the next
        row."""
        places, size = [0], self._layout.itemsize
        while places[-1] + size <= len(block):
            row = np.frombuffer(block, self._layout, 1, places[-1])[0]
            length = int(row[_TEXT]) if self._has_text else 0
            if length < -1 or any(row[name] != value for name, value in self._known):
                raise ValueError(_NULL)
            place = places[-1] + size + max(length, 0)
            if place > len(block):
                break
            places.append(place)
        found = np.array(places, dtype=np.intp)
        return found[:-1], found[1:]


_NULL = "a column is null or has a different width than its field"


def _windows(block: bytes, starts: NDArray[np.intp], size: int) -> NDArray[np.void]:
    """Return the bytes from each start on. Raise ValueError for a start that is too late."""
    every = np.ndarray((len(block) - size + 1,), f"V{size}", block, strides=(1,))
    if len(starts) and not -1 < starts.min() <= starts.max() < len(every):
        raise ValueError(_NULL)
    return every[starts]


def _text(data: bytes, length: int) -> str | None:
    return None if length < 0 else data.decode()


def _layout(fields: Fields, text: bool = False) -> np.dtype[Any]:
    """Return the numpy record type of a row: the number of columns, then the length and the value of each column. Of a
    text, the record contains only the length."""
    columns = (part for name, kind in fields for part in ((f"#{name}", ">i4"), (name, kind)))
    return np.dtype([("count", ">i2"), *columns, *([(_TEXT, ">i4")] if text else [])])
