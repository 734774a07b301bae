"""Writing to the audit log. An error here rolls back the transaction of the action, so no action stays unrecorded."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from solidarity.lib.database.advisory_locks import lock
from volunteers.people.audit import anchor, chain
from volunteers.people.audit.models import AuditEntry, AuditHead
from volunteers.people.audit.verbs import Purpose, Verb

MOST_DETAILS = 12
_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _:/+.,-]{0,79}")
_IDENTIFYING = (
    "name", "mail", "phone", "contact", "address", "lat", "lng", "lon", "latitude", "longitude", "point", "place", "cell",
    "h3", "text", "title", "ip",
)  # fmt: skip
_DECIMALS = re.compile(r"\d\.\d{3,}")
_CELL = re.compile(r"\b8[0-9a-f]{14}\b")
_DIGITS = re.compile(r"(?:\d[ .-]?){9,}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+)?")


class ForbiddenDetail(ValueError):
    """A detail that could be a place, a name or a contact."""


def checked_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details, or raise ForbiddenDetail if one of them must not be stored for ever."""
    if len(details) > MOST_DETAILS:
        raise ForbiddenDetail(f"more than {MOST_DETAILS} details")
    return {key: _checked(key, value) for key, value in details.items()}


def _checked(key: str, value: Any) -> Any:
    if not _KEY.fullmatch(key) or any(part in _IDENTIFYING for part in key.split("_")):
        raise ForbiddenDetail(f"the key {key!r}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 10**9:  # an H3 cell or a telephone number is larger
        return int(value)
    if isinstance(value, str):
        text = str(value)
        rest = _DATE.sub("", text)
        if text == "" or (_CODE.fullmatch(text) and not any(bad.search(rest) for bad in (_DECIMALS, _CELL, _DIGITS))):
            return text
    raise ForbiddenDetail(f"the value of {key!r}")


LOCK = "audit"


def record(
    actor: Any, verb: Verb, kind: str, key: object = None, *, purpose: Purpose | str = "", scope: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:  # fmt: skip
    """Append an entry. Call it last in a transaction, because it holds a lock for which every other entry waits.

    actor: a User, or None for the platform. kind, key: the object; the key is stored as a digest. scope: short name of
    the territory whose coordinators can read the entry. details: further values, which are integers, booleans or short
    codes. Raise ForbiddenDetail (a ValueError) if a detail could be a place, a name or a contact.
    """
    content: dict[str, Any] = {
        "actor": getattr(actor, "key", None), "verb": Verb(verb).value, "kind": kind, "object": digest_of(kind, key),
        "scope": scope, "purpose": Purpose(purpose).value if purpose else "", "details": checked_details(details or {}),
    }  # fmt: skip
    with transaction.atomic():
        lock([LOCK])
        head = AuditHead.objects.filter(pk=1).first()
        content |= {"seq": head.seq + 1 if head else 1, "at": timezone.now()}
        previous = head.hash if head else chain.GENESIS
        entry = AuditEntry(**content, previous=previous, hash=chain.link(previous, content))
        entry.save(force_insert=True)
        end = AuditHead(pk=1, seq=entry.seq, hash=entry.hash, seal=chain.seal(entry.seq, entry.hash))
        AuditHead.objects.bulk_create(
            [end], update_conflicts=True, unique_fields=["id"], update_fields=["seq", "hash", "seal"]
        )

        def move_the_anchor() -> None:
            anchor.advance(entry.seq, entry.hash)

        transaction.on_commit(move_the_anchor, robust=True)
    return entry


def digest_of(kind: str, key: object) -> str:
    """Return the digest of an object in the log, empty without an object."""
    return "" if key is None else chain.object_digest(kind, key)
