"""The cells of the dispatchers' list, for the map beside it. The map has no points."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from needs.enums import Urgency
from needs.models import NeedQuerySet
from needs.triage.working_list.list_changes import MARKS, etag_of
from solidarity.lib import cell_geometry, grid

MAX_ON_MAP = 600
COARSEST = 5
DIGITS = 5
"""Decimal places of the borders of cells: about one metre."""


@dataclass(frozen=True, slots=True)
class ListCells:
    """The cells of a list with their numbers of needs and of urgent needs.

    unplaced: needs without a cell. etag: the list's ETag (``list_changes``). resolution: 9, or coarser for many cells.
    """

    counts: dict[int, tuple[int, int]]
    unplaced: int
    etag: str
    resolution: int = field(default=grid.EVIDENCE_RESOLUTION)

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


def cells_of(needs: NeedQuerySet) -> ListCells:
    """Return the cells of needs. If there are more than MAX_ON_MAP, join them into coarser cells."""
    urgent = Q(urgency=Urgency.NOW) | Q(danger_alarm__isnull=False, danger_alarm__acknowledged_at=None)
    groups = needs.order_by().values("cell").annotate(urgent=Count("pk", filter=urgent), **MARKS)
    rows: list[Any] = list(groups)
    found = {int(row["cell"]): (row["all"], row["urgent"]) for row in rows if row["cell"] is not None}
    unplaced = sum(row["all"] for row in rows if row["cell"] is None)
    resolution = grid.EVIDENCE_RESOLUTION
    while len(found) > MAX_ON_MAP and resolution > COARSEST:
        resolution -= 1
        found = _joined(found.items(), resolution)
    return ListCells(found, unplaced, etag_of(rows), resolution)


def _joined(counts: Iterable[tuple[int, tuple[int, int]]], resolution: int) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for cell, (every, urgent) in counts:
        above = grid.parent(cell, resolution)
        sums[above] = (sums[above][0] + every, sums[above][1] + urgent)
    return dict(sums)


def _border(cell: int) -> list[list[float]]:
    return [[round(part, DIGITS) for part in corner] for corner in cell_geometry.outline(cell)]
