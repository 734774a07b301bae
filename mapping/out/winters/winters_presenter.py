"""Winters side by side in words, for the page of a territory, internal reports and the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.dates import MONTHS_3
from django.utils.formats import localize
from django.utils.translation import gettext as _

from mapping.map.wording.sentences import whole
from mapping.models import MonthlySum
from mapping.out.winters.monthly_sums import ADDED, FIGURES, WINTER, WinterRow
from solidarity.lib.files.formula_injection import neutral


@dataclass(frozen=True, slots=True)
class Winters:
    """A table. months: heads of the columns. groups: for each figure its name and its rows: the winter, its months, and the
    sum of the months that all winters have."""

    months: list[str]
    groups: list[tuple[str, list[tuple[str, list[str], str]]]]


def _names() -> dict[str, str]:
    return {
        "hours": _("hours of search"),
        "visits": _("visits"),
        "needs_new": _("new needs"),
        "needs_met": _("needs met"),
        "expected": _("people expected"),
    }


def present(rows: list[WinterRow]) -> Winters | None:
    """Return the table; None without figures."""
    if not rows:
        return None
    names = _names()
    return Winters(
        [str(MONTHS_3[number]) for number in WINTER],
        [
            (
                names[figure],
                [
                    (
                        _winter(row.first),
                        [_number(value) for value in row.values],
                        _number(row.together) if figure in ADDED else "",
                    )
                    for row in members
                ],
            )
            for figure, members in groupby(rows, key=lambda row: row.figure)
        ],
    )


def lines(rows: Iterator[MonthlySum]) -> Iterator[list[str]]:
    """Yield the lines of the file: heads, then a line for each territory and month. A figure that is left out is empty."""
    names = _names()
    yield [_("territory"), _("month"), *(names[figure] for figure in FIGURES)]
    for row in rows:
        values = (getattr(row, figure) for figure in FIGURES)
        numbers = ("" if value is None else str(localize(round(value, 1), use_l10n=True)) for value in values)
        yield [neutral(row.territory.name), f"{row.month:%Y-%m}", *numbers]


def _winter(first: int) -> str:
    return f"{first}–{date(first + 1, 1, 1):%y}"


def _number(value: float | None) -> str:
    return "–" if value is None else whole(round(value))
