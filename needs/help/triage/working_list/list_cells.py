"""The cells of the dispatchers' list, for the map beside it. The map has no points."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet

from needs.enums import Urgency
from needs.help.triage.triage_queue import QueueFilter, matching, with_call_at
from needs.help.triage.working_list import list_numbers
from needs.help.triage.working_list.list_changes import MARKS, etag_of
from needs.models import NeedQuerySet
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

NOTHING: Mapping[str, Aggregate] = MappingProxyType({})
MAX_ON_MAP = 600
COARSEST = 5
DIGITS = 5
"""Decimal places of the borders of cells: about one metre."""


@dataclass(frozen=True, slots=True)
class ListCells:
    """The cells of a list with their numbers of needs and of urgent needs.

    unplaced: needs without a cell. etag: the list's ETag (``list_changes``). resolution: 9, or coarser for many cells.
    numbers: the numbers for the tabs, if the list has no filter (``list_numbers``); else None.
    """

    counts: dict[int, tuple[int, int]]
    unplaced: int
    etag: str
    resolution: int = field(default=grid.EVIDENCE_RESOLUTION)
    numbers: dict[str, int] | None = None

    @property
    def total(self) -> int:
        """The number of needs in the list."""
        return self.unplaced + sum(every for every, _urgent in self.counts.values())

    def on_map(self, cell: int | None) -> str:
        """Return the name of the map's cell that contains a cell; "" without a cell."""
        return grid.to_text(grid.parent(cell, self.resolution)) if cell is not None else ""

    def for_map(self) -> dict[str, Any]:
        """Return the cells as the page's script reads them: border, needs, and how many of these are urgent."""
        return {
            "unplaced": self.unplaced,
            "cells": [
                [grid.to_text(cell), every, urgent, _border(cell)] for cell, (every, urgent) in self.counts.items()
            ],
        }


def cells_of(viewer: Viewer, wanted: QueueFilter, now: datetime) -> ListCells:
    """Return the cells of a viewer's list. If there are more than MAX_ON_MAP, join them into coarser cells."""
    user = viewer.in_own_view if wanted.is_empty else None
    rows: Any = (
        _EVERYTHING.rows(user=user.pk, now=now, since=list_numbers.aged_since(now))
        if user
        else list(_groups(matching(viewer, wanted, now)))
    )
    found = {cell: (every, urgent) for cell, urgent, every, *_marks in rows if cell is not None}
    unplaced = sum(every for cell, _urgent, every, *_marks in rows if cell is None)
    resolution = grid.EVIDENCE_RESOLUTION
    while len(found) > MAX_ON_MAP and resolution > COARSEST:
        resolution -= 1
        found = _joined(found.items(), resolution)
    etag, numbers = etag_of([row[2 : 2 + len(MARKS)] for row in rows]), None
    if user:
        numbers = list_numbers.sums_of([row[2 + len(MARKS) :] for row in rows])
    return ListCells(found, unplaced, etag, resolution, numbers)


def _groups(needs: NeedQuerySet, numbers: Mapping[str, Aggregate] = NOTHING) -> QuerySet[Any, Any]:
    """Return a row for each cell, and one for the needs without a cell: cell, number of urgent needs, the MARKS, and more
    numbers."""
    urgent = Q(urgency=Urgency.NOW) | Q(danger_alarm__isnull=False, danger_alarm__acknowledged_at=None)
    groups: Any = needs.order_by().values("cell")
    found: QuerySet[Any, Any] = groups.annotate(urgent=Count("pk", filter=urgent), **MARKS, **numbers).values_list(
        "cell", "urgent", *MARKS, *numbers
    )
    return found


def _everything(user: int, now: datetime, since: datetime) -> QuerySet[Any, Any]:
    viewer = Viewer(User(pk=user))
    needs = with_call_at(matching(viewer, QueueFilter(), now))
    return _groups(needs, list_numbers.numbers_for(viewer, now, since))


_EVERYTHING = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC), "since": datetime(2000, 1, 2, tzinfo=UTC)},
    _everything,
    now=True,
)
"""The list without a filter, with the numbers for the tabs, so that the needs are read once."""


def _joined(counts: Iterable[tuple[int, tuple[int, int]]], resolution: int) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for cell, (every, urgent) in counts:
        above = grid.parent(cell, resolution)
        sums[above] = (sums[above][0] + every, sums[above][1] + urgent)
    return dict(sums)


@lru_cache(maxsize=20_000)
def _border(cell: int) -> list[list[float]]:
    return [[round(part, DIGITS) for part in corner] for corner in cell_geometry.outline(cell)]
