"""Readable names of cells: number of the stop, then its streets or, if none is known, the area and a side of it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from solidarity.lib import grid
from volunteers.territories import areas

MIDDLE_M = 250.0  # metres; cells closer to the centre of their area have no side
SIDES = (
    pgettext_lazy("side of an area", "north"), pgettext_lazy("side of an area", "north-east"),
    pgettext_lazy("side of an area", "east"), pgettext_lazy("side of an area", "south-east"),
    pgettext_lazy("side of an area", "south"), pgettext_lazy("side of an area", "south-west"),
    pgettext_lazy("side of an area", "west"), pgettext_lazy("side of an area", "north-west"),
)  # fmt: skip
MIDDLE = gettext_lazy("in the middle")


@dataclass(frozen=True, slots=True)
class Named:
    """A cell to tick. name: unique in its list. more: the area if the name consists of streets, else ""."""

    cell: int
    name: str
    more: str


def side_of(place: tuple[float, float], middle: tuple[float, float]) -> int | None:
    """Return the side of a centre on which a place lies: 0 north, 1 north-east … 7 north-west; None within MIDDLE_M.

    Both are (latitude, longitude) in degrees.
    """
    north = (place[0] - middle[0]) * 111_320
    east = (place[1] - middle[1]) * 111_320 * math.cos(math.radians(middle[0]))
    if math.hypot(north, east) < MIDDLE_M:
        return None
    return round(math.degrees(math.atan2(east, north)) / 45) % 8


def named(cells: Sequence[int], *, stops: bool = False) -> list[Named]:
    """Return the names of cells in their order. stops: number them as the stops of a plan."""
    streets, names, found = areas.streets_of(cells), areas.names_of(cells), []
    for number, (cell, area) in enumerate(zip(cells, _areas(cells, names), strict=True), start=1):
        own = ", ".join(streets.get(cell, [])) or area
        found.append(
            Named(cell, f"{number}. {own}" if stops else own, area if cell in streets and cell in names else "")
        )
    return found if stops else _numbered(found)


def _areas(cells: Sequence[int], names: Mapping[int, str]) -> list[str]:
    """Return names like “Nord, south-east”. Without an area, the side is relative to the centre of all cells."""
    middles = areas.middles_of(sorted(set(names.values())))
    places = [grid.centre(cell) for cell in cells]
    among = tuple(sum(each) / len(places) for each in zip(*places, strict=True)) if places else (0.0, 0.0)
    found = []
    for cell, place in zip(cells, places, strict=True):
        name = names.get(cell, "")
        side = side_of(place, middles.get(name, (among[0], among[1])))
        found.append(f"{name or _('Outside')}, {MIDDLE if side is None else SIDES[side]}")
    return found


def _numbered(cells: Sequence[Named]) -> list[Named]:
    """Append a number to names that several cells share."""
    uses, numbers = Counter(each.name for each in cells), Counter[str]()
    numbered = []
    for each in cells:
        numbers[each.name] += 1
        name = f"{each.name} · {numbers[each.name]}" if uses[each.name] > 1 else each.name
        numbered.append(Named(each.cell, name, each.more))
    return numbered
