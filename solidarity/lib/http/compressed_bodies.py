"""Bodies of requests that a phone has compressed, because its link is slow."""

from django.http import HttpRequest

from solidarity.lib.files.gzipped import TooLarge, gunzipped


def plain_body(request: HttpRequest, most: int) -> bytes:
    """Return the body, decompressed if the request says ``Content-Encoding: gzip``. Decompress no more than ``most``
    bytes. Raise TooLarge for a longer body, and ValueError for a body that is not gzip."""
    body = request.body
    if request.headers.get("Content-Encoding", "identity") == "identity":
        if len(body) > most:
            raise TooLarge
        return body
    plain, rest = gunzipped(body, most)
    if rest:
        raise ValueError("more than one gzip member")
    return plain
