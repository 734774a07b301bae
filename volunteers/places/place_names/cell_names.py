"""Readable names of cells: their streets or a well-known place, else the territory and a side of it.

A name depends only on the cell, never on the reports in it: two needs in one cell have the same name.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.contrib.gis.db.models.functions import Centroid
from django.db.models import FloatField, Func
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from volunteers.models import Cell, Territory
from volunteers.places.place_names import nearest
from volunteers.places.territories import areas, streets

MIDDLE_M = 250.0  # metres; cells closer to the centre of their territory have no side
SIDES = (
    pgettext_lazy("side of an area", "north"), pgettext_lazy("side of an area", "north-east"),
    pgettext_lazy("side of an area", "east"), pgettext_lazy("side of an area", "south-east"),
    pgettext_lazy("side of an area", "south"), pgettext_lazy("side of an area", "south-west"),
    pgettext_lazy("side of an area", "west"), pgettext_lazy("side of an area", "north-west"),
)  # fmt: skip
READ_AT_ONCE = 200
MIDDLE = gettext_lazy("in the middle")


@dataclass(frozen=True, slots=True)
class CellName:
    """A name in parts, independent of the language. streets: streets or one well-known place; () if none is known.
    area: the territory; "" outside all. side: as in :func:`side_of`."""

    streets: tuple[str, ...]
    area: str
    side: int | None

    def __str__(self) -> str:
        """Return “Rue de Crimée, rue Manin · Paris 19e”, or “Paris 14e, south” where no street is known."""
        return " · ".join(part for part in (self.street_line, self.area) if part) if self.streets else self.sided_area

    @property
    def street_line(self) -> str:
        return ", ".join((*self.streets[:1], *(nearest.address_line("", name) for name in self.streets[1:])))

    @property
    def sided_area(self) -> str:
        return f"{self.area or _('Outside')}, {_side(self.side, get_language())}"

    @property
    def in_full(self) -> str:
        """The name with streets and side, for two names that are otherwise the same."""
        return " · ".join(part for part in (self.street_line, self.sided_area) if part)


@cache
def _side(side: int | None, _language: str | None) -> str:
    """Return the words for a side in the active language: nine for each language."""
    return str(MIDDLE if side is None else SIDES[side])


@dataclass(frozen=True, slots=True)
class Named:
    """A cell to tick. name: name of the place, unique in its list. more: the territory if the name consists of streets,
    else ""."""

    cell: int
    name: str
    more: str


def side_of(place: tuple[float, float], middle: tuple[float, float]) -> int | None:
    """Return the side of a centre on which a place lies: 0 north, 1 north-east … 7 north-west; None within MIDDLE_M.

    Both points are (latitude, longitude) in degrees.
    """
    north = (place[0] - middle[0]) * 111_320
    east = (place[1] - middle[1]) * 111_320 * math.cos(math.radians(middle[0]))
    if math.hypot(north, east) < MIDDLE_M:
        return None
    return round(math.degrees(math.atan2(east, north)) / 45) % 8


def of(cells: Iterable[int], *, sides: bool = True) -> dict[int, CellName]:
    """Return the names of cells of resolution 9 or coarser. A coarser cell has the name of the small cell in its
    middle. If no territory contains the small cell, use the name of the nearest small cell that is in a territory.

    The number of queries does not depend on the number of cells. Outside all territories, the side is relative to the
    centre of all cells. sides: if False, names with streets have no side.
    """
    fine = {cell: grid.cell_of(*grid.centre(cell)) for cell in cells}
    if not fine:
        return {}
    home = _territories(fine.values())
    if outside := [cell for cell, inner in fine.items() if cell != inner and inner not in home]:
        parts = {cell: grid.children(cell) for cell in outside}
        home |= _territories({part for each in parts.values() for part in each})
        fine |= {cell: _nearest_inside(cell, each, home) for cell, each in parts.items()}
    known = _streets(sorted(set(fine.values())))
    middles = _middles({home[inner][0] for inner in fine.values() if inner in home and (sides or inner not in known)})
    places = {cell: grid.centre(cell) for cell in fine}
    among = tuple(sum(each) / len(places) for each in zip(*places.values(), strict=True))
    found = {}
    for cell, inner in fine.items():
        territory, area = home.get(inner, (None, ""))
        middle = middles.get(territory, (among[0], among[1]))
        found[cell] = CellName(known.get(inner, ()), area, side_of(places[cell], middle))
    return found


def _nearest_inside(cell: int, parts: Sequence[int], home: Collection[int]) -> int:
    """Return the part of a coarse cell that is nearest to its middle. If some parts are in a territory, only these
    parts count."""
    return min([part for part in parts if part in home] or parts, key=lambda part: grid.distance_m(cell, part))


def read_streets(cells: Iterable[int]) -> int:
    """Read the streets of cells into the cache, however long it takes; return the number of cells that have a name.

    A page waits only a moment. For cells that were not read in time, it shows the side of the territory.
    """
    left = {grid.cell_of(*grid.centre(cell)) for cell in cells}
    total = 0
    while found := streets.names_of(sorted(left)[:READ_AT_ONCE]):
        total += sum(bool(names) for names in found.values())
        left -= found.keys()
    return total


def lines(cells: Iterable[int | None]) -> dict[int, str]:
    """Return the names of cells as texts. Cells may occur twice or be None."""
    return {cell: str(name) for cell, name in of((cell for cell in {*cells} if cell is not None), sides=False).items()}


def unique[KeyT](names: Mapping[KeyT, CellName]) -> dict[KeyT, str]:
    """Return different texts for all names. Equal names get their side; if they are still equal, they get a number, in
    the order of the mapping."""
    texts = {key: str(name) for key, name in names.items()}
    uses = Counter(texts.values())
    texts = {key: names[key].in_full if uses[text] > 1 else text for key, text in texts.items()}
    return dict(zip(texts, _numbered(list(texts.values())), strict=True))


def _numbered(texts: Sequence[str]) -> list[str]:
    """Append a number to texts that occur several times."""
    uses, numbers, found = Counter(texts), Counter[str](), []
    for text in texts:
        numbers[text] += 1
        found.append(f"{text} ·\u00a0{numbers[text]}" if uses[text] > 1 else text)
    return found


def named(cells: Sequence[int], *, stops: bool = False) -> list[Named]:
    """Return the names of cells in their order. stops: if True, number them as the stops of a plan."""
    names = of(cells)
    texts = [names[cell].street_line or names[cell].sided_area for cell in cells]
    texts = [f"{number}. {text}" for number, text in enumerate(texts, start=1)] if stops else _numbered(texts)
    return [
        Named(cell, text, names[cell].area if names[cell].streets else "")
        for cell, text in zip(cells, texts, strict=True)
    ]


def _streets(cells: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the main streets of cells of resolution 9, else a well-known place; cells without either are omitted."""
    found = {cell: tuple(names) for cell, names in streets.names_of(cells).items() if names}
    landmarks = nearest.landmarks_of([cell for cell in cells if cell not in found])
    return {cell: (name,) for cell, name in landmarks.items()} | found


def _territories(cells: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return (id, name) of the territory of each cell of resolution 9. Cells outside all territories are omitted."""
    above = {cell: grid.parent(cell, areas.COARSE) for cell in cells}
    own = {cell: (pk, name) for cell, pk, name in _HOME.rows(cells=array({*above, *above.values()}))}
    return {cell: row for cell in cells if (row := own.get(cell) or own.get(above[cell]))}


def _middles(territories: Collection[int]) -> dict[int | None, tuple[float, float]]:
    """Return the centres of territories as (latitude, longitude) degrees, by id."""
    if not territories:
        return {}
    rows = _MIDDLES.rows(territories=array(territories))
    return {pk: (latitude, longitude) for pk, latitude, longitude in rows if latitude is not None}


_HOME = KeptValues(
    {"cells": "{1}"},
    lambda cells: Cell.objects.filter(one_of("cell", cells, "bigint")).values_list(
        "cell", "territory_id", "territory__name"
    ),
)
_MIDDLES = KeptValues(
    {"territories": "{1}"},
    lambda territories: (
        Territory.objects.filter(one_of("pk", territories, "bigint"))
        .order_by()
        .values_list(
            "pk",
            *(Func(Centroid("polygon"), function=axis, output_field=FloatField()) for axis in ("ST_Y", "ST_X")),
        )
    ),
)
