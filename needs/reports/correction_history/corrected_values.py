"""The correctable values of a report, as JSON. The history and the event log store them in this form."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from needs.enums import ReportKind
from needs.models import Encounter, Need
from solidarity.lib import grid
from volunteers.models import Territory

CORRECTABLE: dict[ReportKind, tuple[str, ...]] = {
    ReportKind.ENCOUNTER: (
        "at", "cell", "persons", "contacts", "minutes", "asked", "given", "note_pinned", "consent", "answers",
        "note", "place_text", "answers_in_words",
    ),
    ReportKind.NEED: ("cell", "district", "place_unknown", "place_text", "kinds", "urgency", "persons", "title"),
}  # fmt: skip
"""Names of the values that can be corrected, by kind of report, in the order of the history."""

WORDS = frozenset({"note", "place_text", "answers_in_words", "title"})
"""Values that are free text; retention deletes them."""

_COLUMNS = {"cell": ("cell", "point", "fine_cell"), "answers": ("answers", "question_set")}
"""Columns of the values that have more than one; the others have a column of their own name."""


def values_of(kind: ReportKind, row: Encounter | Need) -> dict[str, Any]:
    """Return the correctable values of a report by name."""
    return {name: _plain(name, row) for name in CORRECTABLE[kind]}


def _plain(name: str, row: Any) -> Any:
    if name == "cell":
        return None if row.cell is None else grid.to_text(row.cell)
    if name == "district":
        return None if row.district is None else row.district.slug
    value = getattr(row, name)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return [str(each) for each in value] if isinstance(value, list | tuple) else value


def columns_of(names: Iterable[str]) -> list[str]:
    """Return the columns to save when these values change."""
    return [column for name in names for column in _COLUMNS.get(name, (name,))]


def put(row: Encounter | Need, values: Mapping[str, Any]) -> list[str]:
    """Set values from the history on a report, and return the columns to save.

    The history has only cells, so a report whose cell is set loses its exact place. An unknown district becomes None.
    """
    for name, value in values.items():
        if name == "cell":
            row.cell, row.point, row.fine_cell = None if value is None else grid.evidence_cell(value), None, None
            continue
        if name == "at":
            value = datetime.fromisoformat(value)
        elif name == "district":
            value = Territory.objects.filter(slug=value).first() if value else None
        setattr(row, name, value)
    return columns_of(values)
