"""Raising and acknowledging danger alarms.

``needs.reports.intake`` raises them, so that reports from pages, the phone queue and the API can all raise one.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from needs.base.records.declarations import EncounterDraft, NeedDraft
from needs.enums import AlarmSource, AlarmStep, Category, ReporterAnswer, Urgency, WordsWay
from needs.models import AlarmStepTaken, AlarmWords, DangerAlarm
from needs.reports.danger import announcing
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

_FLAGS_OF_GATE: dict[Danger, frozenset[DangerFlag]] = {Danger.MINOR: frozenset({DangerFlag.CHILD_ALONE})}


@dataclass(frozen=True, slots=True)
class Found:
    """The danger that a report tells of."""

    flags: frozenset[DangerFlag]
    source: AlarmSource


@dataclass(frozen=True, slots=True)
class Came:
    """The row that contains new words about a report: the way in which they came, and the primary key. others: keys of
    earlier rows that contain the same words together with it."""

    way: WordsWay
    key: object
    others: Sequence[object] = ()


def found_in_need(draft: NeedDraft, gate: Danger | None, *, by_dispatcher: Callable[[], bool]) -> Found | None:
    """Return the danger of a need; None if neither the words nor the gate show any.

    gate: the answer to the emergency gate. Anybody can send an answer without proof, because a false answer costs a
    dispatcher only one tap. ``by_dispatcher`` is called only if there is danger.
    """
    words = flags_of_texts([draft.title, draft.text, draft.place_text])
    if not words and gate is None:
        return None
    source = AlarmSource.DESK if by_dispatcher() else AlarmSource.WORDS if words else AlarmSource.GATE
    flags = words | (_FLAGS_OF_GATE.get(gate, frozenset()) if gate else frozenset())
    return Found(flags, source)


def found_in_encounter(draft: EncounterDraft) -> Found | None:
    """Return the danger of an encounter; None if it has no danger words."""
    words = flags_of_texts([draft.note, draft.place_text, *(str(text) for text in draft.answers.words.values())])
    return Found(words, AlarmSource.WORDS) if words else None


def raise_for(found: Found, **report: uuid.UUID) -> DangerAlarm:
    """Raise the alarm of a report that was just stored, in the caller's transaction. report: need_id or encounter_id."""
    return _raise(found.flags, found.source, **report)


def raise_for_new_words(
    texts: Iterable[str], source: AlarmSource, *, came: Came | None = None, **report: uuid.UUID
) -> DangerAlarm | None:
    """Raise the alarm of a report that got new words, in the caller's transaction.

    report: need_id or encounter_id. If the report has an alarm already, a new danger reopens that alarm, and
    ``escalate`` announces it within a minute. came: the row with the words, if they were written now and repeat nothing
    that was known; then the same danger, too, reopens an alarm that somebody has acknowledged, and the alarm shows the
    words to the desk. Return None if there is nothing to raise.
    """
    flags = flags_of_texts(texts)
    if not flags:
        return None
    found = DangerAlarm.objects.select_for_update(of=("self",)).filter(**report)
    row = found.first()
    if row is None:
        try:
            with transaction.atomic():
                row = _raise(flags, source, **report)
                _note_words(row, flags, came)
                return row
        except IntegrityError:  # somebody else's words raised it at the same moment
            row = found.get()
    _note_words(row, flags, came)
    known = {DangerFlag(flag) for flag in row.flags}
    if flags <= known and not (came and row.acknowledged_at is not None):
        return None
    row.flags = sorted(str(flag) for flag in flags | known)
    if row.acknowledged_at is not None:  # an answer that nobody has read yet, such as “I cannot call”, stays
        row.reporter_answer, row.reporter_answered_at = "", None
    row.acknowledged_at = row.acknowledged_by = row.notified_at = None
    row.step, row.notified_level = "", 0
    row.save()
    return row


def _note_words(alarm: DangerAlarm, flags: frozenset[DangerFlag], came: Came | None) -> None:
    if came is not None:
        names = sorted(str(flag) for flag in flags)
        for key in (*came.others, came.key):
            AlarmWords.objects.get_or_create(alarm=alarm, way=came.way, key=str(key), defaults={"flags": names})


def _raise(flags: frozenset[DangerFlag], source: AlarmSource, **report: uuid.UUID) -> DangerAlarm:
    alarm = DangerAlarm.objects.create(flags=sorted(str(flag) for flag in flags), source=source, **report)

    def announce() -> None:
        announcing.announce(alarm.pk)

    transaction.on_commit(announce, robust=True)  # if this fails, escalate() announces it
    return alarm


def gate_of(text: str) -> Danger | None:
    """Return a form's answer to the emergency gate; None for any other text."""
    return Danger(text) if text in Danger.values else None


def unwell_today(kinds: Iterable[str], urgency: str) -> Danger | None:
    """Return Danger.MEDICAL for an event's report about health with urgency “now”; None for all other reports."""
    return Danger.MEDICAL if Category.HEALTH in kinds and urgency == Urgency.NOW else None


def of_report(report: uuid.UUID) -> DangerAlarm | None:
    """Return the alarm of a need or an encounter; None if there is none."""
    return DangerAlarm.objects.filter(Q(need=report) | Q(encounter=report)).first()


# --- acknowledging -------------------------------------------------------------------------------------------------


def acknowledge(alarm: uuid.UUID, step: AlarmStep, by: User, *, now: datetime | None = None) -> bool:
    """Record a step taken on an alarm, and log it. Return False, without a change, if the last step was the same.

    The first step acknowledges the alarm; a later one corrects it.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        row = DangerAlarm.objects.select_for_update(of=("self",)).get(pk=alarm)
        if row.step == step:
            return False
        AlarmStepTaken.objects.create(alarm=row, step=step, by=by, at=moment)
        row.step = step
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = moment, by
        row.save(update_fields=["step", "acknowledged_at", "acknowledged_by"])
        kind = "need" if row.need_id else "encounter"
        recording.record(
            by, Verb.ALARM_STEP, kind, row.need_id or row.encounter_id, purpose=Purpose.CARE, details={"step": step.value}
        )  # fmt: skip
    return True


def answer_of_reporter(alarm: uuid.UUID, answer: ReporterAnswer) -> bool:
    """Store the reporter's answer on the page with the numbers; return False if it has not changed.

    The answer does not acknowledge the alarm, because a stranger who holds the phone could have given it. “I cannot
    call” is announced at once.
    """
    with transaction.atomic():
        row = DangerAlarm.objects.select_for_update(of=("self",)).get(pk=alarm)
        if row.reporter_answer == answer:
            return False
        row.reporter_answer, row.reporter_answered_at = answer, timezone.now()
        row.save(update_fields=["reporter_answer", "reporter_answered_at"])
    if answer == ReporterAnswer.CANNOT_CALL and row.acknowledged_at is None:
        announcing.announce_cannot_call(row.pk)
    return True
