"""The rows of the dispatchers' list: a need, the name of its area and street, who is working on it, and a likely
duplicate."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from needs.desk import scope
from needs.models import Commitment, Need
from needs.triage.working_list.list_cells import ListCells
from needs.triage.working_list.list_duplicates import likely_duplicates
from volunteers.accounts.viewer import Viewer
from volunteers.place_names import cell_names
from volunteers.place_names.cell_names import CellName


@dataclass(frozen=True, slots=True)
class ListRow:
    """A need in the list. The places of a row are no more exact than the need's cell.

    area: the territory, and also the side of it if no street is known; the district for a need without a cell; ""
    outside all territories. street: the longest street or a well-known place in the cell, if known. on_map: the map's
    cell; "" for a need without a cell. holders: the people and associations who take care of the need. editor: the
    person who has the page of the need open; None if nobody has. duplicate: the most likely duplicate.
    """

    need: Need
    area: str
    street: str
    on_map: str
    holders: tuple[str, ...]
    editor: str | None
    duplicate: uuid.UUID | None


def rows_of(page: Sequence[Need], viewer: Viewer, cells: ListCells, now: datetime) -> list[ListRow]:
    """Return the rows of one page of needs."""
    names = cell_names.of({need.cell for need in page if need.cell is not None})
    holders, duplicates = _holders(page, now), likely_duplicates(page, scope.needs_for(viewer))
    return [
        ListRow(
            need=need,
            area=_area(need, names),
            street=names[need.cell].streets[0] if need.cell in names and names[need.cell].streets else "",
            on_map=cells.on_map(need.cell),
            holders=tuple(holders.get(need.pk, ())),
            editor=_editor(need, now),
            duplicate=duplicates.get(need.pk),
        )
        for need in page
    ]


def _area(need: Need, names: Mapping[int, CellName]) -> str:
    if need.cell is None:
        return need.district.name if need.district else ""
    name = names[need.cell]
    return name.area if name.streets or not name.area else name.sided_area


def _editor(need: Need, now: datetime) -> str | None:
    lock = getattr(need, "lock", None)
    return str(lock.holder) if lock is not None and lock.expires_at > now else None


def _holders(page: Sequence[Need], now: datetime) -> dict[uuid.UUID, list[str]]:
    """Return the associations or volunteers with a commitment to each need."""
    rows = Commitment.objects.running(now).filter(need__in=[need.pk for need in page])
    found = defaultdict(list)
    for row in rows.select_related("volunteer", "association").order_by("made_at"):
        found[row.need_id].append(str(row.association or row.volunteer))
    return dict(found)
