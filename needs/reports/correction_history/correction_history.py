"""The corrections of a report in words: who changed what, when and why."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.custom_questions import question_sets
from needs.enums import Category, ReportKind, Urgency
from needs.models import Correction, Question
from needs.reports.correction_history.corrected_values import CORRECTABLE
from solidarity.lib import grid
from volunteers.models import Territory
from volunteers.places.place_names import cell_names

_LABELS: dict[str, str | Promise] = {
    "at": gettext_lazy("Time"),
    "cell": gettext_lazy("Place on the map"),
    "district": gettext_lazy("District"),
    "place_unknown": gettext_lazy("Nobody knows the place"),
    "persons": gettext_lazy("Number of people"),
    "contacts": gettext_lazy("People helped"),
    "minutes": gettext_lazy("Minutes"),
    "asked": gettext_lazy("Asked for"),
    "given": gettext_lazy("Given"),
    "kinds": gettext_lazy("Kinds"),
    "urgency": gettext_lazy("How urgent"),
    "note_pinned": gettext_lazy("Field note"),
    "consent": gettext_lazy("They agree"),
    "note": gettext_lazy("Note"),
    "title": gettext_lazy("Title"),
    "place_text": gettext_lazy("The place in words"),
    "answers": gettext_lazy("Answers"),
    "answers_in_words": gettext_lazy("Answers"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a correction: its label, the old and the new value in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One correction, as a line of a history. who: the name of its author. words: the author's reason."""

    at: datetime
    who: str
    words: str
    changes: tuple[Line, ...]
    by_reporter: bool = False

    @property
    def what(self) -> str:
        return _("Corrected")


def history(kind: ReportKind, report: uuid.UUID, *, after: int = 0) -> list[Entry]:
    """Return the corrections of a report, the oldest first. Skip the first ``after`` corrections."""
    rows = list(Correction.objects.of(kind, report).select_related("author"))[max(after, 0) :]
    return [Entry(row.at, _who(row), row.reason, tuple(_lines(row)), row.by_reporter) for row in rows]


def _who(row: Correction) -> str:
    """Return the author's name. Without an author, it was the reporter, a person whose account was deleted, or somebody
    on another platform."""
    if row.by_reporter:
        return _("the reporter")
    return str(row.author) if row.author else _("not known")


def _lines(row: Correction) -> list[Line]:
    before, after = row.old_values, row.new_values
    names = [name for name in CORRECTABLE[ReportKind(row.kind)] if name in after]
    found = []
    for name in names:
        if name == "cell" and before[name] == after[name]:
            found.append(Line(str(_LABELS[name]), "", _("moved within the same area")))
        elif name == "cell" and before[name] is not None and _area(before[name]) == _area(after[name] or ""):
            area = _area(before[name])
            found.append(
                Line(str(_LABELS[name]), "", _("moved within %(area)s") % {"area": area} if area else _("moved"))
            )
        else:
            found.append(Line(str(_LABELS[name]), _words(row, name, before[name]), _words(row, name, after[name])))
    return found


def _words(row: Correction, name: str, value: Any) -> str:
    if name == "cell":
        return _("none") if value is None else _area(value) or _("a point on the map")
    if name == "district":
        territory = Territory.objects.filter(slug=value).first() if value else None
        return territory.name if territory else _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in ("asked", "given", "kinds"):
        return ", ".join(str(Category(kind).label) for kind in value) or _("none")
    if name == "urgency":
        return str(Urgency(value).label)
    if name == "at":
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "SHORT_DATETIME_FORMAT")
    if name in ("answers", "answers_in_words"):
        return ", ".join(_answers(row.report, value)) or _("none")
    return _("none") if value in (None, "") else str(value)


def _area(cell: str) -> str:
    if not cell:
        return ""
    key = grid.from_text(cell)
    name = cell_names.of([key])[key]
    return str(name) if name.area else ""


def _answers(encounter: uuid.UUID, values: dict[str, Any]) -> Iterable[str]:
    """Yield each answer with its question, from the version of the questions that was asked."""
    asked = {each.key: each for each in Question.objects.filter(of__encounters=encounter)}
    for key, value in values.items():
        if key in asked:
            yield f"{asked[key].label} {question_sets.words_of(asked[key], value)}"
