"""Changes of a territory: name, level, parent, expected people, border. Cells and evidence are updated in the same
transaction."""

from dataclasses import dataclass, replace
from functools import partial

from django.contrib.gis.geos import MultiPolygon
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mapping.coverage.folding import territory_cells
from mapping.coverage.unseen import hindcasts
from mapping.map.pages import borders
from mapping.plans.territory_setup.new_territories import (
    LOCK,
    MOST_CELLS,
    TerritoriesRefused,
    outside_words,
    within_parent,
)
from solidarity.lib import cell_geometry
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories.duties import root_of
from volunteers.places.territories.people_counts import PeopleCount

_PATH = 400


def parents_for(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories below which a viewer may add territories: the territories that the viewer coordinates."""
    return Territory.objects.coordinated_by(viewer)


def changeable(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories that a viewer may change: administrators may change all, coordinators the parts below
    their own territory."""
    own = Territory.objects.coordinated_by(viewer)
    return own if viewer.is_administrator else own.filter(parent__in=own)


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a territory that can change, except its border. The cell size of a territory is fixed when the
    territory is created."""

    name: str
    level: str
    parent: Territory | None
    count: PeopleCount


@transaction.atomic
def change(territory: Territory, values: Values, by: User) -> None:
    """Store new values. Raise TerritoriesRefused."""
    lock([LOCK])
    old_root, moved = root_of(territory), values.parent != territory.parent
    known = PeopleCount.of(territory)
    counted = values.count != replace(known, entered_at=None)
    if moved:
        _check_move(territory, values)
    elif Territory.objects.filter(parent=values.parent, name=values.name).exclude(pk=territory.pk).exists():
        raise TerritoriesRefused([_("“%(name)s” exists here already.") % {"name": values.name}])
    before = territory.path
    territory.name, territory.level, territory.parent = values.name, values.level, values.parent
    if counted:
        hindcasts.note(territory, values.count)
        for column, value in values.count.columns().items():
            setattr(territory, column, value)
    territory.save()
    if moved:
        _move_below(before, territory.path)
    if moved or values.count.persons != known.persons:
        for pk in {old_root.pk, root_of(territory).pk}:
            territory_cells.assign_cells(Territory.objects.get(pk=pk))
    _redraw_after(territory)
    _record(territory, by, {"moved": moved, "count_changed": counted})


def enter_count(territory: Territory, count: PeopleCount, by: User) -> None:
    """Store the count of a territory and change nothing else."""
    change(territory, Values(territory.name, territory.level, territory.parent, count), by)


def _check_move(territory: Territory, values: Values) -> None:
    parent = values.parent
    if parent is None:
        return
    if parent.path.startswith(territory.path):
        raise TerritoriesRefused([_("A territory cannot be below itself.")])
    if Territory.objects.filter(parent=parent, name=values.name).exists():
        raise TerritoriesRefused([_("“%(name)s” exists here already.") % {"name": values.name}])
    if within_parent(territory.polygon, parent) is None:
        raise TerritoriesRefused([outside_words(territory.name, parent.name)])
    longest = max(len(each.path) for each in Territory.objects.under(territory))
    if longest - len(territory.path) + len(parent.path) + len(territory.slug) + 1 > _PATH:
        raise TerritoriesRefused([_("There are too many levels above these territories.")])


def _move_below(before: str, after: str) -> None:
    """Give the territories below a moved territory their new paths."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE volunteers_territory SET path = %s || substr(path, %s) WHERE starts_with(path, %s)",
            [after, len(before) + 1, before],
        )


@dataclass(frozen=True, slots=True)
class BorderPlan:
    """A new border of a territory. before, after: number of the territory's cells before and after the change. gained,
    lost: number of cells that the new border adds and removes."""

    polygon: MultiPolygon
    before: int
    after: int
    gained: int
    lost: int


def plan_border(territory: Territory, polygon: MultiPolygon) -> BorderPlan:
    """Compute what a new border would change; write nothing. Raise TerritoriesRefused."""
    inside = within_parent(polygon, territory.parent)
    lines = []
    if inside is None and territory.parent is not None:
        lines.append(outside_words(territory.name, territory.parent.name))
    whole = inside or polygon
    for part in Territory.objects.filter(parent=territory):
        if part.polygon.difference(whole).area > part.polygon.area * 0.01:
            lines.append(outside_words(part.name, territory.name))
    resolution = territory.coverage.resolution
    if territory.zoned and territory_cells.cells_expected(whole, resolution) > MOST_CELLS:
        lines.append(_("This border holds more than %(most)s cells.") % {"most": MOST_CELLS})
    if lines:
        raise TerritoriesRefused(lines)
    if not territory.zoned:
        return BorderPlan(whole, 0, 0, 0, 0)
    now = set(Cell.objects.filter(territory__path__startswith=territory.path).values_list("cell", flat=True))
    then = set(cell_geometry.cells_in(whole, resolution))
    return BorderPlan(whole, len(now), len(then), len(then - now), len(now - then))


@transaction.atomic
def replace_border(territory: Territory, polygon: MultiPolygon, by: User) -> None:
    """Store a new border and assign cells and evidence to it. Raise TerritoriesRefused."""
    lock([LOCK])
    decided = plan_border(territory, polygon)
    Territory.objects.filter(pk=territory.pk).update(polygon=decided.polygon)
    territory_cells.assign_cells(root_of(territory))
    _redraw_after(territory)
    _record(territory, by, {"border": True, "gained": decided.gained, "lost": decided.lost})


def _redraw_after(territory: Territory) -> None:
    """After the commit, make maps redraw the borders of the territory and of the territories above it."""
    parts = territory.path.split("/")[:-1]
    transaction.on_commit(
        partial(borders.forget, ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)])
    )


def _record(territory: Territory, by: User, details: dict[str, int | bool]) -> None:
    recording.record(
        by, Verb.TERRITORY_CHANGED, "territory", territory.slug, purpose=Purpose.COORDINATION, scope=territory.slug,
        details=details,
    )  # fmt: skip
