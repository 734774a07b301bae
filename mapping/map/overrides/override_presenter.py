"""Overrides as readers see them: in a zone's panel, its history, and a coordinator's list.

An override names an association or the coordination of the territory, never a person. Members of an association see
exact numbers of people in its own overrides. In overrides of other associations, they see steps of five and only what
was known at the time of their release. Coordinators see exact numbers in all overrides.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.enums import STATUS_KEYS, Status
from mapping.map.overrides import override_filing
from mapping.map.releases.reading import Reading
from mapping.map.wording import sentences
from mapping.map.wording.rounding import ZoneFigures
from mapping.map.wording.status_words import status_in_general
from mapping.models import CellState, Override, Zone
from solidarity.lib import grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from solidarity.lib.numbers import plain
from volunteers.models import Association, Cell, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import cell_names
from volunteers.places.territories import access

ACTIVE, EXPIRED, WITHDRAWN = "active", "expired", "withdrawn"


@dataclass(frozen=True, slots=True)
class OverrideSummary:
    """The overrides of one form. status: the status that the team gave. model: the model's status at that time.

    seen, looked: the people seen and the hours of search, in words. state: active, expired or withdrawn. own: True if
    the override is from the reader's association. more: the number of days by which the reader may extend it.
    """

    contest: uuid.UUID
    association: str
    at: datetime
    until: datetime
    status: str
    status_label: str
    model: str
    model_label: str
    reason: str
    extended_reason: str
    seen: str
    looked: str
    cells: int
    state: str
    own: bool
    more: int


@dataclass(frozen=True, slots=True)
class ActiveOverride:
    """An active override in a coordinator's list. zone: the zone that now contains the cell of the override. place: the
    name of this zone. now: the model's current status. agrees: True if the team's status and the model's status are the
    same."""

    override: OverrideSummary
    zone: uuid.UUID | None
    place: str
    now: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class ZoneOverrides:
    """The overrides of a zone.

    both_statuses: the team's and the model's status in a sentence; empty without an override. may: True if the reader
    may contest the status. overrides: the active overrides, None for readers without access. past: number of overrides
    that are no longer active.
    """

    both_statuses: str
    computed: str
    computed_label: str
    until: datetime | None
    may: bool
    overrides: list[OverrideSummary] | None
    past: int


def may_read(viewer: Viewer, reading: Reading) -> bool:
    """Whether the reader may read overrides: members of associations and the territory's coordinators may."""
    return reading.live or access.is_member(viewer)


def may_contest(viewer: Viewer, territory: Territory) -> bool:
    """Whether the reader may contest a status in a territory: members of associations and the territory's coordinators
    may."""
    return access.is_member(viewer) or access.coordinates(viewer, territory)


def both_statuses(zone: ZoneFigures) -> str:
    """Return the team's and the model's status in a sentence; empty for a zone without an override."""
    if not zone.contested:
        return ""
    if zone.overridden_until is None:
        return _("A team on site says “%(field)s”. The model says “%(model)s”.") % {
            "field": zone.status_label,
            "model": zone.computed_label,
        }
    return _("Until %(moment)s, the map shows a team’s status: “%(field)s”. The model says “%(model)s”.") % {
        "field": zone.status_label,
        "moment": sentences.clock(zone.overridden_until),
        "model": zone.computed_label,
    }


def of_reader(viewer: Viewer, reading: Reading, zone: Zone, rounded: ZoneFigures) -> ZoneOverrides:
    """Return the overrides of a zone that a reader may read."""
    found = of_zone(viewer, reading, zone) if may_read(viewer, reading) else None
    current = None if found is None else [one for one in found if one.state == ACTIVE]
    return ZoneOverrides(
        both_statuses=both_statuses(rounded),
        computed=rounded.computed,
        computed_label=rounded.computed_label,
        until=rounded.overridden_until,
        may=may_contest(viewer, reading.territory),
        overrides=current,
        past=len(found or []) - len(current or []),
    )


def of_zone(viewer: Viewer, reading: Reading, zone: Zone) -> list[OverrideSummary]:
    """Return all overrides in a zone's cells, the newest first, for a reader with access."""
    own = own_keys(viewer, reading.territory)
    rows = Override.objects.filter(cell__in=override_filing.ledger_cells(override_filing.cells_of(zone)))
    if not reading.live:
        seen = Q(association__in=[key for key in own if key])
        if reading.as_of is not None:
            seen |= Q(filed_at__lte=reading.as_of)
        rows = rows.filter(seen)
    contests = set(rows.values_list("contest", flat=True))
    rows = Override.objects.filter(contest__in=contests)
    return summaries(rows, own, exact=reading.live, until=known_until(reading))


def known_until(reading: Reading) -> datetime | None:
    """Return the time up to which the reader may see the model's status: the time of their release, or None for the
    live state."""
    return None if reading.live else reading.as_of or datetime.min.replace(tzinfo=UTC)


def own_keys(viewer: Viewer, territory: Territory) -> set[int | None]:
    """Return the ids of the associations that the viewer is a current member of, and None for the overrides of the
    coordination if the viewer coordinates the territory."""
    own: set[int | None] = set(Association.objects.of(viewer.user_or_404).values_list("pk", flat=True))
    return own | {None} if access.coordinates(viewer, territory) else own


def of_contest(viewer: Viewer, territory: Territory, contest: uuid.UUID) -> QuerySet[Override]:
    """Return the overrides of one form, if one of the viewer's associations filed it, or the coordination of a
    territory that the viewer coordinates."""
    own, rows = own_keys(viewer, territory), Override.objects.filter(contest=contest)
    if None in own and (ours := rows.filter(association=None)) and _inside(ours, territory):
        return ours
    return rows.filter(association__in=[key for key in own if key])


def _inside(rows: QuerySet[Override], territory: Territory) -> bool:
    """Whether all cells of some overrides are in a territory or below it."""
    inside = Cell.objects.filter(territory__in=Territory.objects.under(territory))
    return all(inside.filter(cell__in=_own_cells(row.cell)).exists() for row in rows)


def summaries(
    rows: QuerySet[Override], own: Iterable[int | None], *, exact: bool, until: datetime | None
) -> list[OverrideSummary]:
    """Group overrides by form, the newest first. exact: if True, also show the exact number of people that other
    associations saw. until: the result of known_until; for overrides filed after this time, the model's status is
    hidden."""
    now, mine = timezone.now(), set(own)
    groups: dict[uuid.UUID, list[Override]] = {}
    for row in rows.select_related("association").order_by("-at", "contest", "cell"):
        groups.setdefault(row.contest, []).append(row)
    return [_summary(group, now, group[0].association_id in mine, exact, until) for group in groups.values()]


def _summary(group: list[Override], now: datetime, own: bool, exact: bool, until: datetime | None) -> OverrideSummary:
    first = group[0]
    state = EXPIRED if first.expires_at <= now else ACTIVE
    if all(row.retracted_at for row in group):
        state = WITHDRAWN
    persons = round(sum(row.persons for row in group))
    people = sentences.whole(persons) if own or exact else sentences.persons_bucket(persons)
    hours = round(sum(row.hours or 0.0 for row in group), 2)
    known = first.model_status if until is None or first.filed_at <= until else None
    model = Status(known or Status.NOT_SEARCHED)
    return OverrideSummary(
        contest=first.contest,
        association=first.team,
        at=first.at,
        until=first.expires_at,
        status=STATUS_KEYS[Status(first.status)],
        status_label=status_in_general(STATUS_KEYS[Status(first.status)]),
        model=STATUS_KEYS[model] if known else "",
        model_label=status_in_general(STATUS_KEYS[model]) if known else "",
        reason=first.reason,
        extended_reason=first.extended_reason,
        seen=ngettext("%(number)s person seen", "%(number)s people seen", persons) % {"number": people},
        looked=_looked(hours),
        cells=len(group),
        state=state,
        own=own,
        more=override_filing.most_days_more(first) if own and state == ACTIVE else 0,
    )


def _looked(hours: float) -> str:
    if not hours:
        return _("search time not given")
    # In English, a decimal number below two takes the plural; in French, it takes the singular. The same is true of the
    # number 0, so pass 0 to ngettext.
    form = 1 if hours == 1 else 0 if hours < 2 else 2
    return ngettext("%(number)s hour", "%(number)s hours", form) % {"number": plain(hours)}


def active_in(territory: Territory, viewer: Viewer) -> list[ActiveOverride]:
    """Return the active overrides in a territory and all territories below it, sorted by expiry."""
    now = timezone.now()
    rows = list(Override.objects.pinning(now).values_list("contest", "cell"))
    wanted = {own for _contest, cell in rows for own in _own_cells(cell)}
    inside = set(
        Cell.objects.filter(cell__in=wanted, territory__in=Territory.objects.under(territory)).values_list(
            "cell", flat=True
        )
    )
    where = {contest: own for contest, cell in rows for own in _own_cells(cell) if own in inside}
    states = {
        cell: (zone, computed)
        for cell, zone, computed in CellState.objects.filter(cell__in=where.values()).values_list(
            "cell", "zone", "computed"
        )
    }
    found = summaries(
        Override.objects.filter(contest__in=where.keys()), own_keys(viewer, territory), exact=True, until=None
    )
    names = cell_names.lines(where.values())
    listed = [_active(one, where[one.contest], names, states) for one in found if one.state == ACTIVE]
    return sorted(listed, key=lambda one: one.override.until)


def _own_cells(cell: int) -> tuple[int, int]:
    """Return the cells of a territory that a ledger cell may represent: the cell itself, or its parent in a sparse
    territory."""
    return cell, grid.parent(cell, EVIDENCE_RESOLUTION - 1)


def _active(
    one: OverrideSummary, cell: int, names: dict[int, str], states: dict[int, tuple[Any, int]]
) -> ActiveOverride:
    zone, computed = states.get(cell, (None, int(Status.NOT_SEARCHED)))
    key = STATUS_KEYS[Status(computed)]
    return ActiveOverride(one, zone, names[cell], key, key == one.status)


def count_active(territory: Territory, viewer: Viewer) -> int:
    """Count the active overrides in a territory and all below it."""
    return len(active_in(territory, viewer))
