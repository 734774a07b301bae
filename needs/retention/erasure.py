"""Erasing on request: a contact, a report, an account. What a report weighed on the map is subtracted exactly.

Each erasure is written down as a keyed digest of the id, in the database and in a file outside it, before it is committed:
after a restore, whose dump does not know of it, it is carried out again (:func:`again`, ``manage.py retention``), and so is
one whose report came back by another way (an old export read in, a telephone that sends once more).
"""

import hashlib
import hmac
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.commitments import ending
from needs.enums import CommitmentState, OutcomeReason, ReportKind
from needs.models import Aid, Commitment, Encounter, Erasure, Need, TourCell
from needs.reports import filing
from needs.retention import report_deletion
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.notifications.notifying import Message, tell

CONTACT, ACCOUNT = "contact", "account"
NAMES = {
    ReportKind.TOUR: "tour",
    ReportKind.ENCOUNTER: "encounter",
    ReportKind.CITIZEN_REPORT: "citizen_report",
    ReportKind.NEED: "need",
    ReportKind.AID: "aid",
}


class LastAdministrator(Exception):
    """The only administrator cannot go: nobody could let anybody in any more."""


# --- verbs -------------------------------------------------------------------------------------------------------------


def erase_contact(need: uuid.UUID, *, by: User | None, by_owner: bool) -> bool:
    """Delete a reporter's contact; the report stays. False when there was none."""
    with transaction.atomic():
        row = Need.objects.select_for_update(of=("self",)).get(pk=need)
        if row.contact is None:
            return False
        note(CONTACT, need, by_owner=by_owner)
        row.contact = None
        row.save(update_fields=["contact"])
        recording.record(by, Verb.DATA_ERASED, CONTACT, need, purpose=Purpose.RIGHTS)
    return True


def erase_report(kind: ReportKind, report: uuid.UUID, *, by: User | None, by_owner: bool) -> int:
    """Delete a report with all that hangs on it, and with what repeats it (a tour's encounters, an encounter's needs); how
    many reports it was. Its evidence is subtracted by the next fold, exactly; 0 when there is no such report.
    """
    with transaction.atomic():
        if not report_deletion.MODELS[kind].objects.filter(pk=report).exists():
            return 0
        note(NAMES[kind], report, by_owner=by_owner)
        number = subtract(report_deletion.with_what_belongs_to({kind: [report]}))
        recording.record(by, Verb.DATA_ERASED, NAMES[kind], report, purpose=Purpose.RIGHTS, details={"reports": number})
    return number


def subtract(gone: report_deletion.Reports) -> int:
    """Take reports back, so that the next fold subtracts them, and delete them; in the caller's transaction. How many."""
    for kind in (ReportKind.NEED, ReportKind.ENCOUNTER, ReportKind.TOUR, ReportKind.CITIZEN_REPORT, ReportKind.AID):
        for key in gone.get(kind, ()):
            filing.retract(kind, key, author=None)
    needs = gone.get(ReportKind.NEED, [])
    _end_promises(needs)
    # Help that was brought stays the helper's record, but not the exact place of what is erased.
    Aid.objects.filter(need__in=needs).update(point=None, fine_cell=None)
    cells = _cells_of_open_tours(gone.get(ReportKind.ENCOUNTER, []))
    number = report_deletion.delete(gone)
    _leave_open_tours(cells)
    return number


def erase_account(user: User, *, by: User | None = None, again: bool = False) -> None:
    """Delete an account with all that is the person's own. Reports stay the association's, without an author; what the
    person reported without an association stays under its pseudonym. Promises are given back first.

    by: who does it, None for the owner. Raises LastAdministrator.
    """
    with transaction.atomic():
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
        if user.is_administrator and not others.exists():
            raise LastAdministrator
        note(ACCOUNT, user.key, by_owner=by is None and not again)
        for held in Commitment.objects.held_by(user, timezone.now()).values_list("pk", flat=True):
            ending.withdraw(held, user, OutcomeReason.OTHER)
        Commitment.objects.active().filter(volunteer=user).delete()
        key = user.key
        _end_sessions(user)
        user.delete()
        recording.record(by, Verb.DATA_ERASED, ACCOUNT, key, purpose=Purpose.RIGHTS)


def _end_sessions(user: User) -> None:
    for session in user.usersession_set.all():  # type: ignore[attr-defined]
        session.end()


def _end_promises(needs: Iterable[uuid.UUID]) -> None:
    """Whoever holds a need that is erased is told that they need not go."""
    held = Commitment.objects.filter(need__in=list(needs), state=CommitmentState.ACTIVE).select_related("volunteer")
    for own in held:
        tell(
            [own.volunteer],
            Topic.COMMITMENT,
            f"commitment:erased:{own.pk}",
            lambda: Message(
                _("You do not need to go any more"),
                _("The report of a need that you took was erased on request. Thank you for your promise."),
                path=reverse("needs:open_needs"),
            ),
        )


def _cells_of_open_tours(encounters: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, int]]:
    rows = Encounter.objects.filter(pk__in=list(encounters), tour__ended_at=None).exclude(tour=None).exclude(cell=None)
    return {(tour, cell) for tour, cell in rows.values_list("tour", "cell") if tour and cell}


def _leave_open_tours(cells: set[tuple[uuid.UUID, int]]) -> None:
    """A cell that only an erased encounter had put into a tour that is still walked goes out of it again. Of a tour that is
    closed it stays: that they were there is the tour's own record."""
    for tour, cell in cells:
        if not Encounter.objects.filter(tour=tour, cell=cell, retracted_at=None).exists():
            TourCell.objects.filter(tour=tour, cell=cell, minutes=None).delete()


# --- the list ----------------------------------------------------------------------------------------------------------


def digest(kind: str, key: uuid.UUID) -> str:
    """What the list says of an id: nothing without the secret key."""
    return hmac.new(f"{settings.SECRET_KEY}:erasure".encode(), f"{kind}:{key}".encode(), hashlib.sha256).hexdigest()


def note(kind: str, key: uuid.UUID, *, by_owner: bool) -> None:
    """Write an erasure down, in the file first: should the transaction fail, it is carried out by the next night's run, as
    was asked for. Raises OSError when the file cannot be written: what cannot be written down is not done."""
    said = digest(kind, key)
    if Erasure.objects.filter(kind=kind, digest=said).exists() and said in _listed().get(kind, ()):
        return
    now = timezone.now()
    line = json.dumps({"at": now.isoformat(timespec="seconds"), "kind": kind, "digest": said})
    settings.ERASURES_FILE.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.ERASURES_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())  # one write: lines of two processes do not mix
        os.fsync(handle)
    finally:
        os.close(handle)
    Erasure.objects.bulk_create([Erasure(kind=kind, digest=said, at=now, by_owner=by_owner)], ignore_conflicts=True)


def _lines() -> Iterator[dict[str, Any]]:
    if settings.ERASURES_FILE.is_file():
        with settings.ERASURES_FILE.open(encoding="utf-8") as file:
            for line in file:
                try:
                    found = json.loads(line)
                except ValueError:  # a line that was cut off when the power went
                    continue
                if isinstance(found, dict) and {"at", "kind", "digest"} <= found.keys():
                    yield found


def _listed() -> dict[str, set[str]]:
    """Digests by kind, of the file and of the database."""
    found: dict[str, set[str]] = {}
    for line in _lines():
        found.setdefault(str(line["kind"]), set()).add(str(line["digest"]))
    for kind, said in Erasure.objects.values_list("kind", "digest"):
        found.setdefault(kind, set()).add(said)
    return found


def adopt() -> int:
    """Enter the lines of the file that the database does not know: it was restored. How many."""
    known = set(Erasure.objects.values_list("kind", "digest"))
    missing = [line for line in _lines() if (line["kind"], line["digest"]) not in known]
    Erasure.objects.bulk_create(
        [Erasure(kind=line["kind"], digest=line["digest"], at=datetime.fromisoformat(line["at"])) for line in missing],
        ignore_conflicts=True,
    )
    return len(missing)


# --- once more ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Eraser:
    """How one kind of the list is found and erased. ids: of all that is there."""

    ids: Callable[[], Iterable[uuid.UUID]]
    erase: Callable[[uuid.UUID], Any]


def _report(kind: ReportKind) -> Eraser:
    return Eraser(
        lambda: report_deletion.MODELS[kind].objects.values_list("pk", flat=True).iterator(),
        lambda key: erase_report(kind, key, by=None, by_owner=False),
    )


ERASERS: dict[str, Eraser] = {
    **{name: _report(kind) for kind, name in NAMES.items()},
    CONTACT: Eraser(
        lambda: Need.objects.exclude(contact=None).values_list("pk", flat=True).iterator(),
        lambda key: erase_contact(key, by=None, by_owner=False),
    ),
    ACCOUNT: Eraser(
        lambda: User.objects.values_list("key", flat=True).iterator(),
        lambda key: erase_account(User.objects.get(key=key), again=True),
    ),
}
"""The apps above add theirs."""


def came_back() -> list[tuple[str, uuid.UUID]]:
    """What stands on the list and is there all the same."""
    found = []
    for kind, said in _listed().items():
        eraser = ERASERS.get(kind)
        if eraser is not None:
            found += [(kind, key) for key in eraser.ids() if digest(kind, key) in said]
    return found


def again() -> int:
    """Erase once more what came back; how many it was."""
    found = came_back()
    for kind, key in found:
        ERASERS[kind].erase(key)
    return len(found)
