"""Pages of a long list of zones, of which only the shown part is read.

A list by status or by place goes through the territories one after the other. So it is enough to count the zones of each
status in each territory to know which territories a page shows. Only these are read and named, and only the rows of the
page are put into words. The order is that of zone_list.rows.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from mapping.enums import KEY_STATUS, STATUS_KEYS, Status
from mapping.map import zone_list
from mapping.map.zone_list import Row
from mapping.releases.reading import Reading
from mapping.wording import zone_names
from solidarity.lib.natural_order import natural

BY_TERRITORY = ("status", "place")
"""The orders in which the zones of a territory stand together."""


@dataclass(slots=True)
class _Group:
    """Zones that follow each other in the list. statuses: their statuses. names: the names of their territories.
    territories: the ids of these territories."""

    statuses: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    territories: set[int] = field(default_factory=set)
    zones: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Number of zones with a status in a territory. name: name of the territory."""

    territory: int
    name: str
    status: int
    zones: int


def counted(reading: Reading) -> list[Counted]:
    """Count the zones of a reading, regardless of the filter."""
    columns = reading.zones.values_list("territory_id", "territory__name", "status")
    return [Counted(*row) for row in columns.annotate(zones=Count("pk")).order_by()]


def by_status(found: Iterable[Counted]) -> dict[str, int]:
    """Return the number of zones by status key."""
    zones: Counter[str] = Counter()
    for each in found:
        zones[STATUS_KEYS[Status(each.status)]] += each.zones
    return zones


class ZonePages:
    """The filtered zones of a reading in one of the orders BY_TERRITORY. Each slice is read only when it is needed."""

    def __init__(
        self, reading: Reading, chosen: Collection[str], sort: str, notes: Mapping[str, int], found: Iterable[Counted]
    ) -> None:
        self.reading, self.notes, self.sort = reading, notes, sort
        statuses = {int(KEY_STATUS[key]) for key in chosen or KEY_STATUS}
        self.groups = self._grouped(each for each in found if each.status in statuses)

    def __len__(self) -> int:
        return sum(group.zones for group in self.groups)

    def __getitem__(self, part: slice) -> list[Row]:
        start, stop, _step = part.indices(len(self))
        shown: list[_Group] = []
        before = skipped = 0
        for group in self.groups:
            if before < stop and before + group.zones > start:
                skipped = skipped if shown else start - before
                shown.append(group)
            before += group.zones
        return self._rows(shown, skipped, stop - start) if shown else []

    def _grouped(self, counts: Iterable[Counted]) -> list[_Group]:
        """Return the groups in the order of the list."""
        found: dict[tuple[int, tuple[tuple[int, str], ...]], _Group] = {}
        for each in counts:
            urgency = zone_list.URGENCY_OF[STATUS_KEYS[Status(each.status)]] if self.sort.endswith("status") else 0
            place = (-urgency if self.sort == "-status" else urgency, tuple(natural(each.name)))
            group = found.setdefault(place, _Group())
            group.statuses.add(each.status)
            group.names.add(each.name)
            group.territories.add(each.territory)
            group.zones += each.zones
        return [found[place] for place in sorted(found, reverse=self.sort == "-place")]

    def _rows(self, groups: Sequence[_Group], skipped: int, number: int) -> list[Row]:
        """Return ``number`` rows of successive groups, after the first ``skipped``."""
        # Names are unique among all zones of the territories with one name, including the zones that the filter leaves
        # out.
        here = self.reading.zones.filter(territory__name__in=set().union(*(group.names for group in groups)))
        statuses: set[int] = set().union(*(group.statuses for group in groups))
        whole = here.select_related("territory", "model").defer("shape", "territory__polygon")
        zones = list(whole if len(statuses) == len(STATUS_KEYS) else whole.filter(status__in=statuses))
        names = zone_names.different_names(zones) if len(statuses) == len(STATUS_KEYS) else zone_names.names_of(here)
        zones.sort(key=lambda zone: natural(names[str(zone.key)]), reverse=self.sort == "-place")
        ordered = [
            zone
            for group in groups
            for zone in zones
            if zone.territory_id in group.territories and zone.status in group.statuses
        ]
        part = ordered[skipped : skipped + number]
        return [zone_list.row_of(zone, names[str(zone.key)], self.reading.detail, self.notes) for zone in part]


def listed(
    reading: Reading, chosen: list[str], sort: str, notes: Mapping[str, int], found: Iterable[Counted]
) -> ZonePages | list[Row]:
    """Return the rows of zone_list.rows. If the order allows it, only the requested slices are read. found: result of
    ``counted``."""
    if sort.removeprefix("-") in BY_TERRITORY:
        return ZonePages(reading, chosen, sort, notes, found)
    return zone_list.rows(reading, chosen, sort, notes)
