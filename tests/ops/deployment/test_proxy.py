"""Privacy and caching through nginx: what it serves itself, what it tells the application, what it writes down."""

import re
import socket
import ssl
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from solidarity.settings import API_RATES
from tests.ops.deployment.conftest import SCRAPER, SITE, Answer, Proxy

TRANSPORT = {"server", "date", "connection", "content-length", "transfer-encoding", "keep-alive", "accept-ranges"}
pytestmark = pytest.mark.xdist_group("deployment")


def policies(answer: Answer, *without: str) -> dict[str, str]:
    """Return the headers that the site chooses, apart from those of the transport."""
    chosen = {name: value for name, value in answer.headers.items() if name not in TRANSPORT | set(without)}
    return chosen | {"content-type": chosen["content-type"].replace('"', "")}


def largest_script(collected: Path) -> str:
    """Return the address of the largest collected script with a hash in its name."""
    scripts = [path for path in collected.rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    return f"/static/{max(scripts, key=lambda path: path.stat().st_size).relative_to(collected).as_posix()}"


def test_browsers_get_http_2_and_plain_http_leads_to_tls(proxy: Proxy) -> None:
    with (
        socket.create_connection(("127.0.0.1", proxy.port)) as raw,
        proxy.tls().wrap_socket(raw, server_hostname=SITE) as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
        assert secured.version() == "TLSv1.3"
    plain = proxy.direct("/about/?near=48.8566", port=proxy.http_port)
    assert (plain.status, plain.headers["location"]) == (301, f"https://{SITE}/about/?near=48.8566")


def test_static_files_come_from_disk_compressed_and_with_the_headers_of_the_application(
    proxy: Proxy, collected: Path
) -> None:
    for ending in ("css", "js", "mjs", "woff2", "png", "svg"):
        path = next(
            path for path in sorted(collected.rglob(f"*.{ending}")) if re.search(r"\.[0-9a-f]{12}\.", path.name)
        )
        address = f"/static/{path.relative_to(collected).as_posix()}"
        there, here = proxy.get(address), proxy.direct(address)
        assert there.body == here.body == path.read_bytes()
        assert "immutable" in there.headers["cache-control"]
        # nginx and the application each make an ETag of their own. Nothing else may differ.
        assert policies(there, "etag", "vary") == policies(here, "etag", "vary"), address
    script = largest_script(collected)
    for coding in ("br", "gzip"):
        packed = proxy.get(script, {"Accept-Encoding": coding})
        assert packed.headers["content-encoding"] == coding
        assert (
            packed.body
            == (collected / (script.removeprefix("/static/") + {"br": ".br", "gzip": ".gz"}[coding])).read_bytes()
        )
        assert packed.headers["vary"] == "Accept-Encoding"


def test_a_public_release_and_its_ranges_come_from_disk_with_the_headers_of_the_application(
    proxy: Proxy, client: Client, settings: Settings
) -> None:
    address = f"/map/releases/public/{proxy.release}/map.pmtiles"
    settings.SECURE_HSTS_SECONDS, settings.ALLOWED_HOSTS = 31_536_000, [SITE]
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    for asked in ({}, {"Range": "bytes=300-303"}, {"Range": "bytes=-5"}, {"Range": "bytes=9-", "If-Range": '"x"'}):
        own = client.get(address, headers=asked | {"Host": SITE}, secure=True)
        here = Answer(
            own.status_code,
            {name.lower(): value for name, value in own.headers.items()},
            own.getvalue(),  # type: ignore[attr-defined]
        )
        there = proxy.get(address, asked)
        assert (there.status, there.body) == (here.status, here.body)
        assert there.status == 206 or there.headers["accept-ranges"] == "bytes"
        left_out = ("content-disposition", "etag")  # nginx makes its own ETag
        assert policies(there, *left_out) == policies(here, *left_out)
        assert there.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    tag = proxy.get(address).headers["etag"]
    assert proxy.get(address, {"If-None-Match": tag}).status == 304
    assert proxy.get(address, {"Range": "bytes=99999999-"}).status == 416
    assert proxy.get(address.replace("map.pmtiles", "release.json")).headers["content-type"] == "application/json"


def test_the_street_map_and_its_ranges_come_from_disk_once_the_application_allows_it(
    proxy: Proxy, own_media: Path
) -> None:
    file = own_media / "basemap" / "basemap.pmtiles"
    assert not file.exists()
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(bytes(range(256)) * 3)
    try:
        address = reverse("mapping:basemap")
        here = proxy.direct(address)
        assert "x-accel-redirect" in here.headers and here.body == b""
        there = proxy.get(address, {"Range": "bytes=300-303"})
        assert (there.status, there.body) == (206, bytes(range(44, 48)))
        without = ("x-accel-redirect", "content-disposition", "content-range", "content-language")
        assert policies(there, *without) == policies(here, *without)
        assert proxy.get(address, {"If-None-Match": there.headers["etag"]}).status == 304
        assert proxy.get("/sent-by-proxy/basemap/basemap.pmtiles").status == 404
    finally:
        file.unlink()


def test_a_forged_address_stays_a_claim(proxy: Proxy) -> None:
    assert proxy.get("/metrics", source=SCRAPER).status == 200
    forged = {"X-Forwarded-For": SCRAPER, "Forwarded": f"for={SCRAPER}", "X-Real-IP": SCRAPER}
    assert proxy.get("/metrics", forged).status == 404
    assert proxy.get("/metrics", {"X-Forwarded-For": f"{SCRAPER}, {SCRAPER}"}).status == 404


def test_two_visitors_behind_the_proxy_have_two_limits_and_neither_escapes_its_own(proxy: Proxy) -> None:
    def asks(source: str, claim: str) -> int:
        return proxy.get("/api/v1/crises/", {"X-Forwarded-For": claim, "X-Real-IP": claim}, source=source).status

    most = int(API_RATES["anonymous"].partition("/")[0])
    first = [asks("127.0.5.1", f"203.0.113.{number}") for number in range(most + 2)]
    assert first[0] == 200 and first[-2:] == [429, 429], "an address that the visitor claims lifts the limit"
    assert asks("127.0.6.1", "127.0.5.1") == 200, "one visitor uses up the limit of another"


def test_other_names_and_bare_addresses_get_nothing(proxy: Proxy) -> None:
    unchecked = ssl._create_unverified_context()
    for name in ("evil.example", None):
        with socket.create_connection(("127.0.0.1", proxy.port)) as raw, pytest.raises(ssl.SSLError):
            unchecked.wrap_socket(raw, server_hostname=name)
    with pytest.raises(OSError):
        proxy.get("/about/", {"Host": "evil.example"})
    said = proxy.get("/accounts/password/reset/", {"X-Forwarded-Host": "evil.example"})
    assert said.status == 200 and b"evil.example" not in said.body


@pytest.mark.parametrize(
    "path",
    ["/static../manage.py", "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f..%2fetc/passwd",
     "/static/%2e%2e%2f%2e%2e%2fetc/passwd", "/static//etc/passwd", "/static/..\\..\\etc\\passwd",
     "/sent-by-proxy/../erasures/erasures.jsonl", "/map/releases/public/../../../etc/passwd"],
)  # fmt: skip
def test_no_path_leads_out_of_the_folders(proxy: Proxy, path: str) -> None:
    answer = proxy.get(path)
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body and b"django" not in answer.body


def test_a_body_that_is_too_large_gets_our_page_and_no_program_names_its_version(proxy: Proxy) -> None:
    answer = proxy.get("/need/", {"Content-Length": str(70 * 1024 * 1024)}, method="POST")
    assert answer.status == 413
    assert "Ce fichier est trop lourd" in answer.body.decode() and "This file is too large" in answer.body.decode()
    assert answer.headers["server"] == "nginx"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    raw = socket.create_connection(("127.0.0.1", proxy.port))
    with context.wrap_socket(raw, server_hostname=SITE) as table:
        expecting = f"Host: {SITE}\r\nContent-Length: {70 << 20}\r\nExpect: 100-continue"
        table.sendall(f"POST /map/imports/ HTTP/1.1\r\n{expecting}\r\n\r\n".encode())
        assert table.recv(12) == b"HTTP/1.1 100"


def test_the_logs_hold_no_query_no_private_link_no_browser_and_no_whole_address(proxy: Proxy) -> None:
    secrets = ("48.8566", "Zgq7-private-link", "Zgq7-invitation", "Zgq7-browser", "Zgq7-referer")
    words = {"User-Agent": secrets[3], "Referer": f"https://{SITE}/?{secrets[4]}"}
    for path in (f"/about/?lat={secrets[0]}", f"/follow/{secrets[1]}/", f"/accounts/confirm-email/{secrets[2]}/",
                 f"/{secrets[1]}"):  # fmt: skip
        proxy.get(path, words, source="127.0.0.9")
    log = proxy.log.read_text()
    assert "127.0.0.0 GET /follow/* 404 " in log and "127.0.0.0 GET /about/* 200 " in log
    assert [secret for secret in (*secrets, "127.0.0.9", "?") if secret in log] == []
    said = proxy.said.read_text()
    assert "Not Found: /follow/<str:token>/" in said
    assert [secret for secret in secrets if secret in said] == []
