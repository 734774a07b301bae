"""How large are the groups in which people are met? Displayed ranges become wider where people come in groups.

The measure is Σg²/Σg over the encounters with g > 0 people: the mean size of the group in which a person was met. If
people come in groups of three, the number of people in a cell varies three times as much as the model assumes. Statuses
do not use this measure, because they become worse with it (docs/model.md).
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count

from mapping.coverage.citizen_rates.rate_estimates import WINDOW_DAYS
from mapping.models import CoverageSettings
from needs.models import Encounter
from solidarity.lib import grid
from volunteers.models import Cell, Territory

LEAST_ENCOUNTERS = 30
"""With fewer encounters in 60 days, people are assumed to come alone."""
LARGEST_GROUP = 10
"""A larger encounter counts as a group of this size: it is a distribution of meals, not a group that lives together."""


def renew(now: datetime) -> int:
    """Store the group size of each tree of territories from the encounters of the last 60 days; return the number of
    encounters. Call this together with a recompute of all cells, because the figures of zones depend on it."""
    since = now - timedelta(days=WINDOW_DAYS)
    rows = Encounter.objects.live().filter(at__gte=since, at__lte=now, persons__gt=0).exclude(cell=None)
    table = list(rows.values_list("cell", "persons").annotate(number=Count("pk")).order_by())
    root_of = _roots({cell for cell, _persons, _number in table})
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for cell, persons, number in table:
        size, of = min(persons, LARGEST_GROUP), sums[root_of.get(cell, "")]
        of[0] += number
        of[1] += number * size
        of[2] += number * size * size
    sizes = {root: squares / total for root, (number, total, squares) in sums.items() if number >= LEAST_ENCOUNTERS}
    for root in Territory.objects.filter(parent=None).values_list("slug", flat=True):
        below = CoverageSettings.objects.filter(territory__path__startswith=f"{root}/")
        below.update(group_size=sizes.get(root, 1.0))
    return sum(number for number, _total, _squares in sums.values())


def _roots(cells: set[int]) -> dict[int, str]:
    """Return the short name of the topmost territory of each cell of an encounter."""
    larger = {cell: grid.parent(cell, 8) for cell in cells}
    known = Cell.objects.filter(cell__in=cells | set(larger.values())).values_list("cell", "territory__path")
    paths = dict(known)
    found = {cell: paths.get(cell) or paths.get(larger[cell]) for cell in cells}
    return {cell: path.split("/")[0] for cell, path in found.items() if path}
