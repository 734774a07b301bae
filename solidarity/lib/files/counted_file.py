"""A file writer that counts lines. The count costs one Python call per megabyte."""

import io
from collections.abc import Callable
from typing import IO

CHUNK = 1 << 20


class LineCounter(io.RawIOBase):
    """A raw stream that passes bytes to a binary file and counts the line ends.

    progress: function that is called after each chunk with the number of lines so far.
    """

    def __init__(self, out: IO[bytes], progress: Callable[[int], None] | None = None) -> None:
        self.lines = 0
        self._out = out
        self._progress = progress

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Write a chunk (bytes or a buffer) and return its length."""
        chunk = bytes(data)  # type: ignore[call-overload]
        self._out.write(chunk)
        self.lines += chunk.count(b"\n")
        if self._progress is not None:
            self._progress(self.lines)
        return len(chunk)


def counted(out: IO[bytes], progress: Callable[[int], None] | None = None) -> tuple[io.BufferedWriter, LineCounter]:
    """Return a buffered writer and its counter.

    Flush the writer before you read the counter's ``lines``. Closing the writer leaves ``out`` open.
    """
    raw = LineCounter(out, progress)
    return io.BufferedWriter(raw, CHUNK), raw
