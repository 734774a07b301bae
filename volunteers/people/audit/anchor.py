"""The end of the hash chain, stored in a file outside the database. With this file, verification detects that entries
were cut off the end of the log.

Each server has its own file. The file names an entry by its hash, and the log must still contain this entry.
"""

import fcntl
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from volunteers.people.audit import chain
from volunteers.people.audit.models import AuditEntry

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last entry that is recorded in the file. whole: whether its seal is valid; False if the file was edited."""

    seq: int
    hash: str
    whole: bool = True


def read() -> Anchor | None:
    """Return the anchor of the file, or None without a file."""
    path = Path(settings.AUDIT_ANCHOR)
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        seq, hash, seal = int(said["seq"]), str(said["hash"]), str(said["seal"])
    except (ValueError, KeyError, TypeError):
        return Anchor(0, "", whole=False)
    return Anchor(seq, hash, whole=chain.same(seal, chain.seal(seq, hash)))


def advance(seq: int, hash: str) -> None:
    """Move the anchor to a newer entry. If the log does not contain the old entry, leave the anchor unchanged, so that
    verify_audit reports the loss."""
    path = Path(settings.AUDIT_ANCHOR)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        before = read()
        if before is not None and (not before.whole or not meets(before)):
            log.error("the audit log no longer meets its anchor: run verify_audit")
            return
        if before is None or before.seq < seq:
            write(seq, hash)


def meets(claim: Anchor) -> bool:
    """Return whether the log contains the entry that an anchor names."""
    return AuditEntry.objects.filter(seq=claim.seq, hash=claim.hash).exists()


def write(seq: int, hash: str) -> None:
    """Replace the anchor unconditionally, in a file that only its owner can read."""
    path = Path(settings.AUDIT_ANCHOR)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"seq": seq, "hash": hash, "seal": chain.seal(seq, hash)}, file)
    fresh.replace(path)
