"""Bodies of a browser's requests as text."""

import gzip

from playwright.sync_api import Request


def body_of(request: Request) -> str:
    """Return the body, decompressed if the phone queue compressed it; "" without one."""
    body = request.post_data_buffer or b""
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return body.decode(errors="replace")
