"""Data of the demonstration's story: tours, encounters, sightings, needs, commitments and aid."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from needs.base.records.declarations import AidDraft, EncounterDraft, NeedDraft, PresenceDraft

PARIS = ZoneInfo("Europe/Paris")
TEXT_DAYS = 14  # free text other than field notes is deleted after this (docs/privacy.md)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A volunteer without an association. number: index in people.Cast.volunteers, 0 for the volunteer's login."""

    number: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an association. team: index in people.TEAMS. number: index in its members (people.Cast)."""

    team: int
    number: int


@dataclass(frozen=True, slots=True)
class StoryTour:
    """A tour. cells: cell → minutes, or None if not logged. ended_at: the end of the tour, None while it is open. line:
    (longitude, latitude)."""

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
class StoryEncounter:
    draft: EncounterDraft
    who: Member
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class StoryCommitment:
    id: uuid.UUID
    who: Member | Volunteer
    made_at: datetime
    expires_at: datetime
    state: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryNeed:
    """A need. steps: (state, datetime); the last state is current. device: the reporter before pseudonymisation."""

    draft: NeedDraft
    device: str
    steps: tuple[tuple[str, datetime], ...]
    who: Member | Volunteer | None = None
    encounter: uuid.UUID | None = None
    commitments: tuple[StoryCommitment, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryAid:
    draft: AidDraft
    who: Member | Volunteer


@dataclass(slots=True)
class Story:
    tours: list[StoryTour] = field(default_factory=list)
    met: list[StoryEncounter] = field(default_factory=list)
    seen: list[PresenceDraft] = field(default_factory=list)
    asked: list[StoryNeed] = field(default_factory=list)
    helped: list[StoryAid] = field(default_factory=list)
