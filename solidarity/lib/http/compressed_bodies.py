"""Bodies of requests that a phone has compressed, because its link is slow."""

import zlib

from django.http import HttpRequest

_GZIP = 31  # zlib's number for a gzip header and the largest window


class TooLarge(ValueError):
    """The body is longer than it may be."""


def plain_body(request: HttpRequest, most: int) -> bytes:
    """Return the body, decompressed if it says ``Content-Encoding: gzip``. Decompress no more than ``most`` bytes.
    Raise TooLarge for a longer body, and ValueError for a body that is not gzip."""
    body = request.body
    if request.headers.get("Content-Encoding", "identity") == "identity":
        plain, whole = body[: most + 1], True
    else:
        unpack = zlib.decompressobj(_GZIP)
        try:
            plain = unpack.decompress(body, most + 1)
        except zlib.error:
            raise ValueError("not gzip") from None
        whole = unpack.eof and not unpack.unused_data
    if len(plain) > most:
        raise TooLarge
    if not whole:
        raise ValueError("not one whole gzip member")
    return plain
