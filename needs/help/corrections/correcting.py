"""Correcting a need or an encounter. Pages and the API share the function ``correct``.

The row is updated in place. Its ``content_hash`` does not change, so a phone that sends the original report again still
gets the answer "same". The evidence is computed again from the new values.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.base.records.answers import Answers
from needs.base.records.declarations import CLOCK_SLACK, DraftPlace
from needs.enums import AlarmSource, Category, ReportKind
from needs.help.commitments import commitment_notifications
from needs.help.corrections import tour_cells
from needs.help.corrections.correction_refusals import CorrectionRefused, Outdated
from needs.models import REPORT_MODELS, CommitmentPart, Correction, Encounter, Need
from needs.reports.correction_history.corrected_values import CORRECTABLE, WORDS, columns_of, values_of
from needs.reports.danger import alarms
from needs.signals import Touch, evidence_changed
from solidarity.lib import grid
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

SAME_POINT = 2e-6
"""Degrees. Forms round a point to six decimals, so a smaller difference is not a correction."""


@dataclass(frozen=True, slots=True)
class By:
    """The author of a correction and the reason. author: None for the reporter of a need. id: an id chosen by the sender,
    so that a repeated request changes nothing."""

    author: User | None
    reason: str = ""
    id: uuid.UUID | None = None


def version_of(kind: ReportKind, report: uuid.UUID) -> int:
    """Return the number of corrections of a report. A form sends this number back in its field ``seen``."""
    return Correction.objects.of(kind, report).count()


def correct(
    kind: ReportKind, report: uuid.UUID, changes: Mapping[str, Any], by: By, *, seen: int | None = None
) -> Correction:
    """Correct a report in one transaction with its history, its outbox row and its audit entry.

    changes: new values by column, except that ``place`` is a Place, ``answers`` is an Answers and ``district`` is a
    Territory. A need keeps only one of ``place``, ``district`` and ``place_unknown``. seen: the version that the person
    read; None skips the check. Raises the model's DoesNotExist for an unknown or retracted report; Outdated if the
    report has changed since ``seen``; Refused if the values do not fit.
    """
    with transaction.atomic():
        row = REPORT_MODELS[kind].objects.live().select_for_update(of=("self",), no_key=True).get(pk=report)
        if by.id is not None and (known := Correction.objects.filter(pk=by.id).first()):
            if (known.kind, known.report) != (kind, report):
                raise CorrectionRefused("id", _("This id belongs to another correction. Use a new one."))
            return known
        if seen is not None and seen != version_of(kind, report):
            raise Outdated
        before, old_cell = values_of(kind, row), row.cell
        moved = _apply(row, changes)
        after = values_of(kind, row)
        names = [name for name in after if after[name] != before[name] or (name == "cell" and moved)]
        if not names:
            raise CorrectionRefused("", _("Nothing was changed. Change a value, or go back."))
        _check(kind, row, before)
        row.save(update_fields=columns_of(CORRECTABLE[kind]))
        done = _record(kind, report, by, {n: before[n] for n in names}, {n: after[n] for n in names})
        follow(kind, row, old_cell)
        _warn(kind, row, names, by)
        if kind == ReportKind.NEED:
            commitment_notifications.notify_corrected(row, names)
        _log(kind, row, by, len(names))
    return done


# --- the row -------------------------------------------------------------------------------------------------------


def _apply(row: Any, changes: Mapping[str, Any]) -> bool:
    """Set new values on a row; return whether the exact place changed."""
    values = dict(changes)
    place: DraftPlace | None = values.pop("place", None)
    answers: Answers | None = values.pop("answers", None)
    moved = place is not None and not _is_at(row, place)
    if place is not None and moved:
        row.point = Point(place.longitude, place.latitude, srid=4326)
        row.cell, row.fine_cell = grid.cells_of(place.latitude, place.longitude)
    elif values.get("district") or values.get("place_unknown"):
        row.point = row.cell = row.fine_cell = None
    if isinstance(row, Need) and (place is not None or values.get("district") or values.get("place_unknown")):
        row.district, row.place_unknown = None, False
    if answers is not None:
        row.question_set_id = answers.of or row.question_set_id
        row.answers, row.answers_in_words = dict(answers.chosen), dict(answers.words)
    for name, value in values.items():
        setattr(row, name, [str(each) for each in value] if isinstance(value, list | tuple) else value)
    if isinstance(row, Encounter):
        if row.contacts is None:
            row.contacts = row.persons if row.given else 0  # as in needs.reports.filing
        row.note_pinned = row.note_pinned and bool(row.note)
    return moved


def _is_at(row: Any, place: DraftPlace) -> bool:
    if row.point is None:
        return False
    away = max(abs(row.point.y - place.latitude), abs(row.point.x - place.longitude))
    return bool(away < SAME_POINT)


def _check(kind: ReportKind, row: Any, before: Mapping[str, Any]) -> None:
    """Raise CorrectionRefused for values that do not fit together."""
    if kind == ReportKind.ENCOUNTER:
        if row.contacts > row.persons:
            words = ngettext(
                "You met %(persons)d person, so no more can have been helped. Correct one of the two numbers.",
                "You met %(persons)d people, so no more can have been helped. Correct one of the two numbers.",
                row.persons,
            )
            raise CorrectionRefused("contacts", words % {"persons": row.persons})
        if row.at > timezone.now() + CLOCK_SLACK:
            raise CorrectionRefused("at", _("This is in the future. Choose a time in the past, or “now”."))
        return
    if not row.kinds:
        raise CorrectionRefused("kinds", _("Choose at least one. If nothing fits, choose “other”."))
    gone = set(before["kinds"]) - set(row.kinds)
    busy = set(CommitmentPart.objects.filter(need=row.pk, held=True).values_list("kind", flat=True)) | {*row.met_kinds}
    if taken := [str(Category(each).label) for each in before["kinds"] if each in gone & busy]:
        words = _("Somebody takes care of it or has brought it: %(kinds)s. Leave it ticked.")
        raise CorrectionRefused("kinds", words % {"kinds": ", ".join(taken)})


# --- what follows --------------------------------------------------------------------------------------------------


def follow(kind: ReportKind, row: Any, old: int | None) -> None:
    """Announce that the evidence of a corrected report has changed, and update the cells of its tour. Save the row
    first."""
    if kind == ReportKind.ENCOUNTER and row.tour_id:
        if row.cell != old:
            tour_cells.follow(row, old)
        touch = Touch(ReportKind.TOUR, row.tour_id, old, row.cell)
    else:
        touch = Touch(kind, row.pk, old, row.cell)
    if old is not None or row.cell is not None:
        evidence_changed.send(sender=None, touches=[touch])


def _record(
    kind: ReportKind, report: uuid.UUID, by: By, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Correction:
    return Correction.objects.create(
        id=by.id or uuid.uuid4(), kind=kind, report=report, author=by.author, by_reporter=by.author is None,
        reason=by.reason,
        **split("before", before), **split("after", after),
    )  # fmt: skip


def split(name: str, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Split values into the two columns of a correction: one without free text, one with free text only."""
    return {
        name: {key: value for key, value in values.items() if key not in WORDS},
        f"words_{name}": {key: value for key, value in values.items() if key in WORDS},
    }


def _warn(kind: ReportKind, row: Any, names: list[str], by: By) -> None:
    """Raise the alarm of a report if its new words show danger to life."""
    texts: list[str] = []
    for name in names:
        if name == "answers_in_words":
            texts += map(str, row.answers_in_words.values())
        elif name in WORDS:
            texts.append(getattr(row, name))
    if kind == ReportKind.NEED:
        source = AlarmSource.DESK if by.author else AlarmSource.WORDS
        alarms.raise_for_new_words(texts, source, need_id=row.pk)
    else:
        alarms.raise_for_new_words(texts, AlarmSource.WORDS, encounter_id=row.pk)


def _log(kind: ReportKind, row: Any, by: By, number: int) -> None:
    """Log a correction without its values. An author's correction of their own encounter is not logged."""
    if kind == ReportKind.ENCOUNTER and by.author and row.author_id == by.author.pk:
        return
    name = "need" if kind == ReportKind.NEED else "encounter"
    details = {"values": number} if by.author else {"values": number, "reporter": True}
    recording.record(by.author, Verb.CORRECTED, name, row.pk, purpose=Purpose.SORTING, details=details)


def as_of(kind: ReportKind, report: uuid.UUID, values: dict[str, Any], version: int) -> dict[str, Any]:
    """Return the values that a report had after its first ``version`` corrections. values: the current values of the
    report."""
    found = dict(values)
    for each in reversed(list(Correction.objects.of(kind, report))[version:]):
        found |= each.old_values
    return found
