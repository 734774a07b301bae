"""Erasure of a contact, a report or an account on request. A report's weight on the map is subtracted exactly.

Each erasure is recorded as a keyed digest of the id, in the database and in a file outside it, before its transaction
commits. If erased data come back (by a restored older dump, an imported old export, or a repeated upload from a phone),
the retention run erases them again (:func:`erase_again`).
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
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.doors.retention import report_deletion
from needs.enums import CommitmentState, OutcomeReason, ReportKind
from needs.help.commitments import ending
from needs.models import (
    REPORT_MODELS,
    Aid,
    Commitment,
    Correspondent,
    Encounter,
    Erasure,
    Need,
    ReporterAddress,
    TourCell,
)
from needs.neighbours.loans import loan_endings
from needs.reports import filing
from volunteers.enums import Topic
from volunteers.models import Association, Membership, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify

CONTACT, ADDRESS, CORRESPONDENT, ACCOUNT = "contact", "reporter_address", "correspondent", "account"
NAMES = {
    ReportKind.TOUR: "tour",
    ReportKind.ENCOUNTER: "encounter",
    ReportKind.CITIZEN_REPORT: "citizen_report",
    ReportKind.NEED: "need",
    ReportKind.AID: "aid",
}


class LastAdministrator(Exception):
    """The only administrator cannot be deleted, because nobody could then give access to others."""


# --- verbs -----------------------------------------------------------------------------------------------------------


def erase_contact(need: uuid.UUID, *, by: User | None, by_owner: bool) -> bool:
    """Delete a reporter's contact, the addresses for news, and the numbers or addresses from which the need was reported
    with all their messages; keep the report. Return False if there are none."""
    with transaction.atomic():
        row = Need.objects.select_for_update(of=("self",)).get(pk=need)
        if not has_contact(row):
            return False
        record_erasure(CONTACT, need, by_owner=by_owner)
        row.contact = None
        row.save(update_fields=["contact"])
        for address in ReporterAddress.objects.filter(need=need):
            record_erasure(ADDRESS, address.pk, by_owner=by_owner)
            address.delete()
        for person in Correspondent.objects.filter(dialogues__need=need).distinct():
            record_erasure(CORRESPONDENT, person.pk, by_owner=by_owner)
            person.delete()
        recording.record(by, Verb.DATA_ERASED, CONTACT, need, purpose=Purpose.RIGHTS)
    return True


def has_contact(need: Need) -> bool:
    """Return whether a need has a contact, an address to which news is sent, or was reported by message."""
    rows = ReporterAddress.objects.filter(need=need), Correspondent.objects.filter(dialogues__need=need)
    return need.contact is not None or any(each.exists() for each in rows)


def erase_report(kind: ReportKind, report: uuid.UUID, *, by: User | None, by_owner: bool) -> int:
    """Delete a report with everything that belongs to it: the encounters of a tour, the needs of an encounter.

    Return the number of deleted reports, 0 for an unknown report. Afterwards, their evidence is subtracted exactly.
    """
    with transaction.atomic():
        if not REPORT_MODELS[kind].objects.filter(pk=report).exists():
            return 0
        record_erasure(NAMES[kind], report, by_owner=by_owner)
        number = retract_and_delete(report_deletion.with_what_belongs_to({kind: [report]}))
        recording.record(by, Verb.DATA_ERASED, NAMES[kind], report, purpose=Purpose.RIGHTS, details={"reports": number})
    return number


def retract_and_delete(reports: report_deletion.Reports) -> int:
    """Retract reports, so that their evidence is subtracted, and delete them in the caller's transaction.

    Return the number of deleted reports.
    """
    for kind in (ReportKind.NEED, ReportKind.ENCOUNTER, ReportKind.TOUR, ReportKind.CITIZEN_REPORT, ReportKind.AID):
        if keys := reports.get(kind):
            filing.retract_all(kind, keys)
    needs = reports.get(ReportKind.NEED, [])
    _notify_holders(needs)
    # The aid stays on record for the helper, without the exact place of the erased need.
    Aid.objects.filter(need__in=needs).update(point=None, fine_cell=None)
    cells = _cells_in_open_tours(reports.get(ReportKind.ENCOUNTER, []))
    number = report_deletion.delete(reports)
    _remove_from_open_tours(cells)
    return number


def erase_account(user: User, *, by: User | None = None, again: bool = False) -> None:
    """Delete an account with all its own data, after withdrawing its commitments.

    Reports for an association stay there, without an author. Reports without an association stay under a pseudonym. by:
    the administrator who deletes the account; None if the owner does. again: if True, this call repeats an earlier
    erasure. Raises LastAdministrator.
    """
    with transaction.atomic():
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
        if user.is_administrator and not others.exists():
            raise LastAdministrator
        record_erasure(ACCOUNT, user.key, by_owner=by is None and not again)
        for held in Commitment.objects.held_by(user, timezone.now()).values_list("pk", flat=True):
            ending.withdraw(held, user, OutcomeReason.OTHER)
        Commitment.objects.active().filter(volunteer=user).delete()
        key = user.key
        loan_endings.tell_before_erasure(user)
        for session in user.usersession_set.all():  # type: ignore[attr-defined]
            session.end()
        user.delete()
        recording.record(by, Verb.DATA_ERASED, ACCOUNT, key, purpose=Purpose.RIGHTS)


def associations_without_other_dispatcher(user: User) -> list[Association]:
    """Return the associations that have this person as their only dispatcher."""
    others = Membership.objects.dispatching().filter(association=OuterRef("association")).exclude(user=user)
    alone = Membership.objects.dispatching().filter(~Exists(others), user=user).select_related("association")
    return [membership.association for membership in alone]


def _notify_holders(needs: Iterable[uuid.UUID]) -> None:
    """Notify the volunteers who hold an erased need that they no longer need to go."""
    held = Commitment.objects.filter(need__in=list(needs), state=CommitmentState.ACTIVE).select_related("volunteer")
    for own in held:
        notify(
            [own.volunteer],
            Topic.COMMITMENT,
            f"commitment:erased:{own.pk}",
            lambda: Message(
                _("You do not need to go any more"),
                _("The report of a need that you took was erased on request. Thank you for your commitment."),
                path=reverse("needs:open_needs"),
            ),
        )


def _cells_in_open_tours(encounters: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, int]]:
    rows = Encounter.objects.filter(pk__in=list(encounters), tour__ended_at=None).exclude(tour=None).exclude(cell=None)
    return {(tour, cell) for tour, cell in rows.values_list("tour", "cell") if tour and cell}


def _remove_from_open_tours(cells: set[tuple[uuid.UUID, int]]) -> None:
    """Remove from a running tour the cells that only an erased encounter had added.

    A finished tour keeps such cells, because its own record shows that the team was there.
    """
    for tour, cell in cells:
        if not Encounter.objects.filter(tour=tour, cell=cell, retracted_at=None).exists():
            TourCell.objects.filter(tour=tour, cell=cell, minutes=None).delete()


# --- the record ------------------------------------------------------------------------------------------------------


def digest(kind: str, key: uuid.UUID) -> str:
    """Return the keyed digest of an id. Without the secret key, the digest reveals nothing."""
    return hmac.new(f"{settings.SECRET_KEY}:erasure".encode(), f"{kind}:{key}".encode(), hashlib.sha256).hexdigest()


def record_erasure(kind: str, key: uuid.UUID, *, by_owner: bool) -> None:
    """Record an erasure, first in the file: if the transaction fails, the next retention run erases the data.

    Raises OSError if the file cannot be written; then nothing is erased.
    """
    key_digest = digest(kind, key)
    if Erasure.objects.filter(kind=kind, digest=key_digest).exists() and key_digest in _recorded().get(kind, ()):
        return
    now = timezone.now()
    line = json.dumps({"at": now.isoformat(timespec="seconds"), "kind": kind, "digest": key_digest})
    settings.ERASURES_FILE.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.ERASURES_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())  # write only once, so that the lines of two processes do not mix
        os.fsync(handle)
    finally:
        os.close(handle)
    Erasure.objects.bulk_create(
        [Erasure(kind=kind, digest=key_digest, at=now, by_owner=by_owner)], ignore_conflicts=True
    )


def _lines() -> Iterator[dict[str, Any]]:
    if settings.ERASURES_FILE.is_file():
        with settings.ERASURES_FILE.open(encoding="utf-8") as file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:  # a power failure has cut off this line
                    continue
                if isinstance(record, dict) and {"at", "kind", "digest"} <= record.keys():
                    yield record


def _recorded() -> dict[str, set[str]]:
    """Return the recorded digests by kind, from the file and the database."""
    found: dict[str, set[str]] = {}
    for line in _lines():
        found.setdefault(str(line["kind"]), set()).add(str(line["digest"]))
    for kind, key_digest in Erasure.objects.values_list("kind", "digest"):
        found.setdefault(kind, set()).add(key_digest)
    return found


def import_erasure_file() -> int:
    """Store the file's lines that a restored database lacks; return their number."""
    known = set(Erasure.objects.values_list("kind", "digest"))
    missing = [line for line in _lines() if (line["kind"], line["digest"]) not in known]
    Erasure.objects.bulk_create(
        [Erasure(kind=line["kind"], digest=line["digest"], at=datetime.fromisoformat(line["at"])) for line in missing],
        ignore_conflicts=True,
    )
    return len(missing)


# --- repetition ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Eraser:
    """How to erase data of one kind. ids: function that returns the ids of all existing rows."""

    ids: Callable[[], Iterable[uuid.UUID]]
    erase: Callable[[uuid.UUID], Any]


def _report(kind: ReportKind) -> Eraser:
    return Eraser(
        lambda: REPORT_MODELS[kind].objects.values_list("pk", flat=True).iterator(),
        lambda key: erase_report(kind, key, by=None, by_owner=False),
    )


ERASERS: dict[str, Eraser] = {
    **{name: _report(kind) for kind, name in NAMES.items()},
    CONTACT: Eraser(
        lambda: Need.objects.exclude(contact=None).values_list("pk", flat=True).iterator(),
        lambda key: erase_contact(key, by=None, by_owner=False),
    ),
    ADDRESS: Eraser(
        lambda: ReporterAddress.objects.values_list("pk", flat=True).iterator(),
        lambda key: ReporterAddress.objects.filter(pk=key).delete(),
    ),
    CORRESPONDENT: Eraser(
        lambda: Correspondent.objects.values_list("pk", flat=True).iterator(),
        lambda key: Correspondent.objects.filter(pk=key).delete(),
    ),
    ACCOUNT: Eraser(
        lambda: User.objects.values_list("key", flat=True).iterator(),
        lambda key: erase_account(User.objects.get(key=key), again=True),
    ),
}
"""Erasers by kind; apps that depend on this one add their own."""


def erased_but_present() -> list[tuple[str, uuid.UUID]]:
    """Return (kind, id) of data that was erased but exists again."""
    found = []
    for kind, digests in _recorded().items():
        eraser = ERASERS.get(kind)
        if eraser is not None:
            found += [(kind, key) for key in eraser.ids() if digest(kind, key) in digests]
    return found


def erase_again() -> int:
    """Erase data that exist again after their erasure; return the number of erased items."""
    found = erased_but_present()
    for kind, key in found:
        ERASERS[kind].erase(key)
    return len(found)
