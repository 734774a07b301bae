"""An HTTP proxy between a phone and the server that simulates a bad network: down, slow, or losing data.

It is a real proxy in front of the live server: if it drops an answer, the server has already done the work.
"""

import functools
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


class NetworkProxy(ThreadingHTTPServer):
    """A proxy with a simulated network. down: True if nothing gets through. rate: bytes per second in each direction.

    loss, cut: shares of queued reports whose request or answer is lost.
    """

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
        self.answers: list[tuple[str, int]] = []  # paths and compressed sizes in bytes
        self.link = threading.Lock()  # one transfer at a time, as on a slow link

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore browsers that close the connection."""

    def carry(self, data: bytes) -> None:
        """Wait as long as the bytes take on the link."""
        if self.rate:
            with self.link:
                time.sleep(len(data) / self.rate)


@functools.lru_cache(maxsize=512)
def _compressed(data: bytes) -> int:
    return min(len(data), len(gzip.compress(data, 6)))


class _Handler(BaseHTTPRequestHandler):
    """A connection of the phone. It has one connection to the server, as a browser without the proxy would: a new one
    for each request would make the server connect to the database each time."""

    protocol_version = "HTTP/1.1"
    server: NetworkProxy
    upstream: http.client.HTTPConnection | None = None

    def log_message(self, *_words: Any) -> None:
        return

    def _pass(self) -> None:
        network = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        queue = self.path.startswith("/queue/") and self.path != "/queue/"
        if network.down or (queue and network.chance.random() < network.loss):
            network.lost += 1
            self._hang_up()
            return
        head = len(self.requestline) + sum(len(name) + len(value) + 4 for name, value in self.headers.items()) + 4
        network.bytes_up += head + len(body)
        network.carry(b"." * head + body)
        answer, data = self._ask(body)
        if network.down or (queue and network.chance.random() < network.cut):
            network.cut_off += 1
            self._hang_up()
            return
        network.answers.append((self.path, _compressed(data)))
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        network.bytes_down += len(data) + sum(len(name) + len(value) + 4 for name, value in headers) + 30
        network.carry(b"." * sum(len(name) + len(value) + 4 for name, value in headers))
        self.send_response(answer.status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for start in range(0, len(data), PIECE if network.rate else len(data) or 1):
            piece = data[start : start + (PIECE if network.rate else len(data))]
            network.carry(piece)
            self.wfile.write(piece)

    def _ask(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """Send the request to the server; send it once more if the server had closed the idle connection."""
        kept, self.upstream = self.upstream, None
        try:
            return self._ask_on(kept or self._connection(), body)
        except ConnectionError:  # includes http.client.RemoteDisconnected
            if kept is None:
                raise
            kept.close()
            return self._ask_on(self._connection(), body)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.server.upstream, timeout=60)

    def _ask_on(self, link: http.client.HTTPConnection, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        link.request(self.command, self.path, body or None, dict(self.headers.items()))
        answer = link.getresponse()
        data = answer.read()
        self.upstream = link
        return answer, data

    def finish(self) -> None:
        if self.upstream is not None:
            self.upstream.close()
        super().finish()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    do_GET = do_POST = do_HEAD = _pass


@contextmanager
def network_proxy(upstream: str, seed: int = 1) -> Iterator[NetworkProxy]:
    """Run a proxy in front of a server inside the block."""
    network = NetworkProxy(upstream, seed)
    thread = threading.Thread(target=network.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        network.shutdown()
        network.server_close()
