"""Storing reports, each in one transaction with its outbox row (docs/architecture.md).

Every function is idempotent. The caller chooses the id; a repeat changes nothing and returns SAME, or CONFLICT if its
content differs. Pages, the phone queue and the API call ``needs.reports.intake`` instead.
"""

import base64
import functools
import hashlib
import hmac
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import LineString
from django.db import transaction
from django.utils import timezone

from needs.base.records.declarations import (
    AidDraft,
    CellMinutes,
    DraftPlace,
    EncounterDraft,
    NeedDraft,
    PresenceDraft,
    TourDraft,
)
from needs.base.records.field_declarations import Draft, columns_by_field, content_of
from needs.base.records.time_per_cell import columns_of as columns_of_minutes
from needs.base.records.time_per_cell import minutes_per_cell
from needs.enums import Channel, NeedState, ReportKind, TourMode
from needs.models import REPORT_MODELS, Aid, CitizenReport, Encounter, Need, Retraction, Tour, TourCell
from needs.signals import Touch, evidence_changed, outbox, retraction_undone, tour_over
from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.idempotent_insert import InsertResult, as_json, content_hash, insert_of, insert_once
from solidarity.lib.field_encryption import encrypt

type Row = dict[str, Any]
type Key = tuple[type[Encounter] | type[Need], uuid.UUID]
"""A report: encounters and needs have ids of their own."""
type Shape = tuple[tuple[type[Encounter] | type[Need], tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """The result of filing. content_hash: the acknowledgement. warnings: sentences that the reporter must see.

    alarm: flags of the danger alarm that a new report raised; None without one. held: a new need waits for a moderator.
    shelter: a need for a place to sleep; its receipt begins with the number to call for one.
    """

    id: uuid.UUID
    content_hash: str
    stored: InsertResult
    warnings: tuple[str, ...] = ()
    alarm: tuple[str, ...] | None = None
    held: bool = False
    shelter: bool = False


@dataclass(frozen=True, slots=True)
class Extra:
    """How a report came in; the defaults are for the web form."""

    channel: str = Channel.WEB
    archive: bool = False
    run_id: int | None = None
    filed_at: datetime | None = None


WEB_FORM = Extra()


def columns_of(draft: Draft, extra: Extra = WEB_FORM) -> dict[str, Any]:
    """Return the columns of a draft: the common columns of reports, its plain fields and its links to other reports."""
    place: DraftPlace | None = getattr(draft, "place", None)
    row: dict[str, Any] = {
        "id": draft.id,
        "content_hash": content_hash(content_of(draft)),
        "at": draft.at,
        "filed_at": extra.filed_at or timezone.now(),
        "channel": str(extra.channel),
        "archive": extra.archive,
        "run_id": extra.run_id,
    }
    if not isinstance(draft, TourDraft):
        cell, fine = grid.cells_of(place.latitude, place.longitude) if place else (None, None)
        row |= {"point": place.ewkt if place else None, "fine_cell": fine, "cell": cell}
    for name, column in columns_by_field(type(draft)):
        row[column] = _column_value(getattr(draft, name))
    return row


def _column_value(value: Any) -> Any:
    """Return enumeration members as plain text, sequences as lists."""
    if isinstance(value, str):
        return str(value)
    return [str(each) for each in value] if isinstance(value, list | tuple) else value


def encounter_row(
    draft: EncounterDraft, *, association: int, author: int | None, extra: Extra = WEB_FORM
) -> dict[str, Any]:
    """Return the columns of an encounter."""
    contacts = draft.contacts if draft.contacts is not None else (draft.persons if draft.given else 0)
    return columns_of(draft, extra) | {
        "association_id": association,
        "author_id": author,
        "contacts": contacts,
        "question_set_id": draft.answers.of,
        "answers": json.dumps(draft.answers.chosen),
        "answers_in_words": json.dumps(draft.answers.words),
    }


def need_row(draft: NeedDraft, state: str, *, author: int | None, extra: Extra = WEB_FORM) -> dict[str, Any]:
    """Return the columns of a need whose first state is ``state``."""
    row = columns_of(draft, extra)
    return row | {
        "author_id": author,
        "contact": encrypt(draft.contact) if draft.contact else None,
        "follow_hash": follow_hash(follow_token(draft.id)),
        "state": str(state),
        "state_at": row["filed_at"],
    }


def _send(kind: ReportKind, report: uuid.UUID, old: int | None, new: int | None) -> None:
    evidence_changed.send(sender=None, touches=[Touch(kind, report, old, new)])


_RETURNED: Mapping[type, tuple[str, ...]] = {
    Encounter: ("id", "cell", "tour_id"),
    Need: ("id", "cell", "state", "state_at"),
}
_TOUCHES: Mapping[type, str] = {
    Encounter: f"SELECT CASE WHEN tour_id IS NULL THEN {ReportKind.ENCOUNTER:d} ELSE {ReportKind.TOUR:d} END,"
    " coalesce(tour_id, id), NULL::bigint, cell, now() FROM encounters",
    Need: f"SELECT {ReportKind.NEED:d}, id, NULL::bigint, cell, now() FROM needs"
    f" WHERE cell IS NOT NULL AND state <> '{NeedState.HELD}'",
}
_CELLS = """cells AS (INSERT INTO needs_tourcell (tour_id, cell, met_only)
    SELECT DISTINCT tour_id, cell, true FROM encounters WHERE tour_id IS NOT NULL ORDER BY tour_id, cell
    ON CONFLICT DO NOTHING)"""
_STEPS = """steps AS (INSERT INTO needs_needstep (need_id, before, state, at, by_reporter, reason, text)
    SELECT id, '', state, state_at, false, '', '' FROM needs)"""


def store(rows: Mapping[Key, Row]) -> set[Key]:
    """Insert encounters and needs whose id is new, with the rows that belong to them: cells of tours, first steps,
    outbox rows. Return the keys of the new ones. One statement does all of it, so it needs no transaction of its own.

    Rows are inserted in the order of their ids, so that two senders of the same reports never deadlock. For the same
    reason, the caller's transaction must not hold any lock that other senders wait for.
    """
    by_kind: dict[Any, list[Row]] = {
        model: sorted((row for (kind, _id), row in rows.items() if kind is model), key=lambda row: row["id"])
        for model in (Encounter, Need)
    }
    shape = tuple((model, tuple(some[0])) for model, some in by_kind.items() if some)
    on_tour = any(row["tour_id"] for row in by_kind[Encounter])
    values = [as_json(some) for some in by_kind.values() if some]
    found = prepared_statements.run(_store_statement(shape, on_tour, outbox.insert), values)
    if found:
        outbox.appended(row["cell"] for row in rows.values())
    return {(Encounter if is_encounter else Need, key) for is_encounter, key in found}


@functools.cache
def _store_statement(shape: Shape, on_tour: bool, into_outbox: str) -> str:
    """Return the SQL that stores reports; its parameters are the rows of each kind. shape: model and names of the columns
    of each kind."""
    names = {Encounter: "encounters", Need: "needs"}
    kinds = [model for model, _columns in shape]
    parts = [f"{names[model]} AS ({insert_of(model, columns, _RETURNED[model])})" for model, columns in shape]
    parts += [_CELLS] * on_tour + [_STEPS] * (Need in kinds)
    parts += [f"touched AS ({into_outbox}{' UNION ALL '.join(_TOUCHES[model] for model in kinds)})"] * bool(into_outbox)
    new = " UNION ALL ".join(f"SELECT {model is Encounter}, id FROM {names[model]}" for model in kinds)
    return prepared_statements.numbered(f"WITH {', '.join(parts)} {new}")


def report_presence(draft: PresenceDraft, *, extra: Extra = WEB_FORM) -> Filed:
    """Store a citizen's report of people seen."""
    row = columns_of(draft, extra)
    with transaction.atomic():
        stored = insert_once(CitizenReport, row)
        if stored is InsertResult.NEW:
            _send(ReportKind.CITIZEN_REPORT, draft.id, None, row["cell"])
    return Filed(draft.id, row["content_hash"], stored)


def log_aid(draft: AidDraft, *, association: int | None, author: int | None, extra: Extra = WEB_FORM) -> Filed:
    """Store help that reached people without an encounter."""
    row = columns_of(draft, extra) | {"association_id": association, "author_id": author}
    with transaction.atomic():
        stored = insert_once(Aid, row)
        if stored is InsertResult.NEW:
            _send(ReportKind.AID, draft.id, None, row["cell"])
    return Filed(draft.id, row["content_hash"], stored)


# --- tours ---------------------------------------------------------------------------------------------------------


def start_tour(
    *,
    association: int,
    author: int | None,
    at: datetime,
    mode: str = TourMode.FOOT,
    walkers: int = 2,
    id: uuid.UUID | None = None,
    extra: Extra = WEB_FORM,
) -> Filed:
    """Store a tour that is still open."""
    draft = TourDraft(at=at, mode=mode, walkers=walkers, id=id or uuid.uuid4())
    row = columns_of(draft, extra) | {
        "content_hash": content_hash({**content_of(draft), "association": association}),
        "association_id": association,
        "author_id": author,
    }
    with transaction.atomic():
        stored = insert_once(Tour, row)
    return Filed(draft.id, row["content_hash"], stored)


def close_tour(
    tour: Tour,
    *,
    ended_at: datetime | None,
    over_at: datetime | None = None,
    line: Sequence[tuple[float, float]] = (),
    cells: Mapping[int, CellMinutes] | Sequence[int] = (),
) -> Tour:
    """Close a tour and store the cells that it searched. Its evidence is computed again.

    line: (longitude, latitude) in degrees, drawn or tracked; each of its cells gets time by the length of the line in
    it. cells: ticked cells, with or without minutes, which may be those of several passes; without minutes, ticked cells
    and cells of encounters get equal shares of time. ended_at: None if no time was logged
    (docs/model.md). over_at: the end of such a tour.
    """
    with transaction.atomic():
        tour = Tour.objects.select_for_update().get(pk=tour.pk)
        met = list(tour.cells.values_list("cell", flat=True))
        minutes = minutes_per_cell(tour.at, ended_at, line, cells, met)
        searched = {*cells, *grid.cells_along(list(line))}
        for cell, spent in minutes.items():
            values = columns_of_minutes(spent) | ({"met_only": False} if cell in searched else {})
            TourCell.objects.update_or_create(tour=tour, cell=cell, defaults=values)
        tour.ended_at = ended_at or over_at or tour.at
        tour.line = LineString(list(line), srid=4326) if len(line) > 1 else None
        tour.save(update_fields=["ended_at", "line"])
        if minutes:
            _send(ReportKind.TOUR, tour.pk, None, None)
        tour_over.send(sender=None, tours=[tour.pk], plans=[])
    tour.refresh_from_db()
    return tour


# --- retraction ---------------------------------------------------------------------------------------------------


def retract(
    kind: ReportKind,
    report: uuid.UUID,
    *,
    author: int | None,
    reason: str = "",
    at: datetime | None = None,
    id: uuid.UUID | None = None,
) -> bool:
    """Retract a report, so that its evidence is subtracted exactly. Return False if it was already retracted.

    Raises the model's DoesNotExist for an unknown report.
    """
    moment = at or timezone.now()
    with transaction.atomic():
        row = REPORT_MODELS[kind].objects.select_for_update(of=("self",)).get(pk=report)
        if row.retracted_at is not None:
            return False
        row.retracted_at = moment
        row.save(update_fields=["retracted_at"])
        Retraction.objects.create(
            id=id or uuid.uuid4(), kind=kind, report=report, at=moment, author_id=author, reason=reason
        )
        evidence_changed.send(sender=None, touches=[_life(kind, row, counts=False)])
        if kind == ReportKind.TOUR:
            tour_over.send(sender=None, tours=[row.pk], plans=[])
    return True


def retract_all(kind: ReportKind, reports: Collection[uuid.UUID]) -> None:
    """Retract reports, as :func:`retract` does one by one. Reports that name no kind of help are retracted together.

    The others are retracted one by one, because a monthly count must drop if the report is the last one to name a kind.
    """
    model, moment = REPORT_MODELS[kind], timezone.now()
    with transaction.atomic():
        live = model._default_manager.select_for_update(of=("self",)).filter(pk__in=reports, retracted_at=None)
        rows: dict[bool, list[Any]] = {True: [], False: []}
        for row in live.order_by("pk"):
            rows[bool(getattr(row, "asked", None) or getattr(row, "kinds", None))].append(row)
        for row in rows[True]:
            retract(kind, row.pk, author=None)
        model._default_manager.filter(pk__in=[row.pk for row in rows[False]]).update(retracted_at=moment)
        Retraction.objects.bulk_create(Retraction(kind=kind, report=row.pk, at=moment) for row in rows[False])
        if rows[False]:
            evidence_changed.send(sender=None, touches=[_life(kind, row, counts=False) for row in rows[False]])
        if kind == ReportKind.TOUR:
            tour_over.send(sender=None, tours=[row.pk for row in rows[False]], plans=[])


def restore(retraction: uuid.UUID) -> bool:
    """Undo a retraction: the report counts again, as if never retracted.

    Return False if the retraction or the report no longer exists.
    """
    found = Retraction.objects.filter(pk=retraction).first()
    if found is None:
        return False
    kind = ReportKind(found.kind)
    with transaction.atomic():
        row = REPORT_MODELS[kind].objects.select_for_update(of=("self",)).filter(pk=found.report).first()
        if row is None or not Retraction.objects.filter(pk=retraction).exists():
            return False
        retraction_undone.send(sender=None, retraction=found)
        found.delete()
        row.retracted_at = None
        row.save(update_fields=["retracted_at"])
        evidence_changed.send(sender=None, touches=[_life(kind, row, counts=True)])
    return True


def _life(kind: ReportKind, row: Any, *, counts: bool) -> Touch:
    """Return the ``Touch`` for a report that starts or stops counting.

    For an encounter of a tour, the ``Touch`` names the tour.
    """
    cell = getattr(row, "cell", None)
    if kind == ReportKind.ENCOUNTER and row.tour_id:
        return Touch(ReportKind.TOUR, row.tour_id, cell, cell)
    return Touch(kind, row.pk, None, cell) if counts else Touch(kind, row.pk, cell, None)


# --- private links ------------------------------------------------------------------------------------------


def follow_token(need: uuid.UUID) -> str:
    """Return the token of a need's private follow-up link. It is derived from the secret key and never stored."""
    digest = hmac.new(f"{settings.SECRET_KEY}:follow".encode(), need.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def follow_hash(token: str) -> str:
    """Return the SHA-256 of a token, as ``Need.follow_hash`` stores it."""
    return hashlib.sha256(token.encode()).hexdigest()
