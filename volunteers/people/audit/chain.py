"""The hash chain: the hash of each entry covers its content and the previous hash. Pure functions.

The hashes are HMAC-SHA256 with a key outside the database, so write access to the tables is not enough to forge a
chain.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

GENESIS = "0" * 64
FIELDS = ("seq", "at", "actor", "verb", "kind", "object", "scope", "purpose", "details")


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return FIELDS as canonical JSON: sorted keys, no spaces, datetimes in UTC to the microsecond."""
    plain = {name: _plain(content[name]) for name in FIELDS}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str | dict) else str(value)


def link(previous: str, content: Mapping[str, Any]) -> str:
    """Return the hash (64 hexadecimal digits) of an entry; ``previous`` is the hash of the entry before it."""
    return _mac(b"entry", previous.encode() + b"\n" + canonical(content))


def seal(seq: int, hash: str) -> str:
    """Return the seal over the end of the chain."""
    return _mac(b"head", f"{seq}:{hash}".encode())


def object_digest(kind: str, key: object) -> str:
    """Return 32 hexadecimal digits that identify an object without revealing its id."""
    return _mac(b"object", f"{kind}:{key}".encode())[:32]


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)


def _mac(label: bytes, content: bytes) -> str:
    key = hmac.new(settings.AUDIT_KEY.encode(), b"solidarity audit " + label, hashlib.sha256).digest()
    return hmac.new(key, content, hashlib.sha256).hexdigest()
