"""A real nginx with the shipped configuration, in front of a real server of the site on the test database."""

import http.client
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test.client import ClientHandler

from mapping.map.releases import archives
from solidarity.ops.bench.maps import nginx_servers
from solidarity.ops.bench.maps.nginx_servers import SITE as SITE
from solidarity.ops.ports import free_port
from tests.conftest import environment, until

OF_THE_CONNECTION = {"connection", "date", "keep-alive", "server", "set-cookie", "transfer-encoding"}
SCRAPER = "127.0.0.7"  # the only address that may read the metrics
NEWEST_REFUSED = (1, 25, 0)  # "http2 on" is younger


@dataclass(frozen=True)
class Answer:
    """A response. headers: by lower-case name; several values of a name are joined."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Proxy:
    """nginx and the application behind it. log: the access log. said: the lines that the application wrote to its
    log."""

    port: int
    http_port: int
    application: int
    log: Path
    said: Path
    certificate: Path
    release: str  # the folder of a public release: its hash

    def tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def get(
        self, path: str, headers: dict[str, str] | None = None, *, method: str = "GET", source: str = "127.0.0.1"
    ) -> Answer:
        """Send a request over TLS as it is, without normalising the path. source: the client's own address."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection(SITE, self.port, context=context, timeout=20)
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(source, 0))
        connection.sock = context.wrap_socket(raw, server_hostname=SITE)
        return _answer(connection, method, path, headers)

    def direct(self, path: str, headers: dict[str, str] | None = None, *, port: int | None = None) -> Answer:
        """Send a request to the application itself, as the proxy would."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.application, timeout=20)
        return _answer(connection, "GET", path, {"X-Forwarded-Proto": "https", **(headers or {})})


def _answer(connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str] | None) -> Answer:
    try:
        connection.request(method, path, headers={"Host": SITE, "Accept-Encoding": "identity", **(headers or {})})
        response = connection.getresponse()
        found: dict[str, str] = {}
        for name, value in response.getheaders():
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def proxy(
    django_db_setup: None, own_broker: str, own_media: Path, collected: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    program = nginx_servers.program()
    if program is None or _version(program) <= NEWEST_REFUSED:
        pytest.skip("this distribution has no nginx that is young enough")
    release = archives.store("public", {"made": "for a test"}, bytes(range(256)) * 40).partition("/")[2]
    folder, state = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("state")
    ports = [free_port() for _ in range(3)]
    common = {
        **environment(own_broker, own_media),
        "SOLIDARITY_STATE": str(state),
        "SOLIDARITY_ALLOWED_HOSTS": SITE,
        "SOLIDARITY_STATIC_ROOT": str(collected),
    }
    proxied = {
        **common,
        "SOLIDARITY_DEMO": "1",
        "SOLIDARITY_HTTPS": "1",
        "SOLIDARITY_BEHIND_PROXY": "1",
        "SOLIDARITY_FILES_BY_PROXY": "1",
        "SOLIDARITY_STATIC_FROM_SOURCE": "0",
        "SOLIDARITY_METRICS_ADDRESSES": SCRAPER,
    }
    serve = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(ports[0])]
    serve += ["--log-level", "warning", "--no-access-log", "solidarity.wsgi:application"]
    started = {**common, **nginx_servers.shipped_settings(ports[0], folder, ports[1], ports[2])}
    started["SOLIDARITY_ACCESS_LOG_BUFFER"] = ""  # a line is there as soon as its answer
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command, its, name in (
            (serve, proxied, "application"),
            (["sh", str(nginx_servers.SCRIPT)], started, "nginx"),
        ):
            with (folder / name).open("wb") as log:
                processes.append(subprocess.Popen(command, cwd=settings.ROOT, env=its, stdout=log, stderr=log))
        certificate = folder / "run" / "fullchain.pem"
        found = Proxy(ports[2], ports[1], ports[0], folder / "access.log", folder / "application", certificate, release)
        until(lambda: _answers(found), 60, f"no answer through nginx: see {folder}")
        yield found
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


@pytest.fixture
def through_proxy(proxy: Proxy, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send the reading requests of Django's test client to the served application, through nginx. Rows that it writes,
    such as the reports that an attacker waits for, are visible only in this process."""
    in_this_process = ClientHandler.__call__

    def send(handler: ClientHandler, environ: dict[str, Any]) -> Any:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS"):
            return in_this_process(handler, environ)
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/~!$&'()*+,;=:@")
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
        answer = proxy.get(path + query, headers, method=environ["REQUEST_METHOD"])
        own = {
            {"etag": "ETag"}.get(name, name.title()): value
            for name, value in answer.headers.items()
            if name not in OF_THE_CONNECTION
        }
        response = HttpResponse(answer.body, status=answer.status, headers=own)
        response.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
        return response

    monkeypatch.setattr(ClientHandler, "__call__", send)


def _answers(proxy: Proxy) -> bool:
    try:
        return proxy.get("/health/").status == 200
    except (OSError, http.client.HTTPException):
        return False


def _version(program: Path) -> tuple[int, ...]:
    said = subprocess.run([program, "-v"], capture_output=True, text=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)
