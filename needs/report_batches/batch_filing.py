"""Filing many reports in one transaction, with the rules of ``needs.reports.intake`` and few statements.

Each report is filed as if it came alone: the limits for anonymous filing in order, danger alarms, idempotence by id and
content hash, one outbox row each. A test compares the result with single filing.
"""

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from needs.crises.crisis_filing import EventOfReport
from needs.danger import alarms
from needs.enums import Channel, NeedState, ReportKind
from needs.models import DangerAlarm, Encounter, Need, NeedStep, TourCell
from needs.reports import filing, intake
from needs.reports.declarations import EncounterDraft, NeedDraft
from needs.reports.field_declarations import content_of
from needs.reports.filing import Filed
from needs.reports.intake import Sender
from needs.retention import pseudonyms
from needs.signals import Touch, evidence_changed
from solidarity.lib.database.bulk_insert import insert_new_rows
from solidarity.lib.database.idempotent_insert import InsertResult, content_hash
from solidarity.lib.site.emergency_gate import Danger

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Reports per transaction. A longer list is filed in several, so that no lock is held for long."""

type AnyDraft = EncounterDraft | NeedDraft
type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToFile:
    """A valid report. association: of an encounter. implied, gate: see ``intake``. event: of a report to an event."""

    draft: AnyDraft
    implied: Collection[str] = ("at",)
    association: int | None = None
    gate: Danger | None = None
    event: EventOfReport | None = None

    @property
    def model(self) -> type[Encounter] | type[Need]:
        return Encounter if isinstance(self.draft, EncounterDraft) else Need


class NotStored(Exception):
    """The database refused this report; the others of its list are stored."""


@dataclass(slots=True)
class _Chunk:
    """Reports of one transaction, each id once. rows: their columns, by (model, id)."""

    items: list[ToFile]
    rows: dict[tuple[type, uuid.UUID], Row] = field(default_factory=dict)
    new: set[tuple[type, uuid.UUID]] = field(default_factory=set)
    alarms: dict[uuid.UUID, DangerAlarm] = field(default_factory=dict)


def file_all(reports: Sequence[ToFile], sender: Sender, *, channel: str = Channel.WEB) -> list[Filed | NotStored]:
    """File reports of one sender; return the results in the same order.

    Of two reports with the same id, the first one counts and the second one is its repeat.
    """
    items = _from(sender, reports)
    found: list[Filed | NotStored] = []
    for start in range(0, len(items), MOST_AT_ONCE):
        chunk = items[start : start + MOST_AT_ONCE]
        try:
            found += _file(chunk, sender, channel)
        except (DataError, IntegrityError, ValueError):
            found += [_alone(each, sender, channel) for each in chunk]
    return found


def _alone(item: tuple[ToFile, bool], sender: Sender, channel: str) -> Filed | NotStored:
    try:
        [filed] = _file([item], sender, channel)
    except (DataError, IntegrityError, ValueError) as error:
        log.warning("a report of a batch was refused by the database: %s", type(error).__name__)
        return NotStored()
    return filed


def _from(sender: Sender, reports: Sequence[ToFile]) -> list[tuple[ToFile, bool]]:
    """Return the reports with the sender's pseudonym, and whether each need must wait for a moderator."""
    needs = any(isinstance(each.draft, NeedDraft) for each in reports)
    source = pseudonyms.pseudonym(sender.source, timezone.now()) if needs else ""
    limited = needs and not sender.trusted
    made = []
    for each in reports:
        held = False
        if isinstance(each.draft, NeedDraft):
            known = replace(each.draft, source=source, with_account=sender.user is not None)
            gate = each.gate
            if each.event is not None:
                gate = gate or alarms.unwell_today(known.kinds, known.urgency)
            each = replace(each, draft=known, gate=gate, implied=(*each.implied, "source", "with_account"))
            held = limited and intake.must_wait(known.id, device=sender.source, network=sender.network)
        made.append((each, held))
    return made


def _file(items: Sequence[tuple[ToFile, bool]], sender: Sender, channel: str) -> list[Filed]:
    first: dict[tuple[type, uuid.UUID], tuple[ToFile, bool]] = {}
    for each, held in items:
        first.setdefault((each.model, each.draft.id), (each, held))
    chunk = _Chunk([each for each, _held in first.values()])
    moment, author = timezone.now(), sender.user.pk if sender.user else None
    for number, (key, (each, held)) in enumerate(first.items()):
        extra = filing.Extra(channel, filed_at=moment + timedelta(microseconds=number))  # keeps the sender's order
        chunk.rows[key] = _row(each, held, author, extra)
    with transaction.atomic():
        _insert(chunk)
        _follow_up(chunk, sender)
    stored = _stored(chunk, items)
    counted: set[tuple[type, uuid.UUID]] = set()
    results = []
    for each, _held in items:
        key = (each.model, each.draft.id)
        results.append(_result(each, chunk, stored, first_time=key not in counted))
        counted.add(key)
    return results


def _row(item: ToFile, held: bool, author: int | None, extra: filing.Extra) -> Row:
    draft = item.draft
    if isinstance(draft, EncounterDraft):
        assert item.association is not None
        by = filing.Extra(filed_at=extra.filed_at)  # an encounter has no channel of its own
        return filing.encounter_row(draft, association=item.association, author=author, extra=by)
    event = item.event.crisis if item.event else None
    row = filing.need_row(draft, NeedState.HELD if held else NeedState.NEW, author=author, extra=extra)
    return row | {
        "crisis_id": event.pk if event else None,
        "crisis_category_id": item.event.category.pk if item.event and event else None,
    }


def _insert(chunk: _Chunk) -> None:
    """Insert the rows, ordered by id: two senders of the same reports never wait for each other in a circle."""
    for model in (Encounter, Need):
        rows = sorted((row for (kind, _id), row in chunk.rows.items() if kind is model), key=lambda row: row["id"])
        chunk.new |= {(model, key) for key in insert_new_rows(model, rows)}


def _follow_up(chunk: _Chunk, sender: Sender) -> None:
    """Store what belongs to new reports: cells of tours, first steps, alarms, rows of the outbox."""
    touches, steps, cells = [], [], {}
    for item in chunk.items:
        draft, key = item.draft, (item.model, item.draft.id)
        if key not in chunk.new:
            continue
        row = chunk.rows[key]
        alarm: DangerAlarm | None
        if isinstance(draft, EncounterDraft):
            alarm = alarms.raise_for_encounter(draft)
            if draft.tour is None:
                touches.append(Touch(ReportKind.ENCOUNTER, draft.id, None, row["cell"]))
            else:
                cells[draft.tour, row["cell"]] = TourCell(tour_id=draft.tour, cell=row["cell"], met_only=True)
                touches.append(Touch(ReportKind.TOUR, draft.tour, None, row["cell"]))
        else:
            alarm = alarms.raise_for_need(draft, item.gate, by_dispatcher=sender.dispatches)
            steps.append(NeedStep(need_id=draft.id, state=row["state"], at=row["state_at"]))
            if row["cell"] is not None and row["state"] != NeedState.HELD:
                touches.append(Touch(ReportKind.NEED, draft.id, None, row["cell"]))
        if alarm is not None:
            chunk.alarms[draft.id] = alarm
    TourCell.objects.bulk_create([cells[key] for key in sorted(cells)], ignore_conflicts=True)
    NeedStep.objects.bulk_create(steps)
    if touches:
        evidence_changed.send(sender=None, touches=touches)


# --- results -------------------------------------------------------------------------------------------------------


def _stored(chunk: _Chunk, items: Sequence[tuple[ToFile, bool]]) -> dict[tuple[type, uuid.UUID], Row]:
    """Return content hash and implied fields of the reports that were stored before, or occur twice."""
    repeated = chunk.rows.keys() - chunk.new
    if len(items) > len(chunk.items):
        repeated = set(chunk.rows)
    found: dict[tuple[type, uuid.UUID], Row] = {}
    fields: Mapping[type, tuple[str, ...]] = {Encounter: ("at",), Need: ("at", "source", "with_account")}
    for model in (Encounter, Need):
        ids = [key for kind, key in repeated if kind is model]
        if ids:
            rows: Any = model.objects.filter(pk__in=ids).values("pk", "content_hash", *fields[model])
            found |= {(model, row["pk"]): row for row in rows}
    return found


def _result(item: ToFile, chunk: _Chunk, stored: Mapping[Any, Row], *, first_time: bool) -> Filed:
    draft, key = item.draft, (item.model, item.draft.id)
    if key in chunk.new and first_time:
        row = chunk.rows[key]
        filed = Filed(draft.id, row["content_hash"], InsertResult.NEW, held=row.get("state") == NeedState.HELD)
        filed = intake.with_alarm(filed, chunk.alarms.get(draft.id))
    else:
        filed = _repeat(item, stored.get(key))
    return intake.with_age(filed, draft) if isinstance(draft, EncounterDraft) else filed


def _repeat(item: ToFile, there: Row | None) -> Filed:
    """Return SAME if the content is that of the stored report, apart from what the server had filled in."""
    hashed = content_hash(content_of(item.draft))
    if there is not None and hashed != there["content_hash"]:
        again = replace(item.draft, **{name: there[name] for name in item.implied})
        hashed = content_hash(content_of(again))
    same = there is not None and hashed == there["content_hash"]
    return Filed(item.draft.id, hashed, InsertResult.SAME if same else InsertResult.CONFLICT)
