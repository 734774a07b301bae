"""A local web server of a few files that answers range requests, and that can break off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.volunteers.services import served


@dataclass
class Files:
    """The server. files: path → content. ranges: whether it answers range requests.

    breaks: number of answers that it still breaks off, each after ``after`` bytes. left: number of requests that it
    still answers before the network fails; None for all. asked: path and range of each request.
    """

    origin: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    breaks: int = 0
    after: int = 0
    left: int | None = None
    redirects: dict[str, str] = field(default_factory=dict)
    on_request: Callable[[], None] = lambda: None
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sent_ranges(self) -> list[tuple[int, int]]:
        """First and last byte of the requested ranges."""
        return [(int(first), int(last)) for _path, text in self.asked if text for first, last in [text[6:].split("-")]]


@contextmanager
def file_server() -> Iterator[Files]:
    web = Files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            web.asked.append((self.path, wanted))
            web.on_request()
            if web.left is not None:
                if web.left <= 0:
                    self.close_connection = True
                    return
                web.left -= 1
            if self.path in web.redirects:
                self.send_response(302)
                self.send_header("Location", web.redirects[self.path])
                self.end_headers()
                return
            content = web.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            body = content
            if wanted and web.ranges:
                first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
                body = content[first : last + 1]
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(content)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", web.etags.get(self.path, '"one"'))
            self.end_headers()
            if web.breaks and len(body) > web.after:
                web.breaks -= 1
                body = body[: web.after]
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            pass

    with served(Handler) as web.origin:
        yield web
