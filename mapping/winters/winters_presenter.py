"""Winters side by side in words, for the page of a territory."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from mapping.winters.monthly_sums import WINTER, WinterRow
from mapping.wording.sentences import whole


@dataclass(frozen=True, slots=True)
class Winters:
    """A table. months: heads of the columns. groups: for each figure its name and its rows: the winter, and its months."""

    months: list[str]
    groups: list[tuple[str, list[tuple[str, list[str]]]]]


def present(rows: list[WinterRow]) -> Winters | None:
    """Return the table; None without figures."""
    if not rows:
        return None
    names = {
        "hours": _("hours of search"),
        "tours": _("tours"),
        "needs_new": _("new needs"),
        "needs_met": _("needs met"),
        "expected": _("people expected"),
    }
    return Winters(
        [str(MONTHS_3[number]) for number in WINTER],
        [
            (names[figure], [(_winter(row.first), [_number(value) for value in row.values]) for row in members])
            for figure, members in groupby(rows, key=lambda row: row.figure)
        ],
    )


def _winter(first: int) -> str:
    return f"{first}–{date(first + 1, 1, 1):%y}"


def _number(value: float | None) -> str:
    return "–" if value is None else whole(round(value))
