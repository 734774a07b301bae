"""The table of the parts of a territory, for both editions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mapping.map.wording.sentences import whole
from mapping.out.report_figures.report_parts import COMPARED
from mapping.out.zone_reports.report_wording import tenths

MINUS, PLUS_MINUS = "−", "±"

FIGURES = ("people", "unseen", "hours", "needs", "needs_met", "needs_taken", "needs_open", "needs_ended")


@dataclass(frozen=True, slots=True)
class PartCell:
    """One figure of a part. change: the difference from the period before, with its sign; empty if unknown. compared:
    whether the column has changes."""

    name: str
    text: str
    change: str
    compared: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    name: str
    cells: Sequence[PartCell]


@dataclass(frozen=True, slots=True)
class PartsTable:
    """heads: the heads of the columns, the part's name first. total: the row of totals; None if there is only one
    row."""

    heads: Sequence[str]
    rows: Sequence[PartRow]
    total: PartRow | None


def table(
    rows: Sequence[Mapping[str, Any]],
    total: Mapping[str, Any],
    name: str,
    least: int = 0,
    without: Collection[str] = (),
    sum_of_shown: bool = False,
) -> PartsTable:
    """Return the table. name: name of the whole territory. least: the smallest number that is shown; smaller numbers
    and smaller changes are hidden. without: names of columns that are left out. sum_of_shown: whether the total leaves
    out parts that are not shown."""
    names = [figure for figure in FIGURES if figure not in without]
    head = [_("Part of the territory"), *(heads()[figure] for figure in names)]
    shown = [_row(part_name(row), row, names, least) for row in rows]
    if len(shown) == 1 and rows[0]["name"] == name:
        return PartsTable(head, [_row(name, total, names, least)], None)
    whole_name = _("All parts shown") if sum_of_shown else pgettext("parts of a territory", "all")
    return PartsTable(head, shown, _row(whole_name, total, names, least))


def part_name(row: Mapping[str, Any]) -> str:
    """Return the name of a part, or the name of the row for all hidden parts, which has none."""
    return row["name"] or _("Other places")


def heads() -> dict[str, str]:
    """Return the heads of the columns by name."""
    return dict(zip(FIGURES, [
        _("People met"), _("People likely unseen"), _("Hours of search"), _("Needs reported"),
        pgettext("needs", "met"), pgettext("needs", "somebody is on it"), pgettext("needs", "open"),
        pgettext("needs", "ended without help"),
    ], strict=True))  # fmt: skip


def _row(name: str, figures: Mapping[str, Any], names: Sequence[str], least: int) -> PartRow:
    changes: Mapping[str, int | None] = figures["change"] or {}
    write = number_from(least)
    return PartRow(
        name,
        [PartCell(each, write(figures[each]), signed(changes.get(each), least), each in COMPARED) for each in names],
    )


def number_from(least: int) -> Callable[[float | None], str]:
    """Return a function that writes a number. The function writes “< least” for numbers below ``least``, and “–” for
    None."""

    def write(number: float | None) -> str:
        if number is None:
            return "–"
        return f"<\u00a0{whole(least)}" if number < least else _written(number)

    return write


def _written(number: float) -> str:
    """Write a whole number, or hours with a decimal."""
    return whole(number) if isinstance(number, int) else tenths(number)


def signed(change: float | None, least: int = 0) -> str:
    """Write a change with its sign: “±0” for no change, “±” for a change smaller than ``least``, an empty text for
    None."""
    if change is None:
        return ""
    if abs(change) < least:
        return PLUS_MINUS
    return f"+{_written(change)}" if change > 0 else f"{MINUS}{_written(-change)}" if change else f"{PLUS_MINUS}0"
