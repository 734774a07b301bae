"""Requests to external hosts: public addresses only, without redirects.

The connection uses the very address that was checked, which defeats DNS rebinding (a name that soon resolves to another
address). Proxies from the environment are ignored, because they would resolve the name themselves.
"""

import ipaddress
import logging
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

log = logging.getLogger(__name__)

# IPv6 networks whose addresses contain an IPv4 address in the last 32 bits.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))


class NotPublic(requests.exceptions.InvalidURL):
    """A forbidden address. Only public addresses with https, and addresses in settings.OUTGOING_PRIVATE, are
    allowed."""


def is_public(address: str) -> bool:
    """Return whether an IP address is public: not loopback, private, link-local, shared or multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def is_allowed_private(url: str) -> bool:
    """Return whether settings.OUTGOING_PRIVATE lists this origin, for example ``http://10.0.0.5:8080``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" in settings.OUTGOING_PRIVATE


def session() -> requests.Session:
    """Return a session for external requests. A request raises NotPublic before it is sent, or RequestException."""
    return _Session()


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self._anywhere, self._public = HTTPAdapter(), _PublicAdapter()

    def get_adapter(self, url: str | bytes) -> HTTPAdapter:
        address = url if isinstance(url, str) else url.decode()
        if is_allowed_private(address):
            return self._anywhere
        if urlsplit(address).scheme != "https":
            raise NotPublic("only https addresses are called")
        return self._public

    def request(self, method: Any, url: Any, *arguments: Any, **more: Any) -> requests.Response:
        return super().request(method, url, *arguments, **(more | {"allow_redirects": False}))


def _connect(connection: HTTPConnection) -> socket.socket:
    """Connect to one of the host's addresses, if all of them are public."""
    host, port = connection.host, connection.port or connection.default_port
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    if not all(is_public(str(address[0])) for _family, _kind, _protocol, _name, address in found):
        log.warning("a webhook leads to an address that is not public: it is not called (SOLIDARITY_OUTGOING_PRIVATE)")
        raise NewConnectionError(connection, "not a public address")
    problem: OSError | None = None
    for family, kind, protocol, _name, address in found:
        opened = socket.socket(family, kind, protocol)
        try:
            for option in connection.socket_options or ():
                opened.setsockopt(*option)
            if isinstance(connection.timeout, int | float):
                opened.settimeout(connection.timeout)
            opened.connect(address)
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "it did not answer in time") from problem
    raise NewConnectionError(connection, "it cannot be reached") from problem


class _PublicHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PublicHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        connections, size = (*arguments, 1, 1)[:2]
        self.poolmanager = PoolManager(num_pools=connections, maxsize=size, block=bool(more.get("block")))
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
