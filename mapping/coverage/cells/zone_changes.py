"""Planned changes of the live zones: rows to store, zones that end, steps of the history. No database."""

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from solidarity.lib import cell_geometry
from solidarity.lib.database.region import region_of, regions_of_sorted

type Kind = tuple[int, int, bool]
"""Territory, status and override flag, which all cells of a zone share."""


@dataclass(frozen=True, slots=True)
class StoredZone:
    """A stored live zone. name_cell: the cell after which the zone is named. regions: the regions of its cells. last: the day
    of the last search, not a number without one. sums: as in Zone.sums. members: the cells of the zone. outline: the outline
    of these cells in well-known binary format, for zones of some size. The last four are only there if they were loaded."""

    id: int
    key: uuid.UUID
    territory: int
    status: int
    overridden: bool
    since: datetime
    cells: int
    persons: float
    name_cell: int | None = None
    regions: Sequence[int] = ()
    last: float = math.nan
    sums: Sequence[float] = ()
    members: Sequence[int] = ()
    outline: bytes = b""

    @property
    def kind(self) -> Kind:
        return self.territory, self.status, self.overridden


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A live zone to store. version: primary key of the parameters. was: the stored row with the same key.

    shape: the outline in well-known binary format. regions: the regions of the cells. region: the region of the lowest cell.
    name_cell: the cell after which the zone is named. cells: the cells of the zone. All five are None if the cells did not
    change. until: the time at which the first override ends.
    """

    key: uuid.UUID
    territory: int
    status: int
    overridden: bool
    version: int
    was: StoredZone | None
    shape: bytes | None
    regions: Sequence[int] | None
    region: int | None
    name_cell: int | None
    cells: Sequence[int] | None
    until: datetime | None

    @classmethod
    def of(
        cls,
        key: uuid.UUID,
        kind: Kind,
        version: int,
        was: StoredZone | None,
        cells: Sequence[int] | None,
        until: datetime | None,
    ) -> Self:
        """Build the row of a zone. cells: the new cells of the zone in ascending order, None if they are the same as before."""
        if cells is None:
            return cls(key, *kind, version, was, None, None, None, None, None, until)
        name_cell = name_cell_of(cells, was.name_cell if was else None)
        shape = cell_geometry.outline_after(was.outline, was.members, cells) if was and was.outline else None
        regions, region = sorted(regions_of_sorted(cells)), region_of(cells[0])
        shape = shape or cell_geometry.dissolve_to_wkb(cells)
        return cls(key, *kind, version, was, shape, regions, region, name_cell, cells, until)

    @property
    def stays(self) -> bool:
        """Whether the status and the override flag stay the same."""
        return self.was is not None and (self.was.status, self.was.overridden) == (self.status, self.overridden)


def name_cell_of(cells: Sequence[int], before: int | None) -> int:
    """Return the naming cell of a zone: the previous naming cell if it still belongs to the zone, else the cell nearest
    to the middle."""
    return before if before is not None and before in cells else cell_geometry.middle_of(cells)


type Step = tuple[uuid.UUID, int, int | None, int | None, bool, int, float]


@dataclass(frozen=True, slots=True)
class ZoneChanges:
    """Zone changes to write. figures: columns with one value per row. history: (key, territory, status before, status,
    overridden, cells, persons); the status before is None for a new zone, the status is None for a zone that ends."""

    rows: Sequence[ZoneRow]
    figures: Mapping[str, Sequence[Any]]
    ended: Sequence[StoredZone]
    history: Sequence[Step]

    @classmethod
    def of(cls, rows: Sequence[ZoneRow], figures: Mapping[str, Sequence[Any]], ended: Sequence[StoredZone]) -> Self:
        """Build the changes and derive the steps of the history."""
        history: list[Step] = [
            (row.key, row.territory, row.was.status if row.was else None, row.status, row.overridden,
             figures["cells"][place], figures["persons"][place])
            for place, row in enumerate(rows)
            if not row.stays
        ]  # fmt: skip
        history += [(zone.key, zone.territory, zone.status, None, False, zone.cells, zone.persons) for zone in ended]
        return cls(rows, figures, ended, history)
