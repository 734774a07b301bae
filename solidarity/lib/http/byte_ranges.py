"""File responses, whole or by byte range. In production the web server can do this instead."""

import re
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def ranged(request: HttpRequest, file: Path, *, etag: str, content_type: str, cache: str) -> HttpResponseBase:
    """Return a file or one range of it; 304 if the browser's copy is current, 416 past the end. etag: quoted."""
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        wanted = _ONE_RANGE.match(request.headers.get("Range", ""))
        whole = wanted is None or request.headers.get("If-Range", etag) != etag
        response = (
            FileResponse(file.open("rb"))
            if whole or wanted is None
            else _part(file, file.stat().st_size, *wanted.groups())
        )
    response.headers["Content-Type"] = content_type
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache
    return response


def _part(file: Path, size: int, first: str, last: str) -> HttpResponse:
    """Return bytes ``first`` to ``last``, or to the end; without ``first``, the last ``last`` bytes."""
    if not first:
        start, end = max(0, size - int(last or 0)), size - 1
    else:
        start, end = int(first), min(int(last or size), size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with file.open("rb") as stream:
        stream.seek(start)
        body = stream.read(end - start + 1)
    return HttpResponse(body, status=206, headers={"Content-Range": f"bytes {start}-{end}/{size}"})
