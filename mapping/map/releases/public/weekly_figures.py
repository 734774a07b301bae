"""The published figures of each week, for the reports that leave the site (docs/adr/0029).

Each public release adds the figures of the week before its ``as_of``; they are never computed again. These are the
figures of every territory that the release shows, and the sums and kinds of needs of the top-level territories. A
report adds up whole weeks. Therefore, nobody learns more by subtracting reports of two periods, creating a territory,
moving a border or requesting a report again.

Counts of people and needs have discrete Laplace noise. Each report counts in one territory, in its top-level territory,
and in one week. Only the first of these figures shows where the report was made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapping.coverage.unseen import unseen_estimate
from mapping.map.releases.public import blur, noise
from mapping.map.releases.public.partition import MERGED
from mapping.models import PublicWeek, Release
from needs.enums import Category, NeedState
from solidarity.lib.database.region import parent_sql
from volunteers.models import Territory

EPSILON = 0.4  # one report changes the odds by a factor of at most e^0.4 = 1.5, the limit of docs/adr/0020

NEED_GROUPS: dict[str, tuple[NeedState, ...]] = {
    "met": (NeedState.MET,),
    "taken": (NeedState.COMMITTED, NeedState.PARTLY_MET),
    "open": (NeedState.NEW, NeedState.VERIFIED, NeedState.OPEN, NeedState.REOPENED),
    "ended": (NeedState.UNMET, NeedState.EXPIRED),
}
"""Published states of needs. Needs that wait for a moderator, duplicates and rejected needs are not counted."""

_COUNTED = frozenset(state for states in NEED_GROUPS.values() for state in states)

SUMS = ("people", "hours", *(f"needs_{group}" for group in NEED_GROUPS))

type Figures = dict[str, dict[str, Any]]

# The territory of a report's cell. Sparse territories have cells of resolution 8.
_OWNER = (
    "LEFT JOIN volunteers_cell fine ON fine.cell = {0} "
    f"LEFT JOIN volunteers_cell coarse ON coarse.cell = {parent_sql('{0}', 8)}"
)
_TERRITORY = "COALESCE(fine.territory_id, coarse.territory_id)"
_THEN = "r.retracted_at IS NULL AND r.at >= %s AND r.at < %s"


def weeks_before(moment: datetime) -> list[date]:
    """Return the Mondays, oldest first, of the weeks that ended before a datetime and whose reports all still exist."""
    today = timezone.localtime(moment).date()
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(max(1, settings.REPORT_DAYS // 7 - 1), 0, -1)]


def publish(release: Release, secret: bytes) -> list[PublicWeek]:
    """Store the figures of the weeks that ended before the release's ``as_of`` and are later than the last stored
    week, in the caller's transaction. A stored week never changes."""
    last = PublicWeek.objects.order_by("-monday").values_list("monday", flat=True).first()
    missing = [monday for monday in weeks_before(release.as_of) if last is None or monday > last]
    shown = shown_territories(release) if missing else []
    if not shown:
        return []  # the first releases of a site show nothing; a later release stores their weeks
    unseen_estimate.fill(_sunday(monday) for monday in missing)
    weeks = [PublicWeek(monday=monday, figures=_figures(monday, shown, secret)) for monday in missing]
    return PublicWeek.objects.bulk_create(weeks)


def _sunday(monday: date) -> date:
    return monday + timedelta(days=6)


def shown_territories(release: Release) -> list[Territory]:
    """Return the territories in which a release shows a place and that are at least as large as MERGED hexagons of the
    public map."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT territory_id FROM volunteers_cell GROUP BY 1 "
            "HAVING sum(CASE (cell >> 52) & 15 WHEN 9 THEN 1.0 / 7 ELSE 1 END) >= %s",
            [MERGED - 1e-9],
        )
        large = [pk for (pk,) in cursor.fetchall()]
    on_map = release.places.values("commune")
    return list(Territory.objects.filter(pk__in=large).filter(pk__in=on_map).defer("polygon"))


def _figures(monday: date, shown: Iterable[Territory], secret: bytes) -> Figures:
    """Return the published figures of a week by primary key of the territory, as text."""
    span = (unseen_estimate.end_of(monday - timedelta(days=1)), unseen_estimate.end_of(_sunday(monday)))
    week = _Week.read(span)
    blurred = Blur(monday, secret)
    unseen = unseen_of(_sunday(monday))
    found: Figures = {}
    roots: set[int] = set()
    for territory in shown:
        pk = territory.pk
        near = blurred.unseen(pk, unseen[pk]) if pk in unseen else None
        found[str(pk)] = {**week.sums([pk], pk, blurred), "unseen": near}
        roots.add(week.root_of[pk])
    for root in sorted(roots):
        below = [pk for pk, top in week.root_of.items() if top == root]
        whole = found.setdefault(str(root), week.sums(below, root, blurred))
        kinds = {kind: sum(week.kinds.get((pk, kind), 0) for pk in below) for kind in Category.values}
        whole["kinds"] = {kind: blurred.count(f"kind {kind}", root, count) for kind, count in kinds.items()}
    return found


@dataclass(frozen=True, slots=True)
class _Week:
    """The true sums of a week by territory with cells. root_of: the top-level territory of each territory."""

    people: dict[int, int]
    hours: dict[int, float]
    needs: dict[tuple[int, str], int]
    kinds: dict[tuple[int, str], int]
    root_of: dict[int, int]

    @classmethod
    def read(cls, span: tuple[datetime, datetime]) -> "_Week":
        kinds: dict[tuple[int, str], int] = {}
        for (territory, state, kind), count in _rows(_KINDS, span):
            if state in _COUNTED:
                kinds[territory, kind] = kinds.get((territory, kind), 0) + count
        paths = dict(Territory.objects.values_list("pk", "path"))
        top = {path: pk for pk, path in paths.items()}
        return cls(
            people={pk: count for (pk,), count in _rows(_PEOPLE, span)},
            hours={pk: hours for (pk,), hours in _rows(_HOURS, span)},
            needs={(pk, state): count for (pk, state), count in _rows(_NEEDS, span)},
            kinds=kinds,
            root_of={pk: top[path.split("/")[0] + "/"] for pk, path in paths.items()},
        )

    def sums(self, territories: Sequence[int], of: int, blurred: "Blur") -> dict[str, Any]:
        """Return the published sums over some territories. of: the territory for which the noise is computed."""
        needs = {
            group: sum(self.needs.get((pk, state), 0) for pk in territories for state in states)
            for group, states in NEED_GROUPS.items()
        }
        return {
            "people": blurred.count("people", of, sum(self.people.get(pk, 0) for pk in territories)),
            "hours": blurred.hours(of, sum(self.hours.get(pk, 0.0) for pk in territories)),
            **{f"needs_{group}": blurred.count(f"needs {group}", of, count) for group, count in needs.items()},
        }


def unseen_of(day: date) -> dict[int, float]:
    """Return the unseen estimates of a day by primary key of the territory, not rounded."""
    rows = unseen_estimate.readable().filter(day=day, days=unseen_estimate.SPANS[0])
    return dict(rows.values_list("territory_id", "persons"))


@dataclass(frozen=True, slots=True)
class Blur:
    """Noise and rounding for one week. The same week, territory and number always give the same result."""

    monday: date
    secret: bytes

    def count(self, name: str, territory: int, true: int) -> int:
        """Return a count with noise, perhaps below 0, so that sums over many weeks stay unbiased."""
        chance = blur.chance_of(self.secret, "week", name, self.monday, territory, true)
        return int(true) + noise.laplace(chance, EPSILON)

    def hours(self, territory: int, true: float) -> float:
        return blur.rounded(true, blur.chance_of(self.secret, "hours", self.monday, territory))

    def unseen(self, territory: int, true: float) -> float:
        """Return the estimate rounded to 5. The offset never changes, so averaging several weeks reveals nothing
        more."""
        return blur.rounded(true, blur.chance_of(self.secret, "unseen", territory))


_PEOPLE = f"""
    SELECT {_TERRITORY}, sum(r.persons) FROM needs_encounter r {_OWNER.format("r.cell")} WHERE {_THEN} GROUP BY 1"""

_HOURS = f"""
    SELECT territory, sum(minutes) / 60.0 FROM (
        SELECT {_TERRITORY} AS territory, r.minutes FROM needs_encounter r {_OWNER.format("r.cell")}
        WHERE {_THEN} AND r.tour_id IS NULL
        UNION ALL
        SELECT {_TERRITORY}, c.minutes FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id
        {_OWNER.format("c.cell")} WHERE {_THEN}
    ) q GROUP BY 1"""

_NEEDS = f"""
    SELECT {_TERRITORY}, r.state, count(*) FROM needs_need r {_OWNER.format("r.cell")} WHERE {_THEN} GROUP BY 1, 2"""

_KINDS = f"""
    SELECT {_TERRITORY}, r.state, kind, count(*) FROM needs_need r {_OWNER.format("r.cell")}
    CROSS JOIN LATERAL unnest(r.kinds) kind WHERE {_THEN} GROUP BY 1, 2, 3"""


def _rows(query: str, span: tuple[datetime, datetime]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield (key, value) of each row; rows outside all territories or without a value are left out."""
    with connection.cursor() as cursor:
        cursor.execute(query, [*span] * (query.count("%s") // 2))
        for row in cursor.fetchall():
            if row[0] is not None and row[-1] is not None:
                yield tuple(row[:-1]), row[-1]
