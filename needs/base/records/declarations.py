"""One declaration per kind of report. Forms, API, event log, exports, content hash, PII check and retention read these
declarations.

A draft is a report before it is filed. Each field of a draft has a ``Declared`` of needs.base.records.field_declarations.
"""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.records.answers import NO_ANSWERS, Answers
from needs.base.records.field_declarations import Declared, Draft, Fades, FieldType
from needs.enums import Category, Origin, ReportKind, TourMode, Urgency
from solidarity.lib.pii_check.messages import EVERYTHING, PLACE

MOST_PERSONS = 500
MOST_MINUTES = 720
LONG_AGO = timedelta(days=60)
CLOCK_SLACK = timedelta(minutes=5)

type CellMinutes = float | Sequence[float] | None
"""Minutes of a tour in a cell: of one pass, of several passes, or None if no time was logged."""


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """A point in degrees, WGS 84. Raises ValueError for degrees out of range."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("latitude must be within ±90 and longitude within ±180 degrees")

    @property
    def ewkt(self) -> str:
        return f"SRID=4326;POINT({self.longitude!r} {self.latitude!r})"


def _count(meaning: str, *, most: int = MOST_PERSONS, **more: Any) -> Declared:
    return Declared(type=FieldType.COUNT, meaning=meaning, most=most, **more)


def _flag(meaning: str, **more: Any) -> Declared:
    return Declared(type=FieldType.FLAG, meaning=meaning, log_default=False, **more)


def _categories(meaning: str, **more: Any) -> Declared:
    return Declared(type=FieldType.CATEGORIES, meaning=meaning, choices=Category, log_default=(), **more)


def _text(meaning: str, *, most: int, **more: Any) -> Declared:
    return Declared(type=FieldType.TEXT, meaning=meaning, most=most, log_default="", **more)


def _hidden(**more: Any) -> dict[str, Any]:
    """Return the options of a field that only the server fills in."""
    return {"form": False, "api": False, **more}


_AT = Declared(type=FieldType.DATETIME, meaning="When it happened; evidence counts from then.", log_required=True)
_PLACE = Declared(type=FieldType.PLACE, meaning="Where it happened.", fades=Fades.POINTS)
_SOURCE = _text("Pseudonym of the source.", most=64, **_hidden(own_data=False))
_WITH_ACCOUNT = _flag(
    "Whether the source has an account that counts as a source of its own, which gives its reports more weight.",
    **_hidden(),
)
_REFERENCE = _text("Its number in the imported file.", most=80, **_hidden())


@dataclass(frozen=True, slots=True)
class EncounterDraft(Draft):
    """An encounter before it is filed: people met in the street, or nobody."""

    at: Annotated[datetime, _AT]
    place: Annotated[DraftPlace, _PLACE]
    persons: Annotated[
        int,
        _count(
            "People met; 0: somebody looked here and met nobody.", label=_("How many people did you meet?"), initial=1,
            log_default=1, row_export="persons", row_heading=_("people met"), row_tag="#inneed+ind",
        ),
    ]  # fmt: skip
    contacts: Annotated[
        int | None,
        _count(
            "How many of them received something; by default all of them, if anything was given, else none.",
            label=_("How many people did you help?"), help=_("If you leave this empty and gave something, "
                                                             "everybody you met counts as helped."),
            row_export="contacts", row_heading=_("people helped"), row_tag="#reached+ind",
        ),
    ] = None  # fmt: skip
    minutes: Annotated[
        float | None,
        Declared(
            type=FieldType.MINUTES, meaning="Minutes spent looking around, outside a tour.", most=MOST_MINUTES,
            label=_("Minutes you spent looking here"),
            help=_("For an encounter outside a tour, the minutes show how well you searched the place."), row_export="minutes",
            row_heading=_("minutes of search"), row_tag="#activity+minutes",
        ),
    ] = None  # fmt: skip
    asked: Annotated[
        Sequence[str],
        _categories(
            "What they asked for.", label=_("What did they ask for?"), row_export="asked", row_heading=_("asked for"),
            row_tag="#sector+requested+list",
        ),
    ] = ()  # fmt: skip
    given: Annotated[
        Sequence[str],
        _categories(
            "What they received.", label=_("What did you give?"), row_export="given", row_heading=_("given"),
            row_tag="#sector+delivered+list",
        ),
    ] = ()  # fmt: skip
    note: Annotated[
        str,
        _text(
            "A note without names.", most=2000, log_most=20_000, label=_("A note"), free_text=True, pii=EVERYTHING,
            help=_("No names, no telephone numbers, nothing about health."), fades=Fades.WORDS,
        ),
    ] = ""  # fmt: skip
    note_pinned: Annotated[
        bool,
        _flag(
            "Whether the note is shared as a field note; it is then kept as long as the report.",
            label=_("Share this note with the coordinators as a field note; otherwise it is deleted after 14 days."),
        ),
    ] = False
    consent: Annotated[
        bool,
        _flag(
            "Whether the people met agree that this is noted.",
            label=_("The people I met agree that I write this down."),
        ),
    ] = False
    place_text: Annotated[
        str,
        _text(
            "The place in words; it fades with the exact point.", most=300, free_text=True, pii=PLACE,
            fades=Fades.POINTS, form=False,
        ),
    ] = ""  # fmt: skip
    tour: Annotated[
        uuid.UUID | None,
        Declared(
            type=FieldType.REPORT, column="tour_id", form=False,
            meaning="Its tour; without one the encounter is a visit of its own.",
        ),
    ] = None  # fmt: skip
    answers: Annotated[
        Answers,
        Declared(
            type=FieldType.ANSWERS, form=False, free_text=True, pii=EVERYTHING, fades=Fades.WORDS,
            column="answers_in_words", meaning="Answers to the association's custom questions, by the question's key.",
        ),
    ] = NO_ANSWERS  # fmt: skip
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class NeedDraft(Draft):
    """A need before it is filed. contact: the contact of the reporter, not encrypted yet."""

    at: Annotated[datetime, _AT]
    place: Annotated[DraftPlace | None, _PLACE]
    kinds: Annotated[
        Sequence[str],
        _categories(
            "What is needed; the first category leads.", label=_("What is needed?"), row_export="asked",
            required_message=_("Choose at least one. If nothing fits, choose “other”."),
        ),
    ]  # fmt: skip
    urgency: Annotated[
        str,
        Declared(
            type=FieldType.CHOICE, meaning="How urgent it is.", choices=Urgency, label=_("How urgent is it?"),
            required_message=_("Say how urgent it is."), log_default=str(Urgency.SOON), row_export="urgency",
            row_heading=_("urgency"), row_tag="#severity+level",
        ),
    ] = Urgency.SOON  # fmt: skip
    persons: Annotated[
        int,
        _count(
            "For how many people.", label=_("For how many people?"), least=1, initial=1, log_default=1,
            row_export="persons",
        ),
    ] = 1  # fmt: skip
    title: Annotated[
        str, _text("A title, from an import.", most=300, free_text=True, fades=Fades.WORDS, **_hidden())
    ] = ""
    text: Annotated[
        str,
        _text(
            "The need in the reporter's words.", most=5000, log_most=200_000, label=_("In your words"),
            help=_("What would help? No names, please."), free_text=True, pii=EVERYTHING, fades=Fades.WORDS,
        ),
    ] = ""  # fmt: skip
    place_text: Annotated[
        str, _text("The place in words.", most=300, free_text=True, pii=PLACE, fades=Fades.WORDS, form=False)
    ] = ""
    contact: Annotated[
        str,
        _text(
            "How to reach the reporter; stored encrypted, read by dispatchers alone.", most=200, event_log=False,
            label=_("How can we reach you?"), fades=Fades.CONTACTS,
            help=_("A telephone number or e-mail address. It is stored encrypted; only dispatchers can read it."),
        ),
    ] = ""  # fmt: skip
    origin: Annotated[
        str,
        Declared(
            type=FieldType.CHOICE, meaning="Who reports it.", choices=Origin, label=_("Who are you?"),
            required_message=_("Say whether you need it yourself or saw someone."),
            offered=(Origin.SELF, Origin.CITIZEN), log_default=str(Origin.CITIZEN),
        ),
    ] = Origin.CITIZEN  # fmt: skip
    source: Annotated[str, _SOURCE] = ""
    with_account: Annotated[bool, _WITH_ACCOUNT] = False
    reference: Annotated[str, _REFERENCE] = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class PresenceDraft(Draft):
    """A citizen's report of people seen, before it is filed. source: a pseudonym."""

    at: Annotated[datetime, _AT]
    place: Annotated[DraftPlace, _PLACE]
    source: Annotated[str, dataclasses.replace(_SOURCE, log_required=True)]
    with_account: Annotated[bool, _WITH_ACCOUNT] = False
    persons: Annotated[int, _count("People seen; evidence counts their presence alone.", least=1, log_default=1,
                                   row_export="persons")] = 1  # fmt: skip
    text: Annotated[
        str, _text("The report in the reporter's words.", most=5000, log_most=200_000, free_text=True,
                   fades=Fades.WORDS, **_hidden())
    ] = ""  # fmt: skip
    reference: Annotated[str, _REFERENCE] = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class AidDraft(Draft):
    """Help that reached people without an encounter, before it is filed."""

    at: Annotated[datetime, _AT]
    place: Annotated[DraftPlace, _PLACE]
    contacts: Annotated[int, _count("People helped.", log_default=1, row_export="contacts")] = 1
    given: Annotated[Sequence[str], _categories("What they received.", row_export="given")] = ()
    need: Annotated[
        uuid.UUID | None,
        Declared(type=FieldType.REPORT, column="need_id", meaning="The need that it answers."),
    ] = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class TourDraft(Draft):
    """A tour of an association. ended_at, cells, line: empty until it is closed."""

    at: Annotated[datetime, dataclasses.replace(_AT, log_name="start", meaning="When the tour began.")]
    mode: Annotated[
        str,
        Declared(
            type=FieldType.CHOICE, meaning="How the volunteers go.", choices=TourMode, label=_("How do you go?"),
            initial=TourMode.FOOT, log_default=str(TourMode.FOOT),
        ),
    ] = TourMode.FOOT  # fmt: skip
    walkers: Annotated[
        int,
        _count("How many volunteers go.", least=1, most=100, initial=2, label=_("How many of you?"), log_default=2),
    ] = 2
    ended_at: Annotated[
        datetime | None,
        Declared(type=FieldType.DATETIME, log_name="end", meaning="When the tour ended; empty while it is open."),
    ] = None
    cells: Annotated[
        Mapping[int, CellMinutes],
        Declared(
            type=FieldType.CELLS, log_default=(), row_export="minutes",
            meaning="Cells searched, each with its minutes, or with those of several passes; empty when no time was logged.",
        ),
    ] = field(default_factory=dict)  # fmt: skip
    line: Annotated[
        Sequence[tuple[float, float]],
        Declared(type=FieldType.LINE, fades=Fades.POINTS, meaning="The drawn or tracked line; a drawing alone."),
    ] = ()
    id: uuid.UUID = field(default_factory=uuid.uuid4)


DRAFTS: dict[ReportKind, type[Draft]] = {
    ReportKind.TOUR: TourDraft,
    ReportKind.ENCOUNTER: EncounterDraft,
    ReportKind.NEED: NeedDraft,
    ReportKind.AID: AidDraft,
    ReportKind.CITIZEN_REPORT: PresenceDraft,
}


# --- allowed times of reports ----------------------------------------------------------------------------------------


def not_in_the_future(at: datetime) -> None:
    """Raise ValidationError for a datetime in the future; clocks may differ by CLOCK_SLACK."""
    if at > timezone.now() + CLOCK_SLACK:
        raise ValidationError(_("This is in the future. Choose a time in the past, or “now”."), code="future")


def is_long_ago(at: datetime) -> bool:
    """Return whether a report is too old to change the map, after six half-lives of evidence (docs/model.md)."""
    return at < timezone.now() - LONG_AGO
