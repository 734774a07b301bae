"""A granian server on a free port, and a plain HTTP/1.1 client with one persistent connection."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from solidarity.ops.ports import free_port, running
from volunteers.models import Membership, User
from volunteers.people.tokens import tokens

WORKERS, THREADS = 2, 4
RATES = (
    "SOLIDARITY_API_ANONYMOUS", "SOLIDARITY_API_ANONYMOUS_WRITES", "SOLIDARITY_API_ACCOUNT", "SOLIDARITY_API_ACCOUNT_WRITES",
    "SOLIDARITY_API_ANONYMOUS_REPORTS", "SOLIDARITY_API_ACCOUNT_REPORTS",
)  # fmt: skip
WITHOUT_LIMITS = dict.fromkeys(
    ("SOLIDARITY_ANONYMOUS_PER_HOUR", "SOLIDARITY_ANONYMOUS_PER_DAY", "SOLIDARITY_ANONYMOUS_PER_NETWORK_HOUR"),
    "1000000000",
)
"""Settings without limits for anonymous filing: no report waits for a moderator. The counters are still kept."""


@dataclass(frozen=True, slots=True)
class Server:
    port: int


def collect(folder: Path) -> None:
    """Collect the static files into a folder, as a deployment does. Raise RuntimeError with the message if one is missing."""
    environment = {**os.environ, **_static(folder)}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    done = subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"the static files could not be collected: {done.stderr[-2000:]}")


def _static(folder: Path | None) -> dict[str, str]:
    """Return the settings that serve collected files, or without a folder the source files."""
    if folder is None:
        return {"SOLIDARITY_STATIC_FROM_SOURCE": "1"}
    return {"SOLIDARITY_STATIC_FROM_SOURCE": "0", "SOLIDARITY_STATIC_ROOT": str(folder)}


@contextmanager
def granian(
    collected: Path | None = None,
    *,
    more: Mapping[str, str] | None = None,
    application: str = "solidarity.wsgi:application",
    processes: int = WORKERS,
) -> Iterator[Server]:
    """Serve the site with this process's database inside the block. collected: a folder filled by ``collect``; without
    it, static files come from their sources. more: further settings for the server. application: module and name of
    another application. processes: number of processes that serve it."""
    port = free_port()
    environment = {
        **os.environ,
        "SOLIDARITY_DB_NAME": str(connection.settings_dict["NAME"]),
        "SOLIDARITY_DEMO": "1",
        "SOLIDARITY_ALLOWED_HOSTS": "127.0.0.1",
        **_static(collected),
        **dict.fromkeys(
            RATES, "1000000000/s"
        ),  # no throttling; the limit stores the times of one second, about as many as usual
        **(more or {}),
    }
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(processes), "--blocking-threads", str(THREADS), "--log-level", "warning", "--no-access-log",
        application,
    ]  # fmt: skip

    def healthy() -> bool:
        with Connection(port) as client:
            return client.get("/health/")[0] == 200

    with running(command, healthy, env=environment, cwd=settings.ROOT):
        yield Server(port)


def session_of(user: User) -> str:
    """Return a session cookie's value for an account."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def token_of(user: User) -> str:
    """Return a new token of the API; delete the tokens of earlier runs."""
    tokens.revoke_all(user)
    return tokens.make(user, "bench", writes=True, days=7)[1]


def person(email: str, association: int | None = None, administrator: bool = False) -> User:
    """Return an account for the benchmark, created on first use."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, is_superuser=administrator, is_staff=administrator)
    if association is not None:
        Membership.objects.get_or_create(user=user, association_id=association)
    return user


class Connection:
    """A persistent connection to a port of this machine, or over a connected socket. The connection shares the cores with
    the server, so it does little work per request."""

    def __init__(self, to: int | socket.socket) -> None:
        if isinstance(to, socket.socket):
            self.socket = to
        else:
            self.socket = socket.create_connection(("127.0.0.1", to), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.socket.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, bytes]:
        """Return (status, head, body)."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        return self.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())

    def send(self, request: bytes) -> tuple[int, bytes, bytes]:
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.more()
        head, body = data.split(b"\r\n\r\n", 1)
        lower = head.lower()
        start = lower.find(b"content-length:")
        if start >= 0:
            length = int(lower[start + 15 :].split(b"\r\n", 1)[0])
            while len(body) < length:
                body += self.more()
        return int(head[9:12]), head, body

    def more(self) -> bytes:
        """Return the bytes that come next."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece
