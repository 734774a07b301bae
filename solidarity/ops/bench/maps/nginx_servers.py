"""nginx with the shipped configuration, and a bare one that serves a folder, for comparison."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from solidarity.local.checkout import Checkout
from solidarity.local.services import nginx
from solidarity.ops.bench.maps.pipelined import Server
from solidarity.ops.ports import free_port, running

SITE = "site.example"
SCRIPT = settings.ROOT / "solidarity" / "ops" / "deployment" / "nginx" / "start.sh"

_BARE = """
worker_processes auto;
pid {folder}/bare.pid;
error_log stderr alert;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/b1; proxy_temp_path {folder}/b2; fastcgi_temp_path {folder}/b3;
    uwsgi_temp_path {folder}/b4; scgi_temp_path {folder}/b5;
    access_log off;
    sendfile on;
    tcp_nopush on;
    ssl_certificate {folder}/run/fullchain.pem;
    ssl_certificate_key {folder}/run/privkey.pem;
    server {{ listen 127.0.0.1:{port} ssl; server_name {site}; root {root}; {headers} }}
}}
"""


def program() -> Path | None:
    return nginx.program(Checkout.here().installed)


def shipped_settings(application: int, folder: Path, http: int, https: int) -> dict[str, str]:
    """Return the settings of the shipped proxy in front of an application on this machine. folder: the folder for the
    files that the proxy needs."""
    installed = Checkout.here().installed
    return {
        "SOLIDARITY_ALLOWED_HOSTS": SITE,
        "SOLIDARITY_APPLICATION": f"127.0.0.1:{application}",
        "SOLIDARITY_HTTP_LISTEN": f"127.0.0.1:{http}",
        "SOLIDARITY_HTTPS_LISTEN": f"127.0.0.1:{https}",
        "SOLIDARITY_CERTIFICATES": str(folder / "none"),
        "SOLIDARITY_ACME": str(folder / "acme"),
        "SOLIDARITY_NGINX": str(nginx.program(installed)),
        "SOLIDARITY_NGINX_MODULES": str(nginx.modules(installed)),
        "SOLIDARITY_NGINX_RUN": str(folder / "run"),
        "SOLIDARITY_ACCESS_LOG": str(folder / "access.log"),
        "SOLIDARITY_NGINX_GLOBAL": as_root(),
    }


def as_root() -> str:
    """Return the directive that lets nginx's processes read this account's folders."""
    return "user root;" if os.geteuid() == 0 else ""


@contextmanager
def shipped(application: int, folder: Path) -> Iterator[Server]:
    """Run the shipped proxy with this process's media folder inside the block."""
    http, https = free_port(), free_port()
    more = {"SOLIDARITY_MEDIA_ROOT": str(settings.MEDIA_ROOT), "SOLIDARITY_STATIC_ROOT": str(folder / "static")}
    server = Server(https, folder / "run" / "fullchain.pem", SITE)
    with _running(["sh", str(SCRIPT)], server, {**shipped_settings(application, folder, http, https), **more}):
        yield server


@contextmanager
def bare(root: Path, folder: Path, headers: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve a folder's files over TLS inside the block, with the certificate that ``shipped`` made in ``folder``. headers:
    sent with each file, beside nginx's own."""
    server = Server(free_port(), folder / "run" / "fullchain.pem", SITE)
    file = folder / "bare.conf"
    added = "".join(
        f"add_header {name} '{value.replace("'", chr(92) + "'")}'; " for name, value in (headers or {}).items()
    )
    file.write_text(_BARE.format(folder=folder, port=server.port, site=SITE, root=root, headers=added))
    command = [str(program()), "-e", "stderr", "-c", str(file), "-g", f"daemon off; {as_root()}"]
    with _running(command, server, {}):
        yield server


@contextmanager
def _running(command: list[str], server: Server, more: Mapping[str, str]) -> Iterator[None]:
    def accepts() -> bool:
        with server.connect():
            return True

    with running(command, accepts, env={**os.environ, **more}, seconds=10):
        yield
