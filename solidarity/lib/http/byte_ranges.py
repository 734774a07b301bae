"""File responses, whole or by byte range. If there is a proxy in front, it sends releases and the street map itself."""

import os
import re
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

_ONE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)\Z")
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")
_MOST = 10**18  # in bytes, more than any file has
_AT_ONCE = 64 * 1024  # number of bytes of a file in memory
SENT_BY_PROXY = "/sent-by-proxy"
"""The internal address at which the proxy finds the folders below MEDIA_ROOT (solidarity/ops/deployment/nginx)."""


def ranged(request: HttpRequest, file: Path, *, etag: str, content_type: str, cache: str) -> HttpResponseBase:
    """Return a file or one range of it.

    The status is 304 if the browser's copy is current, and 416 if the range begins past the end. etag: the ETag in
    quotes.
    """
    asked = request.META
    response: HttpResponseBase | None = None
    if any(name in asked for name in CONDITIONS):
        response = get_conditional_response(request, etag=etag)
    if response is None:
        response = _left_to_the_proxy(file)
    if response is None:
        wanted = _ONE_RANGE.match(asked.get("HTTP_RANGE", ""))
        whole = wanted is None or asked.get("HTTP_IF_RANGE", etag) != etag
        response = FileResponse(file.open("rb")) if whole or wanted is None else _part(file, *wanted.groups())
    if response.status_code != 416:
        response.headers["Content-Type"] = content_type
    if "X-Accel-Redirect" not in response.headers:  # the proxy sets this header itself
        response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache
    return response


def _left_to_the_proxy(file: Path) -> HttpResponse | None:
    """Return an empty response that lets the proxy send the file or its range; None if it cannot read the file."""
    if not settings.FILES_BY_PROXY:
        return None
    for name, folder in (("releases", settings.RELEASES_ROOT), ("basemap", settings.BASEMAP_ROOT)):
        if file.is_relative_to(folder):
            address = f"{SENT_BY_PROXY}/{name}/{file.relative_to(folder).as_posix()}"
            return HttpResponse(headers={"X-Accel-Redirect": address})
    return None


def _part(file: Path, first: str, last: str) -> HttpResponseBase:
    stream = file.open("rb", buffering=0)
    size = os.fstat(stream.fileno()).st_size
    start, length = _span(size, first, last)
    if length < 1:
        stream.close()
        return _past_the_end(size)
    headers = {"Content-Range": f"bytes {start}-{start + length - 1}/{size}", "Content-Length": str(length)}
    if length > _AT_ONCE:
        return StreamingHttpResponse(_pieces(stream, start, length), status=206, headers=headers)
    with stream:
        return HttpResponse(os.pread(stream.fileno(), length, start), status=206, headers=headers)


def short_part(file: str, wanted: str) -> tuple[str, bytes] | None:
    """Return the Content-Range and the bytes of a range that is in the file and not long; None for any other range.
    wanted: the Range header. Raise OSError if there is no file."""
    found = _ONE_RANGE.match(wanted)
    if found is None:
        return None
    stream = os.open(file, os.O_RDONLY)
    try:
        size = os.fstat(stream).st_size
        start, length = _span(size, *found.groups())
        if not 0 < length <= _AT_ONCE:
            return None
        return f"bytes {start}-{start + length - 1}/{size}", os.pread(stream, length, start)
    finally:
        os.close(stream)


def _span(size: int, first: str, last: str) -> tuple[int, int]:
    """Return the start and the length of a range. The length is less than 1 if the range lies past the end. Without
    ``last``, the range goes to the end; without ``first``, it contains the last ``last`` bytes."""
    if not first:
        start, end = max(0, size - _number(last)), size - 1
    else:
        start, end = _number(first), min(_number(last) if last else size, size - 1)
    return start, end - start + 1


def _pieces(stream: RawIOBase, start: int, length: int) -> Iterator[bytes]:
    """Yield a part of a file in pieces, because a range can be as long as a street map; then close the file."""
    with stream:
        stream.seek(start)
        while length > 0 and (piece := stream.read(min(_AT_ONCE, length))):
            length -= len(piece)
            yield piece


def _number(digits: str) -> int:
    """Return the number, but at most _MOST, because int() refuses thousands of digits."""
    digits = digits.lstrip("0")
    return int(digits or 0) if len(digits) <= 18 else _MOST


def _past_the_end(size: int) -> HttpResponse:
    said = f"This file has {size} bytes. The range that was asked for is not in it."
    return HttpResponse(said, status=416, content_type="text/plain", headers={"Content-Range": f"bytes */{size}"})
