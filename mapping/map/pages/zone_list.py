"""The zones of the map as a list that is filtered, sorted and counted."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Floor, Least
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mapping.enums import ALL_STATUSES, KEY_STATUS, STATUS_KEYS, URGENCY, Status
from mapping.map.overrides.override_presenter import both_statuses
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding, status_words, zone_names
from mapping.map.wording.sentences import Words, words_of
from mapping.models import Zone, ZoneQuerySet
from solidarity.lib import grid
from solidarity.lib.natural_order import natural

# Sort order by status: zones where help is missing come first.
URGENCY_OF = {STATUS_KEYS[status]: place for place, status in enumerate(URGENCY)}


@dataclass(frozen=True, slots=True)
class Row:
    """One zone in a list. name: name of the zone, unique among the zones that the reader sees. computed: the status
    that the model gives. centre: "longitude,latitude" of the middle of its naming cell, where the map draws its number.
    both_statuses: a sentence if a team's status overrides the model's. notes: number of field notes."""

    key: str
    name: str
    territory: str
    status: str
    status_label: str
    computed: str
    contested: bool
    centre: str
    words: Words
    both_statuses: str = ""
    notes: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """Number of zones with a status. chosen: True if the filter includes the status."""

    status: str
    label: str
    zones: int
    chosen: bool


SORTS = ("status", "place", "people", "chance", "help", "search")
OF_A_COUNT = ("people", "chance", "help")
"""The columns that need a count of people."""
MOST_UNHELPED = "unhelped"
"""The default order: most people without help first, then the longest time without a search."""


def chosen_statuses(wanted: Iterable[str]) -> list[str]:
    """Return the wanted status keys that exist, in the order of the legend."""
    asked = set(wanted)
    return [STATUS_KEYS[status] for status in ALL_STATUSES if STATUS_KEYS[status] in asked]


def sort_of(wanted: str | None) -> str:
    """Return the wanted sort column if it exists, else the default order. A leading ``-`` means descending order."""
    return wanted if wanted and wanted.removeprefix("-") in SORTS else MOST_UNHELPED


def most_unhelped(zones: ZoneQuerySet, detail: str) -> ZoneQuerySet:
    """Return zones in the default order, no more precise than what the reader sees at a level of detail.

    People in a covered zone do not lack help, so covered zones come last.
    """
    people = Floor(F("persons") + 0.5)
    ranks: dict[str, Any] = {
        "exact": people,
        "bucket": Least(Floor(people / 5.0), Value(10.0)),  # rounding.persons_bucket
        "band": Case(When(persons__gte=9.5, then=2.0), When(persons__gte=2.5, then=1.0), default=0.0),  # persons_rank
    }
    never = Case(When(last_search=None, then=0), default=1, output_field=IntegerField())
    waiting = never if detail == "band" else Floor("last_search")
    return zones.order_by(
        Case(When(status=Status.COVERED, then=1), default=0, output_field=IntegerField()),
        ranks[detail].desc(),
        waiting.asc(nulls_first=True),
        "territory__name",
        "pk",
    )


def sort_choices(sort: str, *, has_count: bool = True) -> list[tuple[str, str, bool]]:
    """Return the orders that a menu offers: value, label, whether it is chosen. An order that only the column headings
    of the table offer is included only while it is chosen. has_count: False leaves out the orders that need a count."""
    labels = {
        MOST_UNHELPED: _("Most people without help") if has_count else _("Longest without a search"),
        "status": _("Most urgent status"),
        "-people": _("Most people"),
        "-chance": _("Highest chance of missing help"),
        "place": pgettext("order of a list", "Place"),
    }
    if not has_count:
        del labels["-people"], labels["-chance"]
    if sort not in labels:
        labels[sort] = _("As in the table")
    return [(value, label, value == sort) for value, label in labels.items()]


def counts(reading: Reading, chosen: Collection[str] = ()) -> list[Count]:
    """Return the counts of the zones of each status, regardless of the filter."""
    zones: Counter[str] = Counter()
    for each in reading.counted:
        zones[STATUS_KEYS[Status(each.status)]] += each.zones
    return tally(zones, chosen, has_count=reading.has_count)


def tally(zones: Mapping[str, int], chosen: Collection[str] = (), *, has_count: bool = True) -> list[Count]:
    """Return the counts in the order of the legend. zones: number of zones by status key. has_count: as in
    status_words.named_statuses."""
    occurring = [KEY_STATUS[key] for key, number in zones.items() if number]
    keys = [STATUS_KEYS[status] for status in status_words.named_statuses(occurring, has_count=has_count)]
    return [Count(key, status_words.status_in_general(key), zones.get(key, 0), key in chosen) for key in keys]


def rows(reading: Reading, chosen: list[str], sort: str, notes: Mapping[str, int] | None = None) -> list[Row]:
    """Return the filtered and sorted zones, described at the level of detail that the reader may see.

    The order does not depend on figures that the reader may not see. Zones are sorted by the words that the reader sees
    (Words.ranks), then by name. notes: number of field notes by zone key (mapping.map.overrides.field_notes.counts).
    """
    found = reading.zones.select_related("territory", "model").defer("shape", "territory__polygon")
    zones = list(most_unhelped(found, reading.detail) if sort == MOST_UNHELPED else found)
    names = zone_names.different_names((zone.key, zone.name_cell, zone.territory.name) for zone in zones)
    statuses = {int(KEY_STATUS[key]) for key in chosen or KEY_STATUS}
    listed = [
        row_of(zone, names[str(zone.key)], reading.detail, notes or {}) for zone in zones if zone.status in statuses
    ]
    if sort == MOST_UNHELPED:
        return listed
    listed.sort(key=_place)
    column = sort.removeprefix("-")
    listed.sort(key=lambda row: _rank(row, column), reverse=sort.startswith("-"))
    return listed


def row_of(zone: Zone, name: str, detail: str, notes: Mapping[str, int]) -> Row:
    """Return a zone as a row, described at a level of detail."""
    figures = rounding.figures_of(zone)
    return Row(
        key=figures.key,
        name=name,
        territory=figures.territory,
        status=figures.status,
        status_label=figures.status_label,
        computed=figures.computed,
        contested=figures.contested,
        centre=_centre(zone.name_cell),
        words=words_of(figures, detail),
        both_statuses=both_statuses(figures),
        notes=notes.get(figures.key, 0),
    )


def _centre(cell: int | None) -> str:
    if cell is None:
        return ""
    latitude, longitude = grid.centre(cell)
    return f"{longitude:.5f},{latitude:.5f}"


def _place(row: Row) -> Any:
    return natural(row.territory), natural(row.name)


def _rank(row: Row, column: str) -> Any:
    if column == "status":
        return URGENCY_OF[row.status]
    return _place(row) if column == "place" else row.words.ranks[column]
