"""PostgreSQL advisory locks by name, held until the transaction ends."""

import hashlib
from collections.abc import Iterable

from django.db import connection


def key_of(name: str) -> int:
    """Return the signed 64-bit lock number of a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


def lock(names: Iterable[str]) -> None:
    """Wait for the named locks. The locks are taken in a fixed order, so two transactions cannot deadlock."""
    with connection.cursor() as cursor:
        for key in sorted(key_of(name) for name in set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
