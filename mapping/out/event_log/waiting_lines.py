"""Lines of an event log that wait for other lines; they are stored on disk, each with its number in the file."""

from collections.abc import Iterator
from typing import IO


def numbered(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, text) of each waiting line."""
    file.seek(0)
    for line in file:
        number, _space, text = line.partition(b" ")
        yield int(number), text


def count(file: IO[bytes]) -> int:
    """Return the number of waiting lines."""
    file.seek(0)
    return sum(1 for _line in file)


def copy(source: IO[bytes], target: IO[bytes]) -> None:
    """Replace the content of a file with the content of another file."""
    source.seek(0)
    target.seek(0)
    target.truncate()
    while chunk := source.read(1 << 20):
        target.write(chunk)
