"""What volunteers call cells: the number of the stop, the streets where they are known, else the area and the side of it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from solidarity.lib import grid
from volunteers.territories import areas

MIDDLE_M = 250.0  # nearer to the middle of its area than this a cell has no side
SIDES = (
    pgettext_lazy("side of an area", "north"), pgettext_lazy("side of an area", "north-east"),
    pgettext_lazy("side of an area", "east"), pgettext_lazy("side of an area", "south-east"),
    pgettext_lazy("side of an area", "south"), pgettext_lazy("side of an area", "south-west"),
    pgettext_lazy("side of an area", "west"), pgettext_lazy("side of an area", "north-west"),
)  # fmt: skip
MIDDLE = gettext_lazy("in the middle")


@dataclass(frozen=True, slots=True)
class Named:
    """A cell to tick. name: unlike all others of its list. more: the area, where the streets are its name; or ""."""

    cell: int
    name: str
    more: str


def side_of(place: tuple[float, float], middle: tuple[float, float]) -> int | None:
    """Where a place lies seen from a middle, both (latitude, longitude) degrees: 0 north, 1 north-east … 7 north-west.

    None when it is the middle (MIDDLE_M).
    """
    north = (place[0] - middle[0]) * 111_320
    east = (place[1] - middle[1]) * 111_320 * math.cos(math.radians(middle[0]))
    if math.hypot(north, east) < MIDDLE_M:
        return None
    return round(math.degrees(math.atan2(east, north)) / 45) % 8


def named(cells: Sequence[int], *, stops: bool = False) -> list[Named]:
    """Names of cells, in their order. stops: they are those of a plan, in the order of walking, and are counted so."""
    streets = areas.streets_of(cells)
    told = []
    names = areas.names_of(cells)
    for number, (cell, area) in enumerate(zip(cells, _areas(cells, names), strict=True), start=1):
        own = ", ".join(streets.get(cell, [])) or area
        told.append(
            Named(cell, f"{number}. {own}" if stops else own, area if cell in streets and cell in names else "")
        )
    return told if stops else _apart(told)


def _areas(cells: Sequence[int], names: Mapping[int, str]) -> list[str]:
    """“Nord, south-east”; seen from the middle of the cells where no area is known."""
    middles = areas.middles_of(sorted(set(names.values())))
    places = [grid.centre(cell) for cell in cells]
    among = tuple(sum(each) / len(places) for each in zip(*places, strict=True)) if places else (0.0, 0.0)
    told = []
    for cell, place in zip(cells, places, strict=True):
        name = names.get(cell, "")
        side = side_of(place, middles.get(name, (among[0], among[1])))
        told.append(f"{name or _('Outside')}, {MIDDLE if side is None else SIDES[side]}")
    return told


def _apart(told: Sequence[Named]) -> list[Named]:
    """Cells of one name get a number behind it."""
    several, seen = Counter(each.name for each in told), Counter[str]()
    apart = []
    for each in told:
        seen[each.name] += 1
        name = f"{each.name} · {seen[each.name]}" if several[each.name] > 1 else each.name
        apart.append(Named(each.cell, name, each.more))
    return apart
