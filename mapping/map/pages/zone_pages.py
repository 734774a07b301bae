"""Pages of a long list of zones, of which only the shown part is read.

PostgreSQL sorts a list by people without help.

A list by status or by place goes through the territories one after the other. So it is enough to count the zones of each
status in each territory to know which territories a page shows. Only the zones of these are named, and only the rows of
the page are read whole and put into words. The order is that of zone_list.rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from mapping.enums import KEY_STATUS, STATUS_KEYS, Status
from mapping.map.pages import zone_list
from mapping.map.pages.zone_list import Row
from mapping.map.releases.reading import Reading
from mapping.map.wording import zone_names
from mapping.models import Parameters
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


class UnhelpedPages:
    """The filtered zones of a reading, most people without help first. Each slice is read only when it is needed."""

    def __init__(self, reading: Reading, chosen: Collection[str], notes: Mapping[str, int]) -> None:
        self.reading, self.notes = reading, notes
        self.statuses = {int(KEY_STATUS[key]) for key in chosen or KEY_STATUS}

    def __len__(self) -> int:
        return sum(each.zones for each in self.reading.counted if each.status in self.statuses)

    def __getitem__(self, part: slice) -> list[Row]:
        wanted = self.reading.zones.filter(status__in=self.statuses)
        ordered = zone_list.most_unhelped(wanted, self.reading.detail)
        keys, territories = [], set()
        for key, territory in ordered.values_list("key", "territory__name")[part]:
            keys.append(key)
            territories.add(territory)
        here = self.reading.zones.filter(territory__name__in=territories)
        names = zone_names.different_names(here.values_list("key", "name_cell", "territory__name"))
        return _filled(self.reading, keys, names, self.notes)


class ZonePages:
    """The filtered zones of a reading in one of the orders BY_TERRITORY. Each slice is read only when it is needed."""

    def __init__(self, reading: Reading, chosen: Collection[str], sort: str, notes: Mapping[str, int]) -> None:
        self.reading, self.notes, self.sort = reading, notes, sort
        statuses = {int(KEY_STATUS[key]) for key in chosen or KEY_STATUS}
        self.groups = self._grouped(statuses)

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

    def _grouped(self, statuses: Collection[int]) -> list[_Group]:
        """Return the groups of zones with some statuses, in the order of the list."""
        found: dict[tuple[int, tuple[tuple[int, str], ...]], _Group] = {}
        for each in self.reading.counted:
            if each.status not in statuses:
                continue
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
        known = list(here.values_list("key", "name_cell", "territory__name", "territory_id", "status"))
        names = zone_names.different_names([zone[:3] for zone in known])
        known.sort(key=lambda zone: natural(names[str(zone[0])]), reverse=self.sort == "-place")
        ordered = [
            key
            for group in groups
            for key, _cell, _name, territory, status in known
            if territory in group.territories and status in group.statuses
        ]
        part = ordered[skipped : skipped + number]
        return _filled(self.reading, part, names, self.notes)


def _filled(reading: Reading, part: Sequence[UUID], names: Mapping[str, str], notes: Mapping[str, int]) -> list[Row]:
    """Return the zones with some keys as rows, in the same order."""
    whole = reading.zones.filter(key__in=part).select_related("territory").defer("shape", "territory__polygon")
    zones = {zone.key: zone for zone in whole}
    models = Parameters.objects.in_bulk({zone.model_id for zone in zones.values()})  # few: each is read once
    for zone in zones.values():
        zone.model = models[zone.model_id]
    return [
        zone_list.row_of(zones[key], names[str(key)], reading.detail, notes)
        for key in part
        if key in zones  # a fold may have replaced it since
    ]


def listed(
    reading: Reading, chosen: list[str], sort: str, notes: Mapping[str, int]
) -> UnhelpedPages | ZonePages | list[Row]:
    """Return the rows of zone_list.rows. If the order allows it, only the requested slices are read."""
    if sort == zone_list.MOST_UNHELPED:
        return UnhelpedPages(reading, chosen, notes)
    if sort.removeprefix("-") in BY_TERRITORY:
        return ZonePages(reading, chosen, sort, notes)
    return zone_list.rows(reading, chosen, sort, notes)
