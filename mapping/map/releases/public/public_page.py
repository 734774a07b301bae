"""Content of the public page: dates of the release, and its places by commune."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mapping.enums import KEY_STATUS, STATUS_KEYS, URGENCY, Status
from mapping.map.releases.public import blur, release_schedule
from mapping.map.wording.status_words import legend_name, named_statuses, places_to_verify, status_of_figures
from mapping.models import PublicPlace, Release
from solidarity.lib import grid
from solidarity.lib.natural_order import natural
from volunteers.places.territories.in_charge import PersonInCharge, in_charge_of


@dataclass(frozen=True, slots=True)
class Row:
    """One place. coverage: recent search coverage, in words. count: number of reports of the month; None if not
    published. number: number of the place in the commune, the same in list and map; None for the rest of a commune.
    centre: longitude and latitude of the place's hexagon; empty for the rest of a commune."""

    key: str
    name: str
    number: int | None
    status: str
    status_label: str
    coverage: str
    count: int | None
    centre: str


@dataclass(frozen=True, slots=True)
class Commune:
    name: str
    rows: list[Row]
    in_charge: list[PersonInCharge]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """The content of the page. as_of: date of the figures. published_at, next_at: the times at which this release and the
    next release are due by the weekly schedule. recent_days: days for which a search counts as recent.
    legend: name of the legend that explains the statuses of all places. counted: whether counts are shown. to_verify: the map's main
    message, a number of places; empty for none. only: key of the status that the list and the map are limited to,
    or empty.
    """

    as_of: datetime
    published_at: datetime
    next_at: datetime
    recent_days: int
    legend: str
    communes: list[Commune]
    counted: bool
    to_verify: str
    only: str


def latest() -> Release | None:
    """Return the latest public release."""
    return Release.objects.public().last()


def page_of(release: Release, only: str = "") -> PublicPage:
    """Return the content of the page. only: key of the status to show; with any other text, all places are shown."""
    only = only if only in KEY_STATUS else ""
    rows = release.places.select_related("commune").defer("outline", "commune__polygon")
    ordered = sorted(rows, key=lambda row: (natural(row.commune.name), row.commune_id, row.number))
    shown = [row for row in ordered if not only or row.status == KEY_STATUS[only]]
    people = in_charge_of({row.commune for row in shown})
    communes = [
        Commune(name, _by_urgency([_row(row, release.recent_days) for row in members]), people[pk])
        for (name, pk), members in groupby(shown, key=lambda row: (row.commune.name, row.commune_id))
    ]
    return PublicPage(
        as_of=release.as_of,
        published_at=release.published_at,
        next_at=release_schedule.after(release.published_at),
        recent_days=release.recent_days,
        legend=legend_name(named_statuses([row.status for row in ordered])),
        communes=communes,
        counted=any(row.count is not None for row in ordered),
        to_verify=places_to_verify(sum(row.status == Status.TO_VERIFY for row in ordered)),
        only=only,
    )


def _row(row: PublicPlace, recent_days: int) -> Row:
    status = Status(row.status)
    searched = 0 if row.coverage else None  # 0: a tour entered the place in the last ``recent_days``
    return Row(
        key=row.key,
        name=name_of(row),
        number=None if row.level == "c" else row.number,
        status=STATUS_KEYS[status],
        status_label=status_of_figures(status, searched, recent_days),
        coverage=coverage_words(row.coverage),
        count=row.count,
        centre="" if row.level == "c" else _centre(row.key),
    )


def _centre(key: str) -> str:
    latitude, longitude = grid.centre(grid.from_text(key.split("-")[1]))
    return f"{longitude:.4f},{latitude:.4f}"


def name_of(row: PublicPlace) -> str:
    """Return the name of a place within its commune."""
    if row.level == "c":
        return _("elsewhere in %(commune)s") % {"commune": row.commune.name}
    return _("area %(number)s") % {"number": row.number}


def _by_urgency(rows: list[Row]) -> list[Row]:
    order = [STATUS_KEYS[status] for status in URGENCY]
    return sorted(rows, key=lambda row: order.index(row.status))


def coverage_words(lower: int) -> str:
    """Describe the bucket of search coverage."""
    edges = [*blur.COVERAGE_EDGES, 100]
    upper = edges[edges.index(lower) + 1]
    if lower == 0:
        return pgettext("how much of a place was searched", "nothing")
    if lower == 1:
        return _("less than %(upper)s %%") % {"upper": upper}
    if upper == 100:
        return _("%(lower)s %% or more") % {"lower": lower}
    return _("%(lower)s to %(upper)s %%") % {"lower": lower, "upper": upper}
