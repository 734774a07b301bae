"""Verification of the chain. The verification finds entries that were edited, deleted, moved or cut off."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from volunteers.people.audit import anchor, chain
from volunteers.people.audit.anchor import Anchor
from volunteers.people.audit.models import AuditEntry, AuditHead
from volunteers.people.audit.recording import record
from volunteers.people.audit.verbs import Purpose, Verb

MOST_FAULTS = 20


@dataclass(slots=True)
class Finding:
    """The result of a verification. entries: number of entries. seq, hash: number and hash of the last entry. faults:
    the faults found, in English for the command line."""

    entries: int = 0
    seq: int = 0
    hash: str = chain.GENESIS
    faults: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.faults


def verify(expected: Anchor | None = None) -> Finding:
    """Verify the whole log. expected: the end of the chain, as recorded elsewhere."""
    found = Finding()
    for fault in _walk(found):
        if len(found.faults) < MOST_FAULTS:
            found.faults.append(fault)
    found.faults += _end(found)
    for name, claim in (("the anchor in the state folder", anchor.read()), ("the end that was given", expected)):
        if claim is not None:
            found.faults += _claim(name, claim, found)
    return found


def _walk(found: Finding) -> Iterator[str]:
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=2000):
        if entry.seq != found.seq + 1:
            yield f"entries {found.seq + 1} to {entry.seq - 1} are missing"
        elif entry.previous != found.hash:
            yield f"entry {entry.seq} does not follow entry {found.seq}: moved, replaced or made elsewhere"
        content = {name: getattr(entry, name) for name in chain.FIELDS}
        if not chain.same(entry.hash, chain.link(entry.previous, content)):
            yield f"entry {entry.seq} was edited"
        found.entries, found.seq, found.hash = found.entries + 1, entry.seq, entry.hash


def _end(found: Finding) -> list[str]:
    head = AuditHead.objects.filter(pk=1).first()
    if head is None:
        return ["the end of the chain is not recorded"] if found.entries else []
    if not chain.same(head.seal, chain.seal(head.seq, head.hash)):
        return ["the recorded end of the chain was edited, or the key is another one"]
    return _claim("the recorded end of the chain", Anchor(head.seq, head.hash), found)


def _claim(name: str, claim: Anchor, found: Finding) -> list[str]:
    if not claim.whole:
        return [f"{name} was edited, or the key is another one"]
    if claim.seq > found.seq:
        return [f"the log ends at entry {found.seq}, {name} says {claim.seq}: it was cut short"]
    if claim.seq and not anchor.meets(claim):
        return [f"{name} knows another entry {claim.seq}: the log was replaced"]
    return []


def accept_restore() -> Finding:
    """Verify the log of a restored backup, record how many entries written after the backup are lost, and write a new
    anchor.

    If the restored log was edited, only report it.
    """
    found = Finding()
    found.faults = [*_walk(found), *_end(found)]
    if found.faults:
        return found
    was = anchor.read()
    lost = max(was.seq - found.seq, 0) if was is not None and was.whole else 0
    entry = record(
        None, Verb.RESTORED, "audit", purpose=Purpose.UPKEEP, details={"lost": lost, "anchored": was is not None}
    )
    anchor.write(entry.seq, entry.hash)
    found.entries, found.seq, found.hash = found.entries + 1, entry.seq, entry.hash
    return found
