"""Lines of text made from columns, without a Python object for each value.

A column is an array of byte strings (numpy type S), in which zero bytes are padding; :class:`Lines` removes them. A
text must therefore not contain a zero byte; PostgreSQL allows none.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Column = NDArray[np.bytes_]

_THOUSAND = np.array([f"{number:03}" for number in range(1000)], dtype="S3")
_SMALL = np.array([str(number) for number in range(1000)], dtype="S3")
_DENSE = 1 << 20


class Lines:
    """Rows of the same columns. A text that is the same in each row is written once, and stays for the next rows."""

    def __init__(self) -> None:
        self._kinds: list[Any] = []
        self._lines = np.empty(0, dtype="S1")

    def joined(self, columns: Sequence[Column | bytes], rows: int) -> bytes:
        """Return the rows one after the other, each with its texts in the order of the columns. bytes: the same text in
        each row."""
        kinds = [part if isinstance(part, bytes) else part.dtype for part in columns]
        if kinds != self._kinds or rows > len(self._lines):
            sizes = (f"S{len(kind)}" if isinstance(kind, bytes) else kind for kind in kinds)
            self._kinds = kinds
            self._lines = np.empty(rows + rows // 4, dtype=[(f"{place}", size) for place, size in enumerate(sizes)])
            for place, part in enumerate(columns):
                if isinstance(part, bytes):
                    self._lines[f"{place}"] = part
        lines = self._lines[:rows]
        for place, part in enumerate(columns):
            if not isinstance(part, bytes):
                lines[f"{place}"] = part
        flat = lines.view(np.uint8)
        return bytes(flat[flat != 0].tobytes())


def uuids(values: NDArray[Any]) -> Column:
    """Return the usual notation of UUIDs. values: 16 bytes each."""
    digits = np.frombuffer(values.tobytes().hex().encode(), dtype=np.uint8).reshape(-1, 32)
    text = np.full((len(values), 36), ord("-"), dtype=np.uint8)
    for to, first, last in ((0, 0, 8), (9, 8, 12), (14, 12, 16), (19, 16, 20), (24, 20, 32)):
        text[:, to : to + last - first] = digits[:, first:last]
    return text.view("S36").ravel()


def cells(values: NDArray[np.int64]) -> Column:
    """Return the usual notation of H3 cells: 15 hexadecimal digits, because the first four bits are zero."""
    digits = np.frombuffer(values.astype(">i8").tobytes().hex().encode(), dtype=np.uint8).reshape(-1, 16)
    return np.ascontiguousarray(digits[:, 1:]).view("S15").ravel()


def degrees(values: NDArray[Any], sign: str = ".") -> Column:
    """Return degrees with six decimals. sign: the decimal sign."""
    millionths = np.rint(values * 1e6).astype(np.int64)
    whole, rest = np.divmod(np.abs(millionths), 1_000_000)
    text = np.empty(
        len(values), dtype=[("minus", "S1"), ("whole", "S3"), ("sign", "S1"), ("first", "S3"), ("last", "S3")]
    )
    text["minus"] = np.where(millionths < 0, b"-", b"")
    text["whole"], text["sign"] = _SMALL[whole], sign.encode()
    text["first"], text["last"] = _THOUSAND[rest // 1000], _THOUSAND[rest % 1000]
    return text.view("S11")


class Texts:
    """The texts of whole numbers; each text is made only once. text: makes the text of a number. least: the smallest
    number."""

    def __init__(self, text: Callable[[int], str], least: int = 0) -> None:
        self._text = text
        self._least = least
        self._place: NDArray[np.int32] = np.full(0, -1, dtype=np.int32)
        self._table: Column = np.empty(0, dtype="S1")

    def of(self, numbers: NDArray[Any]) -> Column:
        """Return the text of each number."""
        numbers = numbers.astype(np.int64) - self._least
        most = int(numbers.max(initial=0))
        if most >= _DENSE:
            distinct, which = np.unique(numbers, return_inverse=True)
            return np.array([self._text(number + self._least).encode() for number in distinct.tolist()])[which]
        if most >= len(self._place):
            self._place = np.append(self._place, np.full(most + 1, -1, dtype=np.int32))
        place = self._place[numbers]
        if place.min(initial=0) < 0:
            unknown = np.unique(numbers[place < 0])
            self._place[unknown] = np.arange(len(self._table), len(self._table) + unknown.size)
            texts = np.array([self._text(number + self._least).encode() for number in unknown.tolist()])
            self._table = np.concatenate([self._table, texts])
            place = self._place[numbers]
        return self._table[place]
