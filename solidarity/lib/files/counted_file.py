"""A file writer that counts lines, at the cost of one Python call per chunk of a megabyte."""

import io
from collections.abc import Callable
from typing import IO

CHUNK = 1 << 20


class LineCounter(io.RawIOBase):
    """A raw stream that passes bytes to a binary file and counts the line ends.

    before_first: each line starts with a separator byte, so the very first byte is dropped. progress: called with the
    number of lines after each chunk.
    """

    def __init__(
        self, out: IO[bytes], progress: Callable[[int], None] | None = None, *, before_first: bool = False
    ) -> None:
        self.lines = 0
        self._out = out
        self._progress = progress
        self._skip = before_first

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Pass a chunk on and return its length. ``data``: bytes or a buffer of them."""
        chunk = bytes(data)  # type: ignore[call-overload]
        self._out.write(chunk[1:] if self._skip and chunk else chunk)
        self._skip = self._skip and not chunk
        self.lines += chunk.count(b"\n")
        if self._progress is not None:
            self._progress(self.lines)
        return len(chunk)


def counted(
    out: IO[bytes], progress: Callable[[int], None] | None = None, *, before_first: bool = False
) -> tuple[io.BufferedWriter, LineCounter]:
    """Return a buffered writer over a :class:`LineCounter`. Flush it before reading ``lines``; it does not close
    ``out``."""
    raw = LineCounter(out, progress, before_first=before_first)
    return io.BufferedWriter(raw, CHUNK), raw
