"""The network between a phone and the server, with its weather: down, slow, losing requests, cutting answers off.

A real HTTP proxy in front of the live server. What it cuts off has been done by the server: only the answer is lost.
"""

import gzip
import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PIECE = 512
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "date", "server"}


class Weather(ThreadingHTTPServer):
    """down: nothing gets through. loss, cut: shares of requests to the queue's addresses that never arrive, or whose
    answer does not. rate: bytes a second, in each direction."""

    daemon_threads = True

    def __init__(self, upstream: str, seed: int = 1) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(upstream)
        self.upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.down = False
        self.loss = self.cut = 0.0
        self.rate: float | None = None
        self.chance = random.Random(seed)
        self.lost = self.cut_off = 0
        self.bytes_up = self.bytes_down = 0
        self.answers: list[tuple[str, int]] = []  # paths, and the bytes of their answers once compressed
        self.link = threading.Lock()  # one after the other, as on a thin link

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is part of the weather."""

    def carry(self, data: bytes) -> None:
        """Take the time that bytes need on the link."""
        if self.rate:
            with self.link:
                time.sleep(len(data) / self.rate)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Weather

    def log_message(self, *_words: Any) -> None:
        return

    def _pass(self) -> None:
        weather = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        queue = self.path.startswith("/queue/") and self.path != "/queue/"
        if weather.down or (queue and weather.chance.random() < weather.loss):
            weather.lost += 1
            self._hang_up()
            return
        head = len(self.requestline) + sum(len(name) + len(value) + 4 for name, value in self.headers.items()) + 4
        weather.bytes_up += head + len(body)
        weather.carry(b"." * head + body)
        link = http.client.HTTPConnection(*weather.upstream, timeout=60)
        link.request(self.command, self.path, body or None, dict(self.headers.items()))
        answer = link.getresponse()
        data = answer.read()
        link.close()
        if weather.down or (queue and weather.chance.random() < weather.cut):
            weather.cut_off += 1
            self._hang_up()
            return
        weather.answers.append((self.path, min(len(data), len(gzip.compress(data, 6)))))
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        weather.bytes_down += len(data) + sum(len(name) + len(value) + 4 for name, value in headers) + 30
        weather.carry(b"." * sum(len(name) + len(value) + 4 for name, value in headers))
        self.send_response(answer.status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for start in range(0, len(data), PIECE if weather.rate else len(data) or 1):
            piece = data[start : start + (PIECE if weather.rate else len(data))]
            weather.carry(piece)
            self.wfile.write(piece)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    do_GET = do_POST = do_HEAD = _pass


@contextmanager
def weather_before(upstream: str, seed: int = 1) -> Iterator[Weather]:
    """A proxy in front of a server for as long as the block lasts."""
    weather = Weather(upstream, seed)
    thread = threading.Thread(target=weather.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield weather
    finally:
        weather.shutdown()
        weather.server_close()
