"""Bulk insert of a story, with the columns of needs.reports.filing. The evidence is folded afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import LineString, Point
from django.db import models

from needs.base.records.declarations import DraftPlace
from needs.base.records.field_declarations import content_of
from needs.base.retention_rules.pseudonyms import pseudonym
from needs.enums import Actor, Channel, CommitmentState, NeedState, OutcomeReason, ReportKind
from needs.models import (
    Aid,
    CitizenReport,
    Commitment,
    CommitmentPart,
    Encounter,
    Need,
    NeedStep,
    Retraction,
    Tour,
    TourCell,
)
from needs.reports.filing import follow_hash, follow_token
from solidarity.lib import field_encryption, grid
from solidarity.lib.database.idempotent_insert import content_hash
from solidarity.ops.demo.narrative.story import Member, Story, StoryCommitment, StoryNeed, Volunteer
from solidarity.ops.demo.people import Cast

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Names:
    """Primary keys of the story's people."""

    cast: Cast

    def association(self, who: Member) -> int:
        return self.cast.associations[who.team]

    def user(self, who: Member | Volunteer) -> int:
        if isinstance(who, Volunteer):
            return self.cast.volunteers[who.number]
        return self.cast.members[who.team][who.number]

    def association_of(self, who: Member | Volunteer | None) -> int | None:
        """Return the association for which somebody acts, if any."""
        return self.association(who) if isinstance(who, Member) else None


def write(story: Story, cast: Cast, until: datetime) -> dict[str, int]:
    """Store a story in the caller's transaction; return row counts by table."""
    names = Names(cast)
    return {
        name: _store(rows)
        for name, rows in (
            ("tours", _tours(story, names)),
            ("tour cells", _tour_cells(story)),
            ("encounters", _encounters(story, names, until)),
            ("citizen reports", _sightings(story, until)),
            ("needs", _needs(story, names, until)),
            ("need steps", _steps(story, cast.logins["dispatcher"])),
            ("commitments", _commitments(story, names)),
            ("parts of commitments", _parts(story)),
            ("aid", _aid(story, names, until)),
        )
    }


def _store(rows: Iterable[models.Model]) -> int:
    every = list(rows)
    if every:
        type(every[0])._default_manager.bulk_create(every, batch_size=BATCH)
    return len(every)


def exists() -> bool:
    """Return whether a demonstration is stored."""
    return Tour.objects.filter(channel=Channel.DEMO).exists()


def wipe() -> None:
    """Delete the demonstration's reports in the caller's transaction.

    Accounts, associations, territories and all reports filed by people stay.
    """
    kinds: tuple[tuple[ReportKind, Any], ...] = (
        (ReportKind.AID, Aid), (ReportKind.NEED, Need), (ReportKind.CITIZEN_REPORT, CitizenReport),
        (ReportKind.ENCOUNTER, Encounter), (ReportKind.TOUR, Tour),
    )  # fmt: skip
    for kind, model in kinds:
        rows = model.objects.filter(channel=Channel.DEMO)
        Retraction.objects.filter(kind=kind, report__in=rows.values("pk")).delete()
        rows.delete()


def _report(draft: Any, until: datetime, filed_at: datetime) -> dict[str, Any]:
    """Return the columns that every report has. Exact places older than their retention period are left out."""
    place: DraftPlace = draft.place
    cell, fine = grid.cells_of(place.latitude, place.longitude)
    age = until - filed_at
    kept = age < timedelta(hours=settings.EXACT_POINT_HOURS)
    recent = age < timedelta(days=settings.FINE_CELL_DAYS)
    return {
        "id": draft.id,
        "content_hash": content_hash(content_of(draft)),
        "at": draft.at,
        "filed_at": filed_at,
        "point": Point(place.longitude, place.latitude, srid=4326) if kept else None,
        "fine_cell": fine if recent else None,
        "cell": cell,
        "channel": Channel.DEMO,
        # Older reports are archived, so that retention does not delete the demonstration's winter.
        "archive": not recent,
    }


def _tours(story: Story, names: Names) -> Iterable[Tour]:
    for walk in story.tours:
        association = names.association(walk.who)
        yield Tour(
            id=walk.id,
            content_hash=content_hash(
                {"association": association, "at": walk.at, "mode": walk.mode, "walkers": walk.walkers}
            ),
            association_id=association,
            author_id=names.user(walk.who),
            walkers=walk.walkers,
            mode=walk.mode,
            at=walk.at,
            ended_at=walk.ended_at,
            line=LineString(walk.line, srid=4326) if len(walk.line) > 1 else None,
            filed_at=walk.filed_at,
            channel=Channel.DEMO,
        )


def _tour_cells(story: Story) -> Iterable[TourCell]:
    for walk in story.tours:
        for cell, minutes in walk.cells.items():
            yield TourCell(tour_id=walk.id, cell=cell, minutes=minutes)


def _encounters(story: Story, names: Names, until: datetime) -> Iterable[Encounter]:
    for met in story.met:
        draft = met.draft
        yield Encounter(
            **_report(draft, until, met.filed_at),
            association_id=names.association(met.who),
            author_id=names.user(met.who),
            tour_id=draft.tour,
            persons=draft.persons,
            contacts=draft.contacts or 0,
            asked=list(draft.asked),
            given=list(draft.given),
            minutes=draft.minutes,
            note=draft.note,
            note_pinned=draft.note_pinned,
            consent=draft.consent,
            place_text=draft.place_text,
        )


def _sightings(story: Story, until: datetime) -> Iterable[CitizenReport]:
    keys: dict[date, bytes] = {}
    for seen in story.seen:
        draft = replace(seen, source=pseudonym(seen.source, seen.at, keys))
        yield CitizenReport(
            **_report(draft, until, draft.at),
            source=draft.source,
            with_account=draft.with_account,
            persons=draft.persons,
            text=draft.text,
            reference=draft.reference,
        )


def _needs(story: Story, names: Names, until: datetime) -> Iterable[Need]:
    keys: dict[date, bytes] = {}
    for asked in story.asked:
        draft = replace(asked.draft, source=pseudonym(asked.device, asked.draft.at, keys))
        state, state_at = asked.steps[-1]
        yield Need(
            **_report(draft, until, draft.at),
            origin=draft.origin,
            source=draft.source,
            with_account=draft.with_account,
            author_id=names.user(asked.who) if asked.who else None,
            association_id=names.association_of(asked.who),
            encounter_id=asked.encounter,
            kinds=list(draft.kinds),
            urgency=draft.urgency,
            persons=draft.persons,
            text=draft.text,
            place_text=draft.place_text,
            contact=field_encryption.encrypt(draft.contact) if draft.contact else None,
            follow_hash=follow_hash(follow_token(draft.id)),
            met_kinds=[kind for _commitment, _taken, brought in _kinds_of_commitments(asked) for kind in brought],
            state=state,
            state_at=state_at,
        )


def _steps(story: Story, dispatcher: int) -> Iterable[NeedStep]:
    for asked in story.asked:
        before = ""
        for state, at in asked.steps:
            actor = _actor(before, state)
            by = dispatcher if actor == Actor.DISPATCHER else None
            yield NeedStep(need_id=asked.draft.id, before=before, state=state, at=at, actor=actor, by_id=by)
            before = state


def _actor(before: str, state: str) -> str:
    """Return the person who made a step of the story; "" for the report itself."""
    if not before:
        return ""
    if state == NeedState.EXPIRED:
        return Actor.CLOCK
    helped = {NeedState.COMMITTED, NeedState.PARTLY_MET}
    return Actor.HELPER if state in helped or before in helped else Actor.DISPATCHER


_REASONS: dict[str, str] = {
    CommitmentState.DONE: OutcomeReason.HELPED,
    CommitmentState.BY_OTHERS: OutcomeReason.BY_OTHERS,
    CommitmentState.WITHDRAWN: OutcomeReason.NOTHING_LEFT,
}


def _commitments(story: Story, names: Names) -> Iterable[Commitment]:
    for asked in story.asked:
        for commitment in asked.commitments:
            yield Commitment(
                id=commitment.id,
                need_id=asked.draft.id,
                volunteer_id=names.user(commitment.who),
                association_id=names.association_of(commitment.who),
                made_at=commitment.made_at,
                expires_at=commitment.expires_at,
                state=commitment.state,
                reason=_REASONS.get(commitment.state, ""),
                ended_at=commitment.ended_at,
            )


def _parts(story: Story) -> Iterable[CommitmentPart]:
    for asked in story.asked:
        for commitment, taken, brought in _kinds_of_commitments(asked):
            for kind in taken:
                yield CommitmentPart(
                    commitment_id=commitment.id,
                    need_id=asked.draft.id,
                    kind=kind,
                    held=commitment.state == CommitmentState.ACTIVE,
                    met=kind in brought,
                )


def _kinds_of_commitments(asked: StoryNeed) -> Iterable[tuple[StoryCommitment, list[str], list[str]]]:
    """Yield each commitment to a need, the kinds that it took (all that were left), and the kinds that were brought."""
    left = list(dict.fromkeys(str(kind) for kind in asked.draft.kinds))
    met = asked.steps[-1][0] == NeedState.MET
    for number, commitment in enumerate(asked.commitments, 1):
        whole = met and number == len(asked.commitments)
        kept = commitment.state in (CommitmentState.DONE, CommitmentState.BY_OTHERS)
        brought = (left if whole else left[:1]) if kept else []
        yield commitment, left, brought
        left = [kind for kind in left if kind not in brought]


def _aid(story: Story, names: Names, until: datetime) -> Iterable[Aid]:
    for helped in story.helped:
        draft = helped.draft
        yield Aid(
            **_report(draft, until, draft.at),
            association_id=names.association_of(helped.who),
            author_id=names.user(helped.who),
            need_id=draft.need,
            contacts=draft.contacts,
            given=list(draft.given),
        )
