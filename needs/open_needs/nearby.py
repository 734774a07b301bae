"""Open needs for a volunteer, the nearest first. Distances are to the centre of the cell, never to the exact place."""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.commitments.taking import free_of
from needs.enums import HelpAnswer, Urgency
from needs.models import CommitmentPart, HelpOffer, Need, NeedQuerySet, Proposal
from solidarity.lib import grid
from volunteers.accounts.viewer import Viewer
from volunteers.enums import Audience
from volunteers.models import Profile, User
from volunteers.territories import areas, standing

MAX_DISTANCE = 20_000
"""Volunteers without a territory see needs within this distance of their base, in metres."""
MAX_AREAS = 8
_ORDER: dict[str, int] = {Urgency.NOW: 0, Urgency.SOON: 1, Urgency.LATER: 2}


class HowMany(Enum):
    """Rough number of people, as shown to volunteers (docs/privacy.md)."""

    ONE = "one"
    SOME = "some"
    SEVERAL = "several"

    @property
    def words(self) -> str | Promise:
        return _HOW_MANY[self]


_HOW_MANY: dict[HowMany, str | Promise] = {
    HowMany.ONE: _("one person"),
    HowMany.SOME: _("some people"),
    HowMany.SEVERAL: _("several people"),
}


def how_many(persons: int) -> HowMany:
    """Return ONE, SOME (2 to 4) or SEVERAL."""
    if persons <= 1:
        return HowMany.ONE
    return HowMany.SOME if persons < 5 else HowMany.SEVERAL


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open need in a list. kinds: kinds that nobody has taken. distance: number of metres from the base to the cell
    of the need.

    district: the name of its district, if no cell is known. A need with neither a cell nor a district has no known place.
    """

    id: uuid.UUID
    kinds: list[str]
    urgency: str
    cell: int | None
    distance: float | None
    at: datetime | None = None
    district: str = ""

    @property
    def rounded(self) -> int | None:
        """The distance in metres, rounded to 100, which matches the precision of a cell."""
        return rounded(self.distance)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter of the list. within: the largest distance in metres, None for any distance. area: slug of the wanted
    territory."""

    kind: str = ""
    urgency: str = ""
    within: int | None = None
    area: str = ""


def base_cell(user: User) -> int | None:
    """Return the cell of a volunteer's base; None without a base."""
    base = Profile.objects.filter(user=user).values_list("base", flat=True).first()
    return grid.cell_of(base.y, base.x) if base is not None else None


def rounded_distance(user: User, need: Need) -> int | None:
    """Return the metres from a volunteer's base to a need's cell, rounded to 100; None if one is unknown."""
    return rounded(_distance_from(base_cell(user))(need.cell))


def distance_from(user: User) -> Callable[[int | None], float | None]:
    """Return a function that gives the metres from a volunteer's base to a cell; None if one is unknown."""
    return _distance_from(base_cell(user))


def rounded(metres: float | None) -> int | None:
    """Return metres rounded to 100, which matches the precision of a cell."""
    return None if metres is None else max(round(metres / 100) * 100, 100)


def open_needs(viewer: Viewer, wanted: Wanted, cells: Collection[int] | None = None) -> list[Nearby]:
    """Return needs with a free kind, the nearest first; without a base, the most urgent and oldest first. cells: the
    cells (resolution 9) to which the needs are limited.

    Members see all needs. Volunteers see the needs in their territories. Volunteers without a territory see the needs
    up to MAX_DISTANCE from their base.
    """
    found, limited = _visible(viewer)
    if wanted.urgency:
        found = found.filter(urgency=wanted.urgency)
    if wanted.area:
        found = areas.within(found, wanted.area)
    if cells is not None:
        found = found.filter(cell__in=list(cells))
    base = base_cell(viewer.user_or_404)
    within = wanted.within if wanted.within is not None else (MAX_DISTANCE if limited else None)
    distance = _distance_from(base)
    rows = (_nearby(row, distance) for row in _values(found))
    return sort_and_filter(rows, kind=wanted.kind, within=within if base is not None else None)


def sort_and_filter(rows: Iterable[Nearby], *, kind: str, within: int | None) -> list[Nearby]:
    """Return the rows with a free kind that match the filter, nearest first, unknown distances last. within: the
    largest distance in metres."""
    found = [
        row
        for row in rows
        if row.kinds
        and (not kind or kind in row.kinds)
        and (within is None or (row.distance is not None and row.distance <= within))
    ]
    far = float("inf")
    return sorted(found, key=lambda row: (far if row.distance is None else row.distance, _ORDER[row.urgency], row.at))


def open_need(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that a person may see and that can be taken. Raises Need.DoesNotExist for any other need.

    A person may see a need that is in their list or proposed to them, that they offered to help with, or that they have
    taken before.
    """
    found = Need.objects.takeable().get(pk=need)
    user = viewer.user_or_404
    known = Proposal.objects.filter(need=need, volunteer=user, answer="").exists()
    offered = HelpOffer.objects.filter(need=need, user=user).exclude(answer=HelpAnswer.DECLINED).exists()
    if known or offered or found.commitments.filter(volunteer=user).exists():
        return found
    visible, limited = _visible(viewer)
    base = base_cell(user) if limited else None
    if not visible.filter(pk=need).exists():
        raise Need.DoesNotExist
    if limited and (base is None or found.cell is None or grid.distance_m(base, found.cell) > MAX_DISTANCE):
        raise Need.DoesNotExist
    return found


def _visible(viewer: Viewer) -> tuple[NeedQuerySet, bool]:
    """Return the needs that a person may see, and whether MAX_DISTANCE from their base limits them further."""
    return in_reach(viewer, Need.objects.takeable())


def in_reach(viewer: Viewer, needs: NeedQuerySet) -> tuple[NeedQuerySet, bool]:
    """Return the needs, among the given ones, in places where the person may see needs, and whether MAX_DISTANCE from
    their base limits them further."""
    user = viewer.user_or_404
    known = standing.of(user)
    if user.is_administrator or known.member:
        return needs, False
    if known.paths and viewer.view_as != Audience.PUBLIC:
        return areas.within_paths(needs, known.paths[:MAX_AREAS]), False
    return (needs.exclude(cell=None), True) if base_cell(user) is not None else (needs.none(), True)


def _values(found: NeedQuerySet) -> Iterable[Sequence[Any]]:
    held = CommitmentPart.objects.filter(need=OuterRef("pk"), held=True).values("kind")
    return (
        found.order_by()
        .annotate(held_kinds=ArraySubquery(held))
        .values_list("pk", "kinds", "met_kinds", "held_kinds", "urgency", "cell", "at", "district__name")
    )


def _nearby(row: Sequence[Any], distance: Callable[[int | None], float | None]) -> Nearby:
    key, kinds, met, held, urgency, cell, at, district = row
    return Nearby(key, free_of(kinds, met, held), urgency, cell, distance(cell), at, district or "")


def _distance_from(base: int | None) -> Callable[[int | None], float | None]:
    known: dict[int, float] = {}

    def distance(cell: int | None) -> float | None:
        if base is None or cell is None:
            return None
        if cell not in known:
            known[cell] = grid.distance_m(base, cell)
        return known[cell]

    return distance
