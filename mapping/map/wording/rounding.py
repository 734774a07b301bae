"""Rounding of figures. The map, list, panel, report page and files all use this rule, so that they show the same
digits.

The stored numbers are rounded only in this module; formats only add the separators of the locale.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from mapping.enums import STATUS_KEYS, Status
from mapping.map.wording.status_words import status_of_figures
from mapping.models import Zone, moment_of
from volunteers.enums import Audience

OF_A_COUNT = ("persons", "persons_low", "persons_high", "chance", "help")
"""Figures that depend on the expected number of people."""


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """A zone's figures, rounded.

    persons, persons_low, persons_high: whole people. sweeps: search effort in sweeps, with one decimal. chance, help,
    citizens: whole per cent. searched_days: whole days from the last association search to ``derived_at``, None if
    never. recent_days: days for which a search counts as recent. contested: True if an override gives the status.
    overridden_until: the time at which this override expires. computed: the status that the model gives. counted: False
    without a count that has a source; nobody may then read persons, chance and help.
    """

    key: str
    territory: str
    territory_slug: str
    status: str
    status_label: str
    cells: int
    persons: int
    persons_low: int
    persons_high: int
    sweeps: float
    chance: int
    help: int
    citizens: int
    searched_days: int | None
    recent_days: int
    since: datetime
    derived_at: datetime
    version: int
    contested: bool
    computed: str
    computed_label: str
    overridden_until: datetime | None
    counted: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON types; datetimes become ISO text in UTC. Figures that need a count are null without
        one."""
        values = {
            name: value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name in self.__slots__
            for value in [getattr(self, name)]
        }
        return values if self.counted else values | dict.fromkeys(OF_A_COUNT)


def figures_of(zone: Zone) -> ZoneFigures:
    """Return the rounded figures of a stored zone. ``zone.territory`` and ``zone.model`` should be prefetched."""
    status = Status(zone.status)
    days, recent = None, zone.model.recent_days
    if zone.last_search is not None:
        days = max(0, (zone.derived_at - moment_of(zone.last_search)).days)
    return ZoneFigures(
        key=str(zone.key),
        territory=zone.territory.name,
        territory_slug=zone.territory.slug,
        status=STATUS_KEYS[status],
        status_label=status_of_figures(status, days, recent),
        cells=zone.cells,
        persons=round(zone.persons),
        persons_low=round(zone.persons_low),
        persons_high=round(zone.persons_high),
        sweeps=round(zone.sweeps, 1),
        chance=round(100 * zone.chance),
        help=round(100 * zone.help_share),
        citizens=round(100 * zone.citizen_share),
        searched_days=days,
        recent_days=recent,
        since=zone.since,
        derived_at=zone.derived_at,
        version=zone.model.version,
        counted=zone.counted,
        contested=zone.overridden,
        computed=STATUS_KEYS[Status(zone.computed)],
        computed_label=status_of_figures(Status(zone.computed), days, recent),
        overridden_until=zone.overridden_until if zone.overridden else None,
    )


def persons_rank(persons: int) -> int:
    """Return the place of persons_band in ascending order, from 0."""
    return bisect_right((3, 10), persons)


def persons_band(persons: int) -> str:
    """Return the words that volunteers see instead of a number of people (docs/privacy.md)."""
    rank = persons_rank(persons)
    if rank == 0:
        return _("some")
    return _("several") if rank == 1 else _("many")


def chance_rank(chance: int) -> int:
    """Return the place of chance_band in ascending order, from 0."""
    return bisect_right((10, 25, 60), chance)


def chance_band(chance: int) -> str:
    """Return the words that volunteers see instead of a chance in per cent."""
    rank = chance_rank(chance)
    if rank == 0:
        return _("unlikely")
    if rank == 1:
        return _("possible")
    return _("likely") if rank == 2 else _("very likely")


def persons_bucket(persons: int) -> tuple[int, int | None]:
    """Return the range that associations see instead of a number of people, as (from, below) in steps of five. From 50
    people on, below is None."""
    if persons >= 50:
        return 50, None
    low = persons // 5 * 5
    return low, low + 5


def detail_of(audience: Audience | None) -> str:
    """Return the level of detail of an audience: ``exact`` (coordinators), ``bucket`` (associations) or ``band``."""
    if audience is None:
        return "exact"
    return "bucket" if audience == Audience.ASSOCIATION else "band"
