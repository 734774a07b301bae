"""What was filed in the winter of the demonstration: who walked where and when, what was asked, given and written."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from needs.reports.filing import AidDraft, EncounterDraft, NeedDraft, PresenceDraft

PARIS = ZoneInfo("Europe/Paris")
TEXT_DAYS = 14  # free text other than field notes is deleted after this (docs/privacy.md)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody without an association. number: in people.Cast.volunteers, 0 for the volunteer's login."""

    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an association. team: number in people.TEAMS. number: in its members (people.Cast)."""

    team: int
    number: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A tour. cells: minutes each, None where not logged. ended_at None: it is under way. line: (longitude, latitude)."""

    id: uuid.UUID
    who: Member
    at: datetime
    ended_at: datetime | None
    mode: str
    walkers: int
    filed_at: datetime
    cells: dict[int, float | None]
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    draft: EncounterDraft
    who: Member
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment."""

    id: uuid.UUID
    who: Member | Volunteer
    made_at: datetime
    expires_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A need with its way. steps: (state, moment), the last is where it stands. device: who filed it, before the
    pseudonym is made."""

    draft: NeedDraft
    device: str
    steps: tuple[tuple[str, datetime], ...]
    who: Member | Volunteer | None = None
    encounter: uuid.UUID | None = None
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True)
class Helped:
    draft: AidDraft
    who: Member | Volunteer


@dataclass(slots=True)
class Story:
    walks: list[Walk] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    seen: list[PresenceDraft] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    helped: list[Helped] = field(default_factory=list)
