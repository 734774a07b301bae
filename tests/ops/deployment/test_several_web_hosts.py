"""The shipped proxy before several web hosts: one that does not answer is left out."""

import os
import socket
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from solidarity.ops.bench.maps import nginx_servers
from solidarity.ops.bench.maps.nginx_servers import SITE
from solidarity.ops.ports import free_port, running


class _WebHost(BaseHTTPRequestHandler):
    server: ThreadingHTTPServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_words: Any) -> None:
        return


@contextmanager
def web_host() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _WebHost)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def ask(port: int, method: str = "GET") -> tuple[int, bytes]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 20), server_hostname=SITE)
        connection.request(method, "/needs/", b"x" if method == "POST" else None, {"Host": SITE})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_requests_go_to_both_web_hosts_and_past_one_that_is_down(tmp_path: Path) -> None:
    if nginx_servers.program() is None:
        pytest.skip("this machine has no nginx")
    http, https, dead = free_port(), free_port(), free_port()
    with web_host() as one, web_host() as two:
        hosts = ",".join(f"127.0.0.1:{port}" for port in (one, dead, two))
        environment = {**os.environ, **nginx_servers.shipped_settings(one, tmp_path, http, https),
                       "SOLIDARITY_APPLICATION": hosts}  # fmt: skip

        def answers() -> bool:
            return ask(https)[0] == 200

        with running(["sh", str(nginx_servers.SCRIPT)], answers, env=environment):
            got = Counter(ask(https, method) for method in ("GET", "POST") for _time in range(20))
    assert set(got) == {(200, str(one).encode()), (200, str(two).encode())}


def test_one_web_host_is_written_as_before(tmp_path: Path) -> None:
    nginx = tmp_path / "nginx"
    nginx.write_text("#!/bin/sh\n")
    nginx.chmod(0o755)
    environment = {
        **os.environ,
        **nginx_servers.shipped_settings(8000, tmp_path, 8080, 8443),
        "SOLIDARITY_NGINX": str(nginx),
    }
    subprocess.run(["sh", str(nginx_servers.SCRIPT)], env=environment, check=True, capture_output=True)
    request = (tmp_path / "run" / "proxy_request.conf").read_text()
    assert "set $application http://127.0.0.1:8000;" in request and "proxy_next_upstream off;" in request
    assert "upstream application" not in (tmp_path / "run" / "nginx.conf").read_text()
