"""Capacities: how many needs associations can still meet this week, and whether a need is in their reach."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import F, FloatField, Q, Value
from django.utils import timezone

from needs.enums import CommitmentState
from needs.help.matching.constraints import Reason
from needs.models import Capacity, CommitmentPart, Need
from solidarity.lib import grid
from volunteers.models import Association

COUNTED = (CommitmentState.ACTIVE, CommitmentState.DONE)


@dataclass(frozen=True, slots=True)
class Remaining:
    """An association's remaining capacity for one kind this week. distance: metres to the need; None without a base."""

    association: Association
    kind: str
    left: int
    all: int
    distance: float | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        near = (Reason("distance", {"metres": round(self.distance, -2)}),) if self.distance is not None else ()
        return (*near, Reason("capacity", {"kind": self.kind, "left": self.left, "all": self.all}))


def week_of(now: datetime) -> datetime:
    """Return Monday, 0:00 local time, of a datetime's week."""
    local = timezone.localtime(now)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return timezone.make_aware(monday)


def used(associations: Sequence[int], now: datetime) -> Counter[tuple[int, str]]:
    """Count the commitments per (association, kind) since Monday that were not given back."""
    parts = CommitmentPart.objects.filter(
        commitment__association__in=associations,
        commitment__made_at__gte=week_of(now),
        commitment__made_at__lte=now,
        commitment__state__in=COUNTED,
    )
    return Counter((a, kind) for a, kind in parts.values_list("commitment__association", "kind") if a is not None)


def associations_with_capacity(need: Need, kinds: Sequence[str], now: datetime) -> list[Remaining]:
    """Return associations in reach with capacity left this week for some of a need's kinds, nearest first.

    A capacity without a base is valid for every place. If only the district of the need is known, the base must be in
    this district, and there is no distance. Two queries.
    """
    capacities = Capacity.objects.filter(kind__in=list(kinds), per_week__gt=0).select_related("association")
    if need.cell is not None:
        latitude, longitude = grid.centre(need.cell)
        centre = Point(longitude, latitude, srid=4326)
        near = Q(base=None) | Q(base__dwithin=(centre, F("radius")))
        rows = list(capacities.annotate(away=Distance("base", centre)).filter(near))
    elif need.district is not None:
        near = Q(base=None) | Q(base__coveredby=need.district.polygon)
        rows = list(capacities.annotate(away=Value(None, output_field=FloatField())).filter(near))
    else:
        return []
    gone = used([row.association_id for row in rows], now)
    found = [
        Remaining(row.association, row.kind, row.per_week - gone[row.association_id, row.kind], row.per_week,
             row.away.m if row.away is not None else None)  # type: ignore[attr-defined]
        for row in rows
    ]  # fmt: skip
    some = [left for left in found if left.left > 0]
    return sorted(some, key=lambda left: (left.distance if left.distance is not None else 0.0, left.association.name))


def save_capacities(
    association: Association, per_week: Mapping[str, int], base: tuple[float, float] | None, radius: int
) -> None:
    """Replace an association's capacities. base: (latitude, longitude) of a cell's centre; None: everywhere."""
    point = Point(base[1], base[0], srid=4326) if base is not None else None
    with transaction.atomic():
        Capacity.objects.filter(association=association).exclude(kind__in=list(per_week)).delete()
        for kind, number in per_week.items():
            values = {"per_week": number, "base": point, "radius": radius}
            Capacity.objects.update_or_create(association=association, kind=kind, defaults=values)
