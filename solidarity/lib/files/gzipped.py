"""Unpacking gzip from senders who may be hostile."""

import zlib

_GZIP = 31  # zlib's code for a gzip header and the largest window


class TooLarge(ValueError):
    """The content is longer than it may be."""


class CutOff(ValueError):
    """The end of the data is missing."""


def gunzipped(data: bytes, most: int) -> tuple[bytes, bytes]:
    """Return the content of a gzip member, and the bytes after the member. Unpack no more than ``most`` bytes. Raise
    TooLarge for more, CutOff if the end is missing, and ValueError for data that are not gzip."""
    unpack = zlib.decompressobj(_GZIP)
    try:
        content = unpack.decompress(data, most + 1)
    except zlib.error:
        raise ValueError("not gzip") from None
    if len(content) > most:
        raise TooLarge
    if not unpack.eof:
        raise CutOff
    return content, unpack.unused_data
