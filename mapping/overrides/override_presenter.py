"""Contests as their readers see them: in a zone's panel, its history, and a coordinator's list.

Who looked is an association, never a person. Members of associations read those of others as of their release, and the
people seen in steps of five; their own, and coordinators all, as they are.
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
from mapping.models import CellState, Override, Zone
from mapping.overrides import override_filing
from mapping.releases.reading import Reading
from mapping.wording import sentences
from mapping.wording.rounding import ZoneFigures
from solidarity.lib import cell_geometry
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from solidarity.lib.numbers import plain
from volunteers.models import Association, Cell, Territory
from volunteers.territories import access

ACTIVE, EXPIRED, WITHDRAWN = "active", "expired", "withdrawn"


@dataclass(frozen=True, slots=True)
class OverrideSummary:
    """One contest. status: the claim; model: what the model said when it was made. seen, looked: people, hours in words.

    state: open, expired or withdrawn. own: of the reader's association. more: days by which the reader may extend it.
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
    """A contest in force in a coordinator's list. zone: the zone that it lies in now. agrees: the model says so too."""

    override: OverrideSummary
    zone: uuid.UUID | None
    territory: str
    now: str
    now_label: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class ZoneOverrides:
    """What stands beside a zone's figures. both_statuses: both verdicts in a sentence, empty when there is one alone.

    may: the reader may contest it. overrides: those in force, None when the reader may not read them. past: how many more
    there were.
    """

    both_statuses: str
    computed: str
    until: datetime | None
    may: bool
    overrides: list[OverrideSummary] | None
    past: int


def may_read(user: Any, reading: Reading) -> bool:
    """Members of associations and the territory's coordinators read contests; volunteers do not."""
    return reading.live or access.is_member(user)


def both_statuses(zone: ZoneFigures) -> str:
    """Both verdicts on a contested zone, in a sentence; empty for one that nobody contests."""
    if not zone.contested:
        return ""
    if zone.pinned_until is None:
        return _("A team on site says “%(field)s”. The model says “%(model)s”.") % {
            "field": zone.status_label,
            "model": zone.computed_label,
        }
    return _("Until %(moment)s, the map shows a team’s status: “%(field)s”. The model says “%(model)s”.") % {
        "field": zone.status_label,
        "moment": sentences.clock(zone.pinned_until),
        "model": zone.computed_label,
    }


def of_reader(user: Any, reading: Reading, zone: Zone, rounded: ZoneFigures) -> ZoneOverrides:
    """What a reader gets to read beside the figures of a zone."""
    member = access.is_member(user)
    found = of_zone(user, reading, zone) if may_read(user, reading) else None
    current = None if found is None else [one for one in found if one.state == ACTIVE]
    return ZoneOverrides(
        both_statuses=both_statuses(rounded),
        computed=rounded.computed,
        until=rounded.pinned_until,
        may=member,
        overrides=current,
        past=len(found or []) - len(current or []),
    )


def of_zone(user: Any, reading: Reading, zone: Zone) -> list[OverrideSummary]:
    """All contests in a zone's cells, the newest first, for somebody who may read them."""
    own = own_ids(user)
    rows = Override.objects.filter(cell__in=override_filing.ledger_cells(override_filing.cells_of(zone)))
    if not reading.live:
        seen = Q(association__in=own)
        if reading.as_of is not None:
            seen |= Q(filed_at__lte=reading.as_of)
        rows = rows.filter(seen)
    contests = set(rows.values_list("contest", flat=True))
    rows = Override.objects.filter(contest__in=contests)
    return summaries(rows, own, exact=reading.live, until=known_until(reading))


def known_until(reading: Reading) -> datetime | None:
    """Up to when a reader is told what the model said: the moment of their release; None for the live state."""
    return None if reading.live else reading.as_of or datetime.min.replace(tzinfo=UTC)


def own_ids(user: Any) -> set[int]:
    """The associations that somebody is a current member of."""
    return set(Association.objects.of(user).values_list("pk", flat=True))


def of_contest(user: Any, contest: uuid.UUID) -> QuerySet[Override]:
    """The overrides of a contest of the reader's own associations; none of anybody else's."""
    return Override.objects.filter(contest=contest, association__in=own_ids(user))


def summaries(
    rows: QuerySet[Override], own: Iterable[int], *, exact: bool, until: datetime | None
) -> list[OverrideSummary]:
    """Overrides as contests, the newest first. exact: also the people that other associations saw, as they are. until:
    known_until of the reader; the live model's word, kept with a later contest, is not theirs yet."""
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
    told = first.model_status if until is None or first.filed_at <= until else None
    model = Status(told or Status.NOT_SEARCHED)
    return OverrideSummary(
        contest=first.contest,
        association=first.association.name,
        at=first.at,
        until=first.expires_at,
        status=STATUS_KEYS[Status(first.status)],
        status_label=str(Status(first.status).label),
        model=STATUS_KEYS[model] if told else "",
        model_label=str(model.label) if told else "",
        reason=first.reason,
        extended_reason=first.extended_reason,
        seen=_seen(people, persons),
        looked=_looked(hours),
        cells=len(group),
        state=state,
        own=own,
        more=override_filing.most_days_more(first) if own and state == ACTIVE else 0,
    )


def _seen(people: str, persons: int) -> str:
    return ngettext("%(number)s person seen", "%(number)s people seen", persons) % {"number": people}


def _looked(hours: float) -> str:
    if not hours:
        return _("search time not given")
    # A number with decimals is plural in English and, below two, singular in French: 0 asks for just that.
    form = 1 if hours == 1 else 0 if hours < 2 else 2
    return ngettext("%(number)s hour", "%(number)s hours", form) % {"number": plain(hours)}


def active_in(territory: Territory, user: Any) -> list[ActiveOverride]:
    """The contests in force in a territory and all below it, for its coordinators: those that end first come first."""
    now = timezone.now()
    rows = list(Override.objects.pinning(now).values_list("contest", "cell"))
    wanted = {own for _contest, cell in rows for own in _own_cells(cell)}
    inside = dict(
        Cell.objects.filter(cell__in=wanted, territory__in=Territory.objects.under(territory)).values_list(
            "cell", "territory__name"
        )
    )
    where = {contest: own for contest, cell in rows for own in _own_cells(cell) if own in inside}
    states = {
        cell: (zone, computed)
        for cell, zone, computed in CellState.objects.filter(cell__in=where.values()).values_list(
            "cell", "zone", "computed"
        )
    }
    found = summaries(Override.objects.filter(contest__in=where.keys()), own_ids(user), exact=True, until=None)
    listed = [_active(one, where[one.contest], inside, states) for one in found if one.state == ACTIVE]
    return sorted(listed, key=lambda one: one.override.until)


def _own_cells(cell: int) -> tuple[int, int]:
    """The cells of a territory that a cell of the ledger may stand for: itself, or its parent in a sparse one."""
    return cell, cell_geometry.parent(cell, EVIDENCE_RESOLUTION - 1)


def _active(
    one: OverrideSummary, cell: int, inside: dict[int, str], states: dict[int, tuple[Any, int]]
) -> ActiveOverride:
    zone, computed = states.get(cell, (None, int(Status.NOT_SEARCHED)))
    key = STATUS_KEYS[Status(computed)]
    return ActiveOverride(one, zone, inside[cell], key, str(Status(computed).label), key == one.status)


def count_active(territory: Territory, user: Any) -> int:
    """How many contests are in force in a territory and all below it."""
    return len(active_in(territory, user))
