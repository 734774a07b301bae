"""Outgoing requests reach public addresses only: no private addresses, redirects or DNS rebinding."""

import ast
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django import Settings

from solidarity.lib.http import outgoing
from tests.volunteers.services import Web, web_server
from volunteers.people.notifications import sms
from volunteers.people.notifications.delivery import NotDelivered

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "::127.0.0.1",
    "2002:7f00:1::", "2001:0:4136:e378::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_recognised(address: str) -> None:
    assert not outgoing.is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_recognised(address: str) -> None:
    assert outgoing.is_public(address)


@pytest.fixture
def inside() -> Iterator[Web]:
    """A server on this machine that is not an allowed origin."""
    with web_server() as web:
        yield web


SPELLINGS = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_called(host: str, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.SMS_URL = f"https://{host}:{listening.getsockname()[1]}/send"
        with pytest.raises(NotDelivered):
            sms.post("+33612345678", "hello")
        listening.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listening.accept()


def test_plain_http_is_refused(inside: Web) -> None:
    with pytest.raises(outgoing.NotPublic), outgoing.session() as caller:
        caller.post(inside.origin, timeout=2)
    assert inside.asked == []


def test_an_allowed_private_origin_is_called_and_no_other(inside: Web, settings: Settings) -> None:
    settings.OUTGOING_PRIVATE = [inside.origin]
    with outgoing.session() as caller:
        assert caller.post(f"{inside.origin}/one", timeout=2).status_code == 201
        with web_server() as other, pytest.raises(requests.RequestException):
            caller.post(f"{other.origin}/two", timeout=2)
        for trick in (f"{inside.origin}@127.0.0.1/", f"{inside.origin}.example.org/"):
            with pytest.raises(requests.RequestException):
                caller.post(trick, timeout=2)
    assert [each.path for each in inside.asked] == ["/one"]


def test_a_redirect_is_not_followed_even_when_asked_for(inside: Web, settings: Settings) -> None:
    with web_server() as target:
        settings.OUTGOING_PRIVATE = [inside.origin, target.origin]
        inside.status, inside.more_headers = 307, {"Location": target.origin + "/secret"}
        with outgoing.session() as caller:
            assert caller.post(inside.origin, allow_redirects=True, timeout=2).status_code == 307
            assert caller.get(inside.origin, timeout=2).status_code == 307
        assert target.asked == []


def test_a_name_with_one_private_address_among_public_ones_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def resolve(_host: str, _port: int, **_more: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.1", "8.8.8.8")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(requests.ConnectionError), outgoing.session() as caller:
        caller.post(f"https://mixed.example:{port}/", timeout=2)
    listening.settimeout(0.1)
    with listening, pytest.raises(TimeoutError):
        listening.accept()


def test_a_name_is_asked_for_once_and_its_answer_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name is resolved once, so a second, private answer is never used."""
    asked: list[str] = []
    connected: list[Any] = []

    def resolve(host: str, port: int, **_more: object) -> list[Any]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "socket", Socket)
    with pytest.raises(requests.ConnectionError), outgoing.session() as caller:
        caller.post("https://rebinding.example/", timeout=2)
    assert asked == ["rebinding.example"]
    assert connected == [("8.8.8.8", 443)]


def test_proxies_of_the_environment_are_not_used(
    inside: Web, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        settings.OUTGOING_PRIVATE = [inside.origin]
        with outgoing.session() as caller:
            assert caller.post(inside.origin, timeout=2).status_code == 201
        assert proxy.asked == []


def test_whatever_leaves_goes_through_it() -> None:
    """No module of the product opens an outgoing connection directly."""
    doors = {"requests", "urllib.request", "http.client", "httpx", "aiohttp", "urllib3", "imaplib", "imap_tools"}
    through = {
        "solidarity/lib/http/outgoing.py",
        "volunteers/people/notifications/push.py",
        "solidarity/lib/sms_gateways/gateway.py",
    }
    # Downloads from addresses that only the settings or the command line can name.
    downloads = {
        "needs/messages/channels/mail/mailboxes.py",
        "volunteers/places/commune_borders/commune_download.py",
        "volunteers/places/basemap/byte_sources.py",
        "volunteers/places/basemap/installation.py",
    }
    away = (
        "solidarity/local/",
        "solidarity/ops/bench/",
        "solidarity/ops/chaos/",
    )  # commands for the local machine, the benchmark, the chaos test
    found = set()
    for app in ("mapping", "needs", "volunteers", "solidarity"):
        for path in (ROOT / app).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if name.startswith(away):
                continue
            text = path.read_text()
            if not any(door in text for door in doors):
                continue
            for node in ast.walk(ast.parse(text)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(each == door or each.startswith(f"{door}.") for each in names for door in doors):
                    found.add(name)
    assert found <= through | downloads
    for name in through - {"solidarity/lib/http/outgoing.py"}:
        text = (ROOT / name).read_text()
        assert "outgoing.session()" in text
        assert "requests.post(" not in text and "requests.get(" not in text
