"""A client that sends many requests before it reads the answers, so that it takes little processor time from the
server."""

import multiprocessing
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from solidarity.ops.bench.bench_server import Connection

AT_ONCE = 20
PER_CONNECTION = 900  # nginx closes a connection after 1,000 requests
CLIENTS = 4


@dataclass(frozen=True, slots=True)
class Server:
    """certificate: the certificate of a server with TLS. name: the host that is asked for."""

    port: int
    certificate: Path | None = None
    name: str = "127.0.0.1"

    def connect(self) -> Connection:
        plain = Connection(self.port)
        if self.certificate is None:
            return plain
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return Connection(trusted.wrap_socket(plain.socket, server_hostname=self.name))

    def request(self, path: str, **headers: str) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"GET {path} HTTP/1.1\r\nHost: {self.name}\r\n{lines}\r\n".encode()


def first_answer(link: Connection, request: bytes) -> tuple[int, bytes, bytes]:
    """Return (status, head, body) of the whole answer to one request. It has to have a Content-Length, or chunks, which
    stay in the body."""
    status, head, body = link.send(request)
    if b"\r\ncontent-length:" in head.lower():
        return status, head, body
    assert b"\r\ntransfer-encoding: chunked" in head.lower(), head
    while not (b"\r\n" + body).endswith(_LAST_CHUNK):
        body += link.more()
    return status, head, body


_LAST_CHUNK = b"\r\n0\r\n\r\n"


def _client(server: Server, request: bytes, status: bytes, until: float, out: Any) -> None:
    """Put the number of answers into ``out``. Raise AssertionError unless all have the same status and size; answers in
    chunks may differ in size."""
    count, buffer = 0, bytearray(AT_ONCE << 18)
    while time.time() < until:
        with server.connect() as link:
            _status, head, body = first_answer(link, request)
            size = len(head) + len(b"\r\n\r\n") + len(body)
            chunked = b"\r\ncontent-length:" not in head.lower()
            assert head.startswith(status), head[:40]
            for _ in range(PER_CONNECTION // AT_ONCE):
                link.socket.sendall(request * AT_ONCE)
                got = 0
                while buffer.count(_LAST_CHUNK, 0, got) < AT_ONCE if chunked else got < AT_ONCE * size:
                    read = link.socket.recv_into(memoryview(buffer)[got:])
                    if not read:
                        raise ConnectionError("the server closed the connection")
                    got += read
                if chunked:
                    assert buffer.count(status, 0, got) == AT_ONCE, "another answer"
                else:
                    assert all(buffer.startswith(status, place) for place in range(0, got, size)), "another answer"
                count += AT_ONCE
                if time.time() > until:
                    break
    out.put(count)


def rate(server: Server, request: bytes, seconds: float, status: int = 200) -> float:
    """Return the requests per second of CLIENTS clients. Raise RuntimeError if one of them fails."""
    connections.close_all()
    out: Any = multiprocessing.Queue()
    start, until = time.perf_counter(), time.time() + seconds
    wanted = f"HTTP/1.1 {status} ".encode()
    clients = [
        multiprocessing.Process(target=_client, args=(server, request, wanted, until, out)) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    elapsed = time.perf_counter() - start
    if any(client.exitcode for client in clients):
        raise RuntimeError("a client of the measurement failed")
    answers: int = sum(out.get() for _ in clients)
    return answers / elapsed
