"""Filing: storing what the field saw. One transaction holds the report and its outbox row (architecture.md).

Every verb is idempotent: the caller mints the id, a repeat with the same content answers SAME, with other content
CONFLICT, and neither changes anything.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import LineString
from django.db import transaction
from django.utils import timezone

from needs.custom_questions.answers import NO_ANSWERS, Answers
from needs.enums import Channel, NeedState, Origin, ReportKind, TourMode, Urgency
from needs.models import Aid, CitizenReport, Encounter, Need, NeedStep, Retraction, Tour, TourCell
from needs.reports import contacts
from needs.signals import Touch, evidence_changed
from needs.tours.time_per_cell import minutes_per_cell
from solidarity.lib import grid
from solidarity.lib.database.idempotent_insert import Stored, content_hash, insert_once


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, WGS 84. Raises ValueError off the globe."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("latitude must be within ±90 and longitude within ±180 degrees")

    @property
    def ewkt(self) -> str:
        return f"SRID=4326;POINT({self.longitude!r} {self.latitude!r})"


@dataclass(frozen=True, slots=True)
class EncounterDraft:
    """An encounter before it is filed. contacts: people helped; by default all met, if anything was given.

    place_text: the place in words, beside the point and as short-lived as it. answers: to the association's own questions.
    """

    at: datetime
    place: Place
    persons: int
    contacts: int | None = None
    asked: Sequence[str] = ()
    given: Sequence[str] = ()
    minutes: float | None = None
    note: str = ""
    note_pinned: bool = False
    consent: bool = False
    place_text: str = ""
    tour: uuid.UUID | None = None
    answers: Answers = NO_ANSWERS
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """A need before it is filed. contact: how to reach the reporter, in clear; it is encrypted before it is stored."""

    at: datetime
    place: Place | None
    kinds: Sequence[str]
    urgency: str = Urgency.SOON
    persons: int = 1
    title: str = ""
    text: str = ""
    place_text: str = ""
    contact: str = ""
    origin: str = Origin.CITIZEN
    source: str = ""
    with_account: bool = False
    reference: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class PresenceDraft:
    """A citizen's report that people are there. source: a pseudonym."""

    at: datetime
    place: Place
    source: str
    with_account: bool = False
    persons: int = 1
    text: str = ""
    reference: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class AidDraft:
    """Help that reached people without an encounter."""

    at: datetime
    place: Place
    contacts: int = 1
    given: Sequence[str] = ()
    need: uuid.UUID | None = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a filing: the report's id, its content hash (the acknowledgement) and whether it was new."""

    id: uuid.UUID
    content_hash: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class Extra:
    """How a report came in, where that is not the web form."""

    channel: str = Channel.WEB
    archive: bool = False
    run_id: int | None = None
    filed_at: datetime | None = None


_WEB = Extra()


def content_of(draft: Any) -> dict[str, Any]:
    """What tells two drafts of one id apart, by field."""
    content = asdict(draft)
    if not getattr(draft, "answers", None):
        content.pop("answers", None)  # as before there were questions: what phones still hold is the same report
    return content


def _common(draft: Any, extra: Extra, place: Place | None) -> dict[str, Any]:
    cell, fine = grid.cells_of(place.latitude, place.longitude) if place else (None, None)
    return {
        "id": draft.id,
        "content_hash": content_hash(content_of(draft)),
        "at": draft.at,
        "filed_at": extra.filed_at or timezone.now(),
        "point": place.ewkt if place else None,
        "fine_cell": fine,
        "cell": cell,
        "channel": str(extra.channel),
        "archive": extra.archive,
        "run_id": extra.run_id,
    }


def _send(kind: ReportKind, report: uuid.UUID, old: int | None, new: int | None) -> None:
    evidence_changed.send(sender=None, touches=[Touch(kind, report, old, new)])


def log_encounter(draft: EncounterDraft, *, association: int, author: int | None, extra: Extra = _WEB) -> Filed:
    """File an encounter. In a tour, its cell becomes one of the tour's."""
    contacts = draft.contacts if draft.contacts is not None else (draft.persons if draft.given else 0)
    row = _common(draft, extra, draft.place) | {
        "association_id": association,
        "author_id": author,
        "tour_id": draft.tour,
        "persons": draft.persons,
        "contacts": contacts,
        "asked": list(draft.asked),
        "given": list(draft.given),
        "minutes": draft.minutes,
        "note": draft.note,
        "note_pinned": draft.note_pinned,
        "consent": draft.consent,
        "place_text": draft.place_text,
        "question_set_id": draft.answers.of,
        "answers": json.dumps(draft.answers.chosen),
        "answers_in_words": json.dumps(draft.answers.words),
    }
    with transaction.atomic():
        stored = insert_once(Encounter, row)
        if stored is Stored.NEW:
            if draft.tour is None:
                _send(ReportKind.ENCOUNTER, draft.id, None, row["cell"])
            else:
                TourCell.objects.get_or_create(tour_id=draft.tour, cell=row["cell"])
                _send(ReportKind.TOUR, draft.tour, None, row["cell"])
    return Filed(draft.id, row["content_hash"], stored)


def report_presence(draft: PresenceDraft, *, extra: Extra = _WEB) -> Filed:
    """File a citizen's report that people are there."""
    row = _common(draft, extra, draft.place) | {
        "source": draft.source,
        "with_account": draft.with_account,
        "persons": draft.persons,
        "text": draft.text,
        "reference": draft.reference,
    }
    with transaction.atomic():
        stored = insert_once(CitizenReport, row)
        if stored is Stored.NEW:
            _send(ReportKind.CITIZEN_REPORT, draft.id, None, row["cell"])
    return Filed(draft.id, row["content_hash"], stored)


def report_need(
    draft: NeedDraft,
    *,
    held: bool = False,
    state: str = NeedState.NEW,
    author: int | None = None,
    association: int | None = None,
    encounter: uuid.UUID | None = None,
    extra: Extra = _WEB,
) -> Filed:
    """File a need. held: past the rate limit, it waits for a moderator and carries no evidence until then."""
    first = NeedState.HELD if held else state
    row = _common(draft, extra, draft.place) | {
        "origin": str(draft.origin),
        "source": draft.source,
        "with_account": draft.with_account,
        "author_id": author,
        "association_id": association,
        "encounter_id": encounter,
        "kinds": [str(kind) for kind in draft.kinds],
        "urgency": str(draft.urgency),
        "persons": draft.persons,
        "title": draft.title,
        "text": draft.text,
        "place_text": draft.place_text,
        "contact": contacts.encrypt(draft.contact) if draft.contact else None,
        "follow_hash": follow_hash(follow_token(draft.id)),
        "reference": draft.reference,
        "state": str(first),
        "state_at": extra.filed_at or timezone.now(),
    }
    with transaction.atomic():
        stored = insert_once(Need, row)
        if stored is Stored.NEW:
            NeedStep.objects.create(need_id=draft.id, state=first, at=row["state_at"])
            if row["cell"] is not None and not held:
                _send(ReportKind.NEED, draft.id, None, row["cell"])
    return Filed(draft.id, row["content_hash"], stored)


def log_aid(draft: AidDraft, *, association: int | None, author: int | None, extra: Extra = _WEB) -> Filed:
    """File help that reached people without an encounter."""
    row = _common(draft, extra, draft.place) | {
        "association_id": association,
        "author_id": author,
        "need_id": draft.need,
        "contacts": draft.contacts,
        "given": list(draft.given),
    }
    with transaction.atomic():
        stored = insert_once(Aid, row)
        if stored is Stored.NEW:
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
    extra: Extra = _WEB,
) -> Filed:
    """Open a tour."""
    key = id or uuid.uuid4()
    row: dict[str, Any] = {
        "id": key,
        "content_hash": content_hash({"association": association, "at": at, "mode": str(mode), "walkers": walkers}),
        "association_id": association,
        "author_id": author,
        "walkers": walkers,
        "mode": str(mode),
        "at": at,
        "filed_at": extra.filed_at or timezone.now(),
        "channel": str(extra.channel),
        "archive": extra.archive,
        "run_id": extra.run_id,
    }
    with transaction.atomic():
        stored = insert_once(Tour, row)
    return Filed(key, row["content_hash"], stored)


def close_tour(
    tour: Tour,
    *,
    ended_at: datetime | None,
    line: Sequence[tuple[float, float]] = (),
    cells: Mapping[int, float | None] | Sequence[int] = (),
) -> Tour:
    """Close a tour with the cells it walked; its evidence is folded anew.

    line: (longitude, latitude) degrees, drawn or tracked; the time is shared out by length. cells: ticked cells, with
    minutes each, or without: then the time from start to end is shared out evenly, also to the cells in which people
    were met. ended_at None: no time was logged (zones.md, "Evidence").
    """
    with transaction.atomic():
        tour = Tour.objects.select_for_update().get(pk=tour.pk)
        met = list(tour.cells.values_list("cell", flat=True))
        minutes = minutes_per_cell(tour.at, ended_at, line, cells, met)
        for cell, spent in minutes.items():
            TourCell.objects.update_or_create(tour=tour, cell=cell, defaults={"minutes": spent})
        tour.ended_at = ended_at or tour.at
        tour.line = LineString(list(line), srid=4326) if len(line) > 1 else None
        tour.save(update_fields=["ended_at", "line"])
        if minutes:
            first = next(iter(minutes))
            _send(ReportKind.TOUR, tour.pk, first, first)
    tour.refresh_from_db()
    return tour


# --- taking back ---------------------------------------------------------------------------------------------------

_MODELS: dict[ReportKind, Any] = {
    ReportKind.TOUR: Tour,
    ReportKind.ENCOUNTER: Encounter,
    ReportKind.CITIZEN_REPORT: CitizenReport,
    ReportKind.NEED: Need,
    ReportKind.AID: Aid,
}


def retract(
    kind: ReportKind,
    report: uuid.UUID,
    *,
    author: int | None,
    reason: str = "",
    at: datetime | None = None,
    id: uuid.UUID | None = None,
) -> bool:
    """Take a report back; its evidence is subtracted exactly. False when it was taken back before.

    Raises the model's DoesNotExist when there is no such report.
    """
    moment = at or timezone.now()
    with transaction.atomic():
        row = _MODELS[kind].objects.select_for_update(of=("self",)).get(pk=report)
        if row.retracted_at is not None:
            return False
        row.retracted_at = moment
        row.save(update_fields=["retracted_at"])
        Retraction.objects.create(
            id=id or uuid.uuid4(), kind=kind, report=report, at=moment, author_id=author, reason=reason
        )
        if kind == ReportKind.ENCOUNTER and row.tour_id:
            _send(ReportKind.TOUR, row.tour_id, row.cell, row.cell)
        else:
            cell = getattr(row, "cell", None)
            _send(kind, report, cell, None)
    return True


# --- private links ------------------------------------------------------------------------------------------


def follow_token(need: uuid.UUID) -> str:
    """The token of a need's private follow-up link: cannot be guessed without the secret key, and is not stored."""
    digest = hmac.new(f"{settings.SECRET_KEY}:follow".encode(), need.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def follow_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
