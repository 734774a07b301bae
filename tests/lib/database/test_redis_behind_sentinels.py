"""A Redis with a password, which the cache finds by asking a sentinel, as Celery does."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.connection import Connection

from solidarity.lib.database.redis_cache import RedisCache
from solidarity.local.services import redis
from solidarity.ops.ports import free_port
from solidarity.settings import CELERY_BROKER_TRANSPORT_OPTIONS
from tests.conftest import until

PASSWORD = "a pass:word"
IN_ADDRESSES = "a%20pass%3Aword"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a sentinel that knows a Redis with a password, in database 3."""
    program, port, sentinel = redis.server_program(), free_port(), free_port()
    assert program is not None
    (tmp_path / "redis.conf").write_text(
        f'bind 127.0.0.1\nport {port}\nsave ""\nappendonly no\nrequirepass "{PASSWORD}"\ndir {tmp_path}\n'
    )
    (tmp_path / "sentinel.conf").write_text(
        f"bind 127.0.0.1\nport {sentinel}\nsentinel monitor solidarity 127.0.0.1 {port} 1\n"
        f'sentinel auth-pass solidarity "{PASSWORD}"\ndir {tmp_path}\n'
    )
    children = [
        subprocess.Popen(
            ["redis-server", str(tmp_path / name), *more], executable=program, stdout=subprocess.DEVNULL, cwd=tmp_path
        )
        for name, more in (("redis.conf", []), ("sentinel.conf", ["--sentinel"]))
    ]
    try:
        for each in (port, sentinel):
            until(lambda each=each: accepts(each), 20, "no answer")  # type: ignore[misc]
        yield f"sentinel://:{IN_ADDRESSES}@127.0.0.1:{sentinel}/3"
    finally:
        for child in children:
            child.terminate()
            child.wait()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_the_cache_and_celery_use_the_same_server_database_and_password(address: str) -> None:
    cache = RedisCache(address, {"KEY_PREFIX": "kept"})
    cache.set("word", "for a while", 60)
    assert cache.get("word") == "for a while"
    options = {**CELERY_BROKER_TRANSPORT_OPTIONS, "master_name": "solidarity"}
    connection = Connection(address, transport_options=options)  # type: ignore[no-untyped-call]
    with connection, connection.default_channel.conn_or_acquire() as client:  # type: ignore[attr-defined]
        assert client.keys("*kept*") == [b"kept:1:word"]
