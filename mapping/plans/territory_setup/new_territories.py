"""New territories from borders: a plan with cells and expected people, which is shown first and then stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mapping.coverage.folding import territory_cells
from mapping.models import CoverageSettings
from solidarity.lib import cell_geometry
from solidarity.lib.border_files import border_reader
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.border_files.border_reader import Feature
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Level
from volunteers.models import Territory, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories.duties import root_of
from volunteers.places.territories.people_counts import PeopleCount

LOCK = "territories"
MOST_CELLS = 300_000
"""Most cells of one plan; a larger area is divided, or uses larger cells."""
MOST_OUTSIDE = 0.01
"""Largest part of a border's surface that may lie outside its parent; this part is cut off."""
_SLUG, _PATH = 80, 400


class Step(Enum):
    """What is being done while territories are stored, in this order."""

    PLAN = "plan"
    TERRITORIES = "territories"
    CELLS = "cells"
    MAP = "map"


type Tell = Callable[[Step, int, int], None]
"""Hears of each step, with the number of stored territories and of all."""


class TerritoriesRefused(Exception):
    """The territories cannot be created. lines: one sentence for each defect."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = list(lines)


def lines_of(refused: BordersRefused | TerritoriesRefused) -> list[str]:
    """Return one sentence for each defect of borders or territories."""
    return refused.lines() if isinstance(refused, BordersRefused) else refused.lines


@dataclass(frozen=True, slots=True)
class Choices:
    """A person's choices for the features of a file. root_name: the territory to create around them, or "". count:
    people expected in all territories together. resolution: 8 or 9; None if the expected number of people decides."""

    name_property: str
    level: Level
    parent: Territory | None = None
    root_name: str = ""
    root_level: Level = Level.CITY
    zoned: bool = True
    count: PeopleCount = PeopleCount()
    resolution: int | None = None

    @property
    def persons(self) -> float | None:
        return self.count.persons


@dataclass(frozen=True, slots=True)
class PlannedTerritory:
    """A territory to create. cells: number of its cells; 0 if it is not zoned. persons: the part of the expected people
    that belongs to the territory, by surface. parts: number of joined features. repaired: number of features whose
    border crossed itself."""

    name: str
    slug: str
    polygon: MultiPolygon
    cells: int
    persons: float | None
    parts: int
    repaired: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The territories to create, and the territory above them, if it is new."""

    territories: list[PlannedTerritory]
    root: PlannedTerritory | None
    resolution: int

    @property
    def cells(self) -> int:
        return sum(each.cells for each in self.territories)

    @property
    def repaired(self) -> int:
        return sum(each.repaired for each in self.territories)

    @property
    def joined(self) -> int:
        return sum(each.parts - 1 for each in self.territories)


def plan(features: Sequence[Feature], choices: Choices) -> Plan:
    """Plan the new territories without storing anything. Raise BordersRefused or TerritoriesRefused with every
    defect."""
    borders = border_reader.named(list(features), choices.name_property)
    if len(borders) > 1 and choices.parent is None and not choices.root_name:
        raise TerritoriesRefused([_("Several areas need one territory above them: choose it, or give it a name.")])
    lines, shapes = [], []
    for each in borders:
        inside = within_parent(each.polygon, choices.parent)
        if inside is None and choices.parent is not None:
            lines.append(outside_words(each.name, choices.parent.name))
        shapes.append(inside or each.polygon)
    taken = _taken_names(choices)
    lines += [_("“%(name)s” exists here already.") % {"name": each.name} for each in borders if each.name in taken]
    if choices.root_name and choices.root_name in _names_under(choices.parent):
        lines.append(_("“%(name)s” exists here already.") % {"name": choices.root_name})
    whole = territory_cells.outline_of(shapes)
    resolution = _resolution(choices, whole)
    about = sum(territory_cells.cells_expected(shape, resolution) for shape in shapes)
    if choices.zoned and about > MOST_CELLS:
        lines.append(
            _("These borders hold about %(cells)s cells, more than %(most)s. Choose larger cells or fewer areas.")
            % {"cells": round(about), "most": MOST_CELLS}
        )
    if lines:
        raise TerritoriesRefused(lines)
    slugs = _Slugs(choices.parent)
    root = None
    if choices.root_name:
        name = choices.root_name
        root = PlannedTerritory(name, slugs.give(name), whole, 0, choices.persons, 1, 0)
    surface = sum(_surface(shape) for shape in shapes)
    planned = []
    for each, shape in zip(borders, shapes, strict=True):
        count = len(cell_geometry.cells_in(shape, resolution)) if choices.zoned else 0
        share = None if choices.persons is None else round(choices.persons * _surface(shape) / surface, 1)
        slug = slugs.give(each.name, root.slug if root else "")
        planned.append(PlannedTerritory(each.name, slug, shape, count, share, each.parts, each.repaired))
    return Plan(planned, root, resolution)


def _nobody(_step: Step, _done: int, _total: int) -> None:
    """Tell nobody."""


@transaction.atomic
def enter(features: Sequence[Feature], choices: Choices, by: User, tell: Tell = _nobody) -> list[Territory]:
    """Store the planned territories, all or none, assign their cells and evidence, and record it. Raise as ``plan``. tell:
    hears of the progress."""
    tell(Step.PLAN, 0, 0)
    lock([LOCK])
    decided = plan(features, choices)
    parent = choices.parent
    made = []
    if decided.root is not None:
        parent = territory_cells.save_territory(
            decided.root.name, decided.root.polygon, choices.root_level, slug=decided.root.slug, parent=parent,
            zoned=False, **choices.count.columns(),
        )  # fmt: skip
        made.append(parent)
    number = len(decided.territories)
    for done, each in enumerate(decided.territories):
        tell(Step.TERRITORIES, done, number)
        own = {} if decided.root else _share(choices.count, each.persons)
        made.append(
            territory_cells.save_territory(
                each.name, each.polygon, choices.level, slug=each.slug, parent=parent, zoned=choices.zoned, **own
            )
        )
    if any(len(each.path) > _PATH for each in made):
        raise TerritoriesRefused([_("There are too many levels above these territories.")])
    CoverageSettings.objects.filter(territory__in=made).update(resolution=decided.resolution, adaptive=False)
    tell(Step.CELLS, number, number)
    territory_cells.assign_cells(root_of(made[0]), lambda: tell(Step.MAP, number, number))
    recording.record(
        by, Verb.TERRITORIES_ADDED, "territory", made[0].slug, purpose=Purpose.COORDINATION, scope=made[0].slug,
        details={"territories": len(made), "resolution": decided.resolution, "cells_assigned": decided.cells},
    )  # fmt: skip
    return made


def _share(count: PeopleCount, persons: float | None) -> dict[str, Any]:
    """Return the columns of a territory that has a part of a count."""
    part = (persons or 0.0) / count.persons if count.persons else 0.0
    low, high = (None if end is None else end * part for end in (count.low, count.high))
    return replace(count, persons=persons, low=low, high=high).columns()


def within_parent(polygon: MultiPolygon, parent: Territory | None) -> MultiPolygon | None:
    """Return the part of a border inside its parent; None if more than MOST_OUTSIDE of it lies outside.

    A cell belongs to the deepest territory that contains it. So a part that reaches into the neighbour of its parent
    would take cells from this neighbour.
    """
    if parent is None or parent.polygon.covers(polygon):
        return polygon
    inside = border_reader.joined([parent.polygon.intersection(polygon)])
    if inside is None or inside.area < polygon.area * (1 - MOST_OUTSIDE):
        return None
    return inside


def outside_words(name: str, parent: str) -> str:
    return _("“%(name)s” is not inside %(parent)s.") % {"name": name, "parent": parent}


def _resolution(choices: Choices, whole: MultiPolygon) -> int:
    if choices.resolution is not None:
        return choices.resolution
    if choices.persons is not None:
        return territory_cells.fitting_resolution(whole, choices.persons)
    return choices.parent.coverage.resolution if choices.parent else 9


def _names_under(parent: Territory | None) -> set[str]:
    return set(Territory.objects.filter(parent=parent).values_list("name", flat=True))


def _taken_names(choices: Choices) -> set[str]:
    """Return the names of the territories below the parent of the new territories. Below a new territory, no name is
    taken yet."""
    return set() if choices.root_name else _names_under(choices.parent)


def _surface(polygon: MultiPolygon) -> float:
    return territory_cells.cells_expected(polygon, 9)


class _Slugs:
    """Makes short names that no territory has yet, from the name and, if necessary, the parent's short name and a
    number."""

    def __init__(self, parent: Territory | None) -> None:
        self.parent = parent.slug if parent else ""
        self.taken = set(Territory.objects.values_list("slug", flat=True))

    def give(self, name: str, parent: str = "") -> str:
        plain = slugify(name) or "area"
        above = parent or self.parent
        wishes = [plain, f"{above}-{plain}" if above else plain]
        wishes += [f"{plain[:70]}-{number}" for number in range(2, len(self.taken) + 3)]
        slug = next(wish for wish in (each[:_SLUG] for each in wishes) if wish not in self.taken)
        self.taken.add(slug)
        return slug
