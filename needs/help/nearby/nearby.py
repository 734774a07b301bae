"""Open needs for a volunteer, the nearest first. Distances are to the centre of the cell, never to the exact place."""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, FloatField, Func, OuterRef
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import HelpAnswer, Urgency
from needs.help.commitments.taking import free_of
from needs.models import Commitment, CommitmentPart, HelpOffer, Need, NeedQuerySet, Proposal
from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Audience
from volunteers.models import Profile, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing
from volunteers.places.territories import areas
from volunteers.places.territories.areas import Area

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
    persons: their exact number; volunteers see it as :func:`how_many`.
    """

    id: uuid.UUID
    kinds: list[str]
    urgency: str
    cell: int | None
    distance: float | None
    at: datetime | None = None
    district: str = ""
    persons: int = 1

    @property
    def rounded(self) -> int | None:
        """The distance in metres, rounded to 100, which matches the precision of a cell."""
        return rounded(self.distance)


class Reach:
    """Where a person may see needs. Each part is read once, when it is first asked for. need: a need of which the page
    asks whether the person knows it."""

    def __init__(self, viewer: Viewer, need: uuid.UUID | None = None) -> None:
        self.viewer, self.user, self.need = viewer, viewer.user_or_404, need

    @cached_property
    def _standing(self) -> standing.Standing:
        return standing.of(self.user)

    @cached_property
    def _own(self) -> tuple[bool, float | None, float | None]:
        """Knows the need, latitude and longitude of the base."""
        [(known, latitude, longitude)] = _OWN.rows(user=self.user.pk, need=self.need)
        return known, latitude, longitude

    @property
    def member(self) -> bool:
        """Whether the person is a member of an association."""
        return self._standing.member

    @property
    def everywhere(self) -> bool:
        """Whether the person sees all needs, as members and administrators do."""
        return self.user.is_administrator or self.member

    @property
    def vouched(self) -> bool:
        """Whether the person is a member of an association or an association vouches for them."""
        return self._standing.is_vouched

    @property
    def knows(self) -> bool:
        """Whether the need was proposed to the person, or they offered to help with it or took it."""
        return self._own[0]

    @cached_property
    def base(self) -> int | None:
        """The cell of the person's base; None without a base."""
        _known, latitude, longitude = self._own
        return None if latitude is None or longitude is None else grid.cell_of(latitude, longitude)

    @cached_property
    def areas(self) -> Sequence[Area]:
        """The areas by which the person may filter, in menu order."""
        return areas.areas_for(self.viewer)

    @property
    def paths(self) -> Sequence[str]:
        """Paths of the territories to which a person is limited who does not see needs everywhere."""
        return () if self.viewer.view_as == Audience.PUBLIC else self._standing.paths[:MAX_AREAS]

    def limit(self, needs: NeedQuerySet) -> tuple[NeedQuerySet, bool]:
        """Return the needs, among the given ones, in places where the person may see needs, and whether MAX_DISTANCE
        from their base limits them further."""
        if self.everywhere:
            return needs, False
        if own := self.paths:
            return areas.within_paths(needs, own), False
        return (needs.exclude(cell=None), True) if self.base is not None else (needs.none(), True)

    def contains(self, need: Need) -> bool:
        """Whether a need is in a place where the person may see needs: the same as :meth:`limit`, and MAX_DISTANCE."""
        if self.everywhere:
            return True
        if own := self.paths:
            return areas.is_within_paths(need, own)
        if self.base is None or need.cell is None:
            return False
        return grid.distance_m(self.base, need.cell) <= MAX_DISTANCE


_OWN = KeptValues(
    {"user": -1, "need": uuid.UUID(int=1)},
    lambda user, need: User.objects.filter(pk=user).values_list(
        Exists(Proposal.objects.filter(need=need, volunteer=OuterRef("pk"), answer=""))
        | Exists(HelpOffer.objects.filter(need=need, user=OuterRef("pk")).exclude(answer=HelpAnswer.DECLINED))
        | Exists(Commitment.objects.filter(need=need, volunteer=OuterRef("pk"))),
        Func("profile__base", template="ST_Y(%(expressions)s::geometry)", output_field=FloatField()),
        Func("profile__base", template="ST_X(%(expressions)s::geometry)", output_field=FloatField()),
    ),
)


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


def kilometres(metres: float) -> str:
    """Return metres as “1.2 km”, with the decimal separator of the language."""
    return f"{number_format(metres / 1000, 1)} km"


def open_needs(
    viewer: Viewer, wanted: Wanted, cells: Collection[int] | None = None, *, reach: Reach | None = None
) -> list[Nearby]:
    """Return needs with a free kind, the nearest first; without a base, the most urgent and oldest first. cells: the
    cells (resolution 9) to which the needs are limited. reach: the viewer's reach, if the caller has read it.

    Members see all needs. Volunteers see the needs in their territories. Volunteers without a territory see the needs
    up to MAX_DISTANCE from their base.
    """
    reach = reach or Reach(viewer)
    found, limited = reach.limit(Need.objects.takeable())
    if wanted.urgency:
        found = found.filter(urgency=wanted.urgency)
    if wanted.area:
        found = areas.within(found, wanted.area)
    if cells is not None:
        found = found.filter(cell__in=list(cells))
    base = reach.base
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


def open_need(viewer: Viewer, need: uuid.UUID, *, reach: Reach | None = None) -> Need:
    """Return a need that a person may see and that can be taken. Raises Need.DoesNotExist for any other need.

    A person may see a need that is in their list or proposed to them, that they offered to help with, or that they have
    taken before. reach: the viewer's reach with this need, if the caller uses it again.
    """
    found = Need.objects.takeable().get(pk=need)
    reach = reach or Reach(viewer, need)
    if not (reach.knows or reach.contains(found)):
        raise Need.DoesNotExist
    return found


def in_reach(viewer: Viewer, needs: NeedQuerySet) -> tuple[NeedQuerySet, bool]:
    """Return the needs, among the given ones, in places where the person may see needs, and whether MAX_DISTANCE from
    their base limits them further."""
    return Reach(viewer).limit(needs)


def _values(found: NeedQuerySet) -> Iterable[Sequence[Any]]:
    held = CommitmentPart.objects.filter(need=OuterRef("pk"), held=True).values("kind")
    return (
        found.order_by()
        .annotate(held_kinds=ArraySubquery(held))
        .values_list("pk", "kinds", "met_kinds", "held_kinds", "urgency", "cell", "at", "district__name", "persons")
    )


def _nearby(row: Sequence[Any], distance: Callable[[int | None], float | None]) -> Nearby:
    key, kinds, met, held, urgency, cell, at, district, persons = row
    return Nearby(key, free_of(kinds, met, held), urgency, cell, distance(cell), at, district or "", persons)


def distance_to(base: int | None, cell: int | None) -> float | None:
    """Return the metres from the cell of a base to a cell; None if one is unknown."""
    return None if base is None or cell is None else grid.distance_m(base, cell)


def _distance_from(base: int | None) -> Callable[[int | None], float | None]:
    known: dict[int, float] = {}

    def distance(cell: int | None) -> float | None:
        if base is None or cell is None:
            return None
        if cell not in known:
            known[cell] = grid.distance_m(base, cell)
        return known[cell]

    return distance
