"""Import run: plan every row, store accepted rows in batches, write the ledger file."""

import csv
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from needs.base.records.declarations import DRAFTS, EncounterDraft, NeedDraft
from needs.base.records.field_declarations import content_of
from needs.enums import UNFINISHED_STATES, Channel, NeedState, Outcome, ReportKind
from needs.models import REPORT_MODELS, ImportRun, NeedStep
from needs.reports import filing
from needs.reports.danger import alarms
from needs.reports.importers.any_table.file_age import OLD
from needs.reports.importers.la311 import La311
from needs.reports.importers.profile import ImportContext, Profile
from needs.reports.importers.row_outcomes import Draft, Plan, Reason, UnusableRow, refused
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Row, Table, table_of
from needs.reports.importers.ushahidi2 import Ushahidi2
from needs.signals import Touch, evidence_changed
from solidarity.lib.database.idempotent_insert import content_hash, insert_new_rows
from solidarity.lib.field_encryption import encrypt
from solidarity.lib.files.formula_injection import neutral
from solidarity.lib.pii_check.messages import look

log = logging.getLogger(__name__)

PROFILES: dict[str, type[Profile]] = {profile.name: profile for profile in (La311, Ushahidi2)}
BATCH = 1000
RAISES_ALARMS = timedelta(hours=24)
"""Maximum age of an imported report whose danger words raise an alarm. For older ones, an alarm comes too late."""
_KIND_OF: dict[type, ReportKind] = {draft: kind for kind, draft in DRAFTS.items()}
_OWNED = (ReportKind.ENCOUNTER, ReportKind.AID)  # imported needs and citizens' reports have no association

_KNOWN = Reason("known", "This report was imported before. Nothing was changed.")
_TWICE = Reason("number_twice", "An earlier row of the file has this report with the same content.")
_OTHER = Reason("other_content", "This report is already stored with other content. The stored report was not changed.")
_BROKEN = "broken_row"


class AnyPlan(Protocol):
    """The outcome of a row of any kind of import.

    report: the id of the report or place made from the row, for the row log.
    """

    @property
    def outcome(self) -> Outcome: ...

    @property
    def reasons(self) -> tuple[Reason, ...]: ...

    @property
    def draft(self) -> Any: ...

    @property
    def report(self) -> uuid.UUID | None: ...


@dataclass(slots=True)
class Totals:
    """Numbers of rows by outcome, by reason code, and by the kind of personal data that their texts may contain.

    live: numbers of new needs: "needs" that dispatchers will see, "old" those among them that are history by their date,
    "recent" those that are stored as history although they are not.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    pii: Counter[str] = field(default_factory=Counter)
    live: Counter[str] = field(default_factory=Counter)

    def add(self, plan: AnyPlan) -> None:
        self.outcomes[str(plan.outcome)] += 1
        self.reasons.update(reason.code for reason in plan.reasons)
        if not isinstance(plan, Plan):
            return
        if isinstance(plan.draft, NeedDraft) and plan.outcome in (Outcome.ACCEPTED, Outcome.REPAIRED):
            self.pii.update({each.kind.value for text in (plan.draft.title, plan.draft.text) for each in look(text)})
            old = plan.draft.at < timezone.now() - OLD
            if plan.state in UNFINISHED_STATES:
                self.live.update(["needs", "old"] if old else ["needs"])
            elif plan.state == NeedState.EXPIRED and not old:
                self.live["recent"] += 1

    def of(self, outcome: Outcome) -> int:
        return self.outcomes[str(outcome)]

    @property
    def rows(self) -> int:
        return self.outcomes.total()


@dataclass(frozen=True, slots=True)
class Result:
    """A finished import. run: the record of the run, which a dry run does not store. ledger: path of the ledger
    file."""

    run: ImportRun
    totals: Totals
    ledger: Path

    @property
    def new(self) -> int:
        """The number of stored reports."""
        return 0 if self.run.dry_run else self.totals.of(Outcome.ACCEPTED) + self.totals.of(Outcome.REPAIRED)


def run(
    path: Path,
    profile: str,
    borders: Borders,
    *,
    association: Any,
    archive: bool = False,
    dry_run: bool = False,
    ledger: Path | None = None,
    time_zone: str = "",
) -> Result:
    """Import a file. A dry run plans every row and looks up known reports, but stores only the ledger file.

    Each batch and its outbox rows are one transaction: an interrupted import has stored complete batches, and can be
    repeated. Raises Unreadable if the file does not fit the profile.
    """
    kind = PROFILES[profile]
    table = table_of(path, kind.columns)
    zone = ZoneInfo(time_zone or kind.time_zone)
    planner = kind(ImportContext(borders, association.slug, archive, timezone.now(), zone))
    record = record_of(profile, path.name, table, association, archive=archive, dry_run=dry_run)
    if not dry_run:
        record.save()
    return run_table(table, planner, record, ledger or ledger_path(record, path))


def record_of(
    profile: str, file_name: str, table: Table, association: Any, *, archive: bool, dry_run: bool
) -> ImportRun:
    """Return the record of a starting import, not yet saved."""
    return ImportRun(
        profile=profile,
        file_name=file_name[:200],
        file_hash=table.digest,
        association=association,
        dry_run=dry_run,
        archive=archive,
    )


def run_table(
    table: Table,
    planner: Profile,
    record: ImportRun,
    ledger: Path,
    *,
    progress: Callable[[int], None] | None = None,
    say: Callable[[Reason], str] = str,
) -> Result:
    """Import a table with the planner of its profile. record: the record of the run, which is saved unless it is a dry
    run.

    progress: function that is called after each batch with the number of rows. say: function that returns the text of a
    reason in the ledger file.
    """
    planner.survey(table.rows())
    totals = Totals()
    extra = filing.Extra(channel=Channel.IMPORT, archive=record.archive, run_id=record.pk)
    with ledger_writer(ledger, say) as write:
        for batch in _batches(table, planner):
            decided = _known_of(batch) if record.dry_run else _store(batch, extra, record.association_id)
            for number, plan in decided:
                totals.add(plan)
                write(number, plan)
            if progress is not None:
                progress(totals.rows)
    _finish(record, totals, table, planner)
    return Result(record, totals, ledger)


Batch = list[tuple[int, Plan]]


def _batches(table: Table, planner: Profile) -> Iterator[Batch]:
    rows = table.rows()
    while chunk := list(islice(rows, BATCH)):
        yield [(row.number, plan_row(planner, row)) for row in chunk]


def plan_row(planner: Profile, row: Row) -> Plan:
    """Return the plan of a row; refuse the row if it cannot be planned."""
    if row.values is None:
        return refused(Reason(_BROKEN, f"The row cannot be read as a row of the table: {row.fault}."))
    try:
        return planner.plan(row)
    except UnusableRow as fault:
        return refused(fault.reason)
    except (ValueError, TypeError, KeyError, OverflowError, ArithmeticError) as error:
        log.warning("Row %d could not be planned: %s", row.number, type(error).__name__)
        return refused(Reason(_BROKEN, f"The row cannot be understood ({type(error).__name__})."))


# --- storing -------------------------------------------------------------------------------------------------------


def _store(batch: Batch, extra: filing.Extra, association: int | None) -> Batch:
    """Store a batch in one transaction, or row by row if the database refuses the batch."""
    try:
        with transaction.atomic():
            return _insert(batch, extra, association)
    except (DatabaseError, ValueError):
        decided: Batch = []
        for item in batch:
            try:
                with transaction.atomic():
                    decided.extend(_insert([item], extra, association))
            except (DatabaseError, ValueError) as error:
                reason = Reason("not_stored", f"The database refused the row ({type(error).__name__}).")
                decided.append((item[0], refused(reason)))
        return decided


def _insert(batch: Batch, extra: filing.Extra, association: int | None) -> Batch:
    first: dict[uuid.UUID, tuple[int, Plan, dict[str, Any]]] = {}
    for number, plan in batch:
        if plan.draft is not None and plan.draft.id not in first:
            first[plan.draft.id] = (number, plan, row_of(plan.draft, plan.state, extra))
    by_kind: dict[ReportKind, list[dict[str, Any]]] = {}
    for _number, plan, row in first.values():
        kind = _KIND_OF[type(plan.draft)]
        if kind in _OWNED:
            row["association_id"] = association
        by_kind.setdefault(kind, []).append(row)
    new: set[uuid.UUID] = set()
    for kind, rows in by_kind.items():
        new |= insert_new_rows(REPORT_MODELS[kind], rows)
    NeedStep.objects.bulk_create(
        NeedStep(need_id=row["id"], state=row["state"], at=row["state_at"])
        for row in by_kind.get(ReportKind.NEED, ())
        if row["id"] in new
    )
    if not extra.archive:
        _raise_alarms(plan.draft for _number, plan, _row in first.values() if plan.draft and plan.draft.id in new)
    touches = [
        touch for kind, rows in by_kind.items() for row in rows if row["id"] in new and (touch := _touch_of(kind, row))
    ]
    if touches:
        evidence_changed.send(sender=None, touches=touches)
    new_rows = {key: number for key, (number, _plan, _row) in first.items() if key in new}
    return _outcomes(batch, new_rows)


def _raise_alarms(drafts: Iterable[Draft]) -> None:
    """Raise the alarms of new needs and encounters that happened lately, in the transaction that stores them."""
    since = timezone.now() - RAISES_ALARMS
    for draft in drafts:
        if draft.at < since:
            continue
        if isinstance(draft, NeedDraft) and (found := alarms.found_in_need(draft, None, by_dispatcher=bool)):
            alarms.raise_for(found, need_id=draft.id)
        elif isinstance(draft, EncounterDraft) and (found := alarms.found_in_encounter(draft)):
            alarms.raise_for(found, encounter_id=draft.id)


def _touch_of(kind: ReportKind, row: dict[str, Any]) -> Touch | None:
    if row["cell"] is None or row.get("state") == NeedState.HELD:
        return None
    return Touch(kind, row["id"], None, row["cell"])


def row_of(draft: Draft, state: str, extra: filing.Extra) -> dict[str, Any]:
    """Return the columns of a draft, as :mod:`needs.reports.filing` stores them, without the association."""
    row = filing.columns_of(draft, extra)
    if isinstance(draft, EncounterDraft):
        contacts = draft.contacts if draft.contacts is not None else (draft.persons if draft.given else 0)
        row |= {"contacts": contacts, "answers": "{}", "answers_in_words": "{}"}
    elif isinstance(draft, NeedDraft):
        row |= {
            "contact": encrypt(draft.contact) if draft.contact else None,
            "follow_hash": filing.follow_hash(filing.follow_token(draft.id)),
            "state": str(state or NeedState.NEW),
            "state_at": row["filed_at"],
        }
    return row


def hash_of(draft: Draft) -> str:
    """Return the content hash of a draft, as :mod:`needs.reports.filing` computes it."""
    return content_hash(content_of(draft))


# --- known reports -------------------------------------------------------------------------------------------------


def _known_of(batch: Batch) -> Batch:
    """Return the outcomes that the rows would have if the batch were stored."""
    stored = _hashes(batch)
    new: dict[uuid.UUID, int] = {}
    for number, plan in batch:
        if plan.draft is not None and plan.draft.id not in stored:
            new.setdefault(plan.draft.id, number)
    return _outcomes(batch, new, stored)


def _hashes(batch: Batch) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    ids = {plan.draft.id for _number, plan in batch if plan.draft is not None}
    kinds = {_KIND_OF[type(plan.draft)] for _number, plan in batch if plan.draft is not None}
    for model in (REPORT_MODELS[kind] for kind in kinds):
        found |= dict(model._default_manager.filter(pk__in=ids).values_list("pk", "content_hash"))
    return found


def _outcomes(batch: Batch, new: dict[uuid.UUID, int], stored: dict[uuid.UUID, str] | None = None) -> Batch:
    """Return the rows with their outcome: new, known, or known with other content.

    new: the number of the first row of each new report. stored: content hashes by report; if None, they are looked up.
    """
    old = any(plan.draft is not None and new.get(plan.draft.id) != number for number, plan in batch)
    hashes = _hashes(batch) if old and stored is None else dict(stored or {})
    for number, plan in batch:
        if plan.draft is not None and new.get(plan.draft.id) == number:
            hashes.setdefault(plan.draft.id, hash_of(plan.draft))
    decided: Batch = []
    for number, plan in batch:
        if plan.draft is None or new.get(plan.draft.id) == number:
            decided.append((number, plan))
        elif hashes.get(plan.draft.id) == hash_of(plan.draft):
            reason = _TWICE if plan.draft.id in new else _KNOWN
            decided.append((number, Plan(Outcome.KNOWN, (reason,), plan.draft)))
        else:
            decided.append((number, Plan(Outcome.REFUSED, (_OTHER,), plan.draft)))
    return decided


# --- the record ----------------------------------------------------------------------------------------------------


@contextmanager
def ledger_writer(path: Path, say: Callable[[Reason], str]) -> Iterator[Callable[[int, AnyPlan], None]]:
    """Open a ledger file: number, outcome, reasons and report id of each row, without the row's values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "outcome", "reasons", "report"))

        def write(number: int, plan: AnyPlan) -> None:
            reasons = neutral(" | ".join(say(reason) for reason in plan.reasons))
            writer.writerow([number, str(plan.outcome), reasons, plan.report or ""])

        yield write


def ledger_path(record: ImportRun, path: Path) -> Path:
    name = f"{record.pk:06d}" if record.pk else f"dry-run-{time.strftime('%Y%m%d-%H%M%S')}"
    return Path(settings.MEDIA_ROOT) / "imports" / f"{name}-{path.stem[:60]}.csv"


def _finish(record: ImportRun, totals: Totals, table: Table, planner: Profile) -> None:
    notes = {"encoding": table.encoding, "separator": table.separator, "pii": dict(totals.pii.most_common())}
    close_record(record, totals, {**notes, **planner.notes()})


def close_record(record: ImportRun, totals: Totals, notes: dict[str, Any]) -> None:
    """Write the numbers of a finished import into its record, and save it unless it was a dry run."""
    record.rows = totals.rows
    record.accepted, record.repaired = totals.of(Outcome.ACCEPTED), totals.of(Outcome.REPAIRED)
    record.refused, record.known = totals.of(Outcome.REFUSED), totals.of(Outcome.KNOWN)
    record.finished_at = timezone.now()
    record.notes = {"reasons": dict(totals.reasons.most_common()), **notes}
    if not record.dry_run:
        record.save()
