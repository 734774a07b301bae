"""Writing to the audit log. An error here rolls back the transaction of the action, so no action stays unrecorded."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from solidarity.lib.database.advisory_locks import lock
from volunteers.people.audit import anchor, chain
from volunteers.people.audit.entry_policy import checked
from volunteers.people.audit.models import AuditEntry, AuditHead
from volunteers.people.audit.verbs import Purpose, Verb

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
        "scope": scope, "purpose": Purpose(purpose).value if purpose else "", "details": checked(details or {}),
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
