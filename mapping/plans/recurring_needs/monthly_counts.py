"""Monthly counts of each kind of need by place, without identities, to find needs that come back.

A source is an association, or the pseudonym of a person who belongs to none. If a source names a kind in a place (H3
resolution 8) several times on one day, the kind is counted once. Needs that a moderator holds, rejects or marks as
duplicates are not counted, and neither are retracted reports.

The counts outlive the reports. A month is *open* while all its reports exist, that is, until settings.REPORT_DAYS after
its first day. Open months are recounted each day, so late reports and retractions are exact. After that, the month is
*closed*: its reports are being erased. A recount can then only raise a number, for example after an import of old
reports. When an author retracts a report of a closed month, :func:`take_back` lowers counts in the same transaction. A
count decreases by one for each kind, unless another report of the same source names this kind in the same place on that
day. A moderator's decision about a need of a closed month changes no count. Late reports of a closed month change a
count only if a recount gives more than the stored count.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mapping.models import MonthlyNeed
from needs.enums import Category, NeedState, ReportKind
from needs.models import Correction
from solidarity.lib import grid
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.database.region import parent_sql
from volunteers.models import Cell, Territory

MONTHS = 6
COMES_BACK = 3  # a kind comes back if it was named in at least this many of the last MONTHS
KINDS = (ReportKind.ENCOUNTER, ReportKind.NEED)
CLOSING = timedelta(days=2)
PLACES_SHOWN = 24

_LOCK = "mapping.recurring_needs.monthly_counts"
_SAME = "same"
_ASIDE = ", ".join(f"'{state}'" for state in (NeedState.HELD, NeedState.REJECTED, NeedState.DUPLICATE))

# The source of a need.
_NEED_VOICE = "COALESCE('a' || r.association_id, NULLIF(r.source, ''), r.id::text)"

# Each mention of a kind: source, place, day. Needs of encounters are left out, because the encounter already names the
# same kinds.
_NAMED = f"""
    SELECT {ReportKind.ENCOUNTER:d} AS of, r.id, r.cell, (r.at AT TIME ZONE %(zone)s)::date AS day,
           'a' || r.association_id AS voice, unnest(r.asked) AS kind
    FROM needs_encounter r WHERE r.retracted_at IS NULL AND r.at >= %(start)s AND r.at < %(end)s
    UNION ALL
    SELECT {ReportKind.NEED:d}, r.id, r.cell, (r.at AT TIME ZONE %(zone)s)::date, {_NEED_VOICE}, unnest(r.kinds)
    FROM needs_need r WHERE r.retracted_at IS NULL AND r.encounter_id IS NULL AND r.state NOT IN ({_ASIDE})
        AND r.at >= %(start)s AND r.at < %(end)s"""

_PLACED = f"""
    SELECT DISTINCT k.parent8 AS place, n.day, n.voice, n.kind
    FROM ({_NAMED}) n JOIN volunteers_cell k ON k.cell IN (n.cell, {parent_sql("n.cell", 8)})"""

# A place on a border belongs to the territory that contains most of its cells.
_OWNERS = """
    SELECT DISTINCT ON (parent8) parent8, territory_id FROM volunteers_cell WHERE parent8 = ANY(%s)
    GROUP BY parent8, territory_id ORDER BY parent8, count(*) DESC, territory_id"""


# --- counting ------------------------------------------------------------------------------------------------------


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_until(last: date, count: int) -> list[date]:
    """Return ``count`` consecutive months, oldest first. The last month contains the day ``last``."""
    found = [month_of(last)]
    while len(found) < count:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found[::-1]


def is_open(month: date, now: datetime) -> bool:
    """Whether all reports of a month still exist."""
    return timezone.localtime(now).date() < month + timedelta(days=settings.REPORT_DAYS - 1)


def count_months(now: datetime | None = None, since: date | None = None) -> int:
    """Count the needs of every month from the month that contains ``since`` until now, by default the last four months.
    Return the number of rows stored. The counts of open months are replaced; the counts of closed months are only
    raised. Safe to repeat."""
    moment = now or timezone.now()
    today = timezone.localtime(moment).date()
    first = month_of(since) if since else months_until(today, 4)[0]
    with transaction.atomic():
        lock([_LOCK])
        found = _counted(first, today)
        owners = _owners_of({place for place, _month, _kind in found})
        MonthlyNeed.objects.filter(month__in=_open_months(first, today, moment)).delete()
        rows = [
            MonthlyNeed(territory_id=owners[place], cell=place, month=month, kind=kind, count=count)
            for (place, month, kind), count in found.items()
        ]
        _raise(rows)
    return len(rows)


def _open_months(first: date, today: date, now: datetime) -> list[date]:
    months = [month_of(today)]
    while months[-1] > first:
        months.append(month_of(months[-1] - timedelta(days=1)))
    return [month for month in months if is_open(month, now)]


def _bounds(first: date, last: date) -> dict[str, Any]:
    """Return SQL parameters: time zone, local start of the first day, local end of the last day."""
    return {
        "zone": settings.TIME_ZONE,
        "start": timezone.make_aware(datetime(first.year, first.month, first.day)),
        "end": timezone.make_aware(datetime(last.year, last.month, last.day) + timedelta(days=1)),
    }


def _counted(first: date, last: date) -> dict[tuple[int, date, str], int]:
    """Return counts by (place, month, kind). Each source adds at most one per day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place, date_trunc('month', day)::date, kind, count(*) FROM ({_PLACED}) p GROUP BY 1, 2, 3",
            _bounds(first, last),
        )
        return {(place, month, kind): count for place, month, kind, count in cursor.fetchall()}


def _owners_of(places: Iterable[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [list(places)])
        return dict(cursor.fetchall())


def _raise(rows: list[MonthlyNeed]) -> None:
    """Store counts; replace a stored count only by a larger one."""
    columns: list[Any] = [
        [row.territory_id for row in rows], [row.cell for row in rows], [row.month for row in rows],
        [row.kind for row in rows], [row.count for row in rows],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mapping_monthlyneed AS m (territory_id, cell, month, kind, count) "
            "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::int[]) "
            "ON CONFLICT (cell, month, kind) DO UPDATE SET count = greatest(m.count, excluded.count), "
            "territory_id = excluded.territory_id",
            columns,
        )


def take_back(report: uuid.UUID, kind: ReportKind, now: datetime | None = None) -> None:
    """After a report of a closed month was retracted, lower the counts in the same transaction. A count does not change
    if another report of the same source names the same kind in the same place on that day. Counts of open months are
    left to count_months."""
    with transaction.atomic():
        for place, month, named in _counted_alone(report, kind, now or timezone.now()):
            _lower(place, month, named)


def undo_take_back(report: uuid.UUID, kind: ReportKind, taken_back_at: datetime) -> None:
    """Raise the counts that :func:`take_back` lowered. Call this in the transaction of the undo, while the report is
    still retracted."""
    with transaction.atomic():
        alone = _counted_alone(report, kind, taken_back_at)
        owners = _owners_of({place for place, _month, _named in alone})
        for place, month, named in alone:
            _add_one(place, month, named, owners[place])


def follow_correction(done: Correction) -> None:
    """After a report of a closed month was corrected, lower the counts in the same transaction.

    A count drops by one for each kind that the report named before, unless a report of the same source still names the
    kind in that place on that day. The next recount adds what the report names now, if the recount gives more than the
    stored count.
    """
    moment = timezone.now()
    kind = ReportKind(done.kind)
    table, kinds, voice = "needs_encounter", "asked", "'a' || r.association_id"
    own = "true"
    if kind == ReportKind.NEED:
        table, kinds, voice = "needs_need", "kinds", _NEED_VOICE
        own = f"r.encounter_id IS NULL AND r.state NOT IN ({_ASIDE})"
    cell = done.before.get("cell", _SAME)
    old = {
        "cell": None if cell in (None, _SAME) else grid.evidence_cell(cell), "same_cell": cell == _SAME,
        "at": done.before.get("at"), "kinds": done.before.get(kinds),
    }  # fmt: skip
    was = "CASE WHEN %(same_cell)s THEN r.cell ELSE %(cell)s::bigint END"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT k.parent8, (COALESCE(%(at)s::timestamptz, r.at) AT TIME ZONE %(zone)s)::date, "
            f"{voice}, unnest(COALESCE(%(kinds)s::text[], r.{kinds}::text[])) FROM {table} r "
            f"JOIN volunteers_cell k ON k.cell IN ({was}, {parent_sql(was, 8)}) "
            f"WHERE r.id = %(report)s AND r.retracted_at IS NULL AND {own}",
            old | {"zone": settings.TIME_ZONE, "report": done.report},
        )
        gone = cursor.fetchall()
    with transaction.atomic():
        for place, month, named in _alone(gone, moment):
            _lower(place, month, named)


def _counted_alone(report: uuid.UUID, kind: ReportKind, moment: datetime) -> list[tuple[int, date, str]]:
    """Return (place, month, kind) for each kind that a retracted report of a closed month named and that no other
    report of the same source named in the same place on that day. The result is empty for an open month. The function
    takes the lock of the counts."""
    table = "needs_encounter" if kind == ReportKind.ENCOUNTER else "needs_need"
    asked = "asked" if kind == ReportKind.ENCOUNTER else "kinds"
    voice = "'a' || r.association_id"
    own = "true"
    if kind == ReportKind.NEED:
        voice = _NEED_VOICE
        own = f"r.encounter_id IS NULL AND r.state NOT IN ({_ASIDE})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT k.parent8, (r.at AT TIME ZONE %(zone)s)::date, {voice}, unnest(r.{asked}) "
            f"FROM {table} r JOIN volunteers_cell k ON k.cell IN (r.cell, {parent_sql('r.cell', 8)}) "
            f"WHERE r.id = %(report)s AND r.retracted_at IS NOT NULL AND {own}",
            {"zone": settings.TIME_ZONE, "report": report},
        )
        return _alone(cursor.fetchall(), moment)


def _alone(gone: list[tuple[int, date, str, str]], moment: datetime) -> list[tuple[int, date, str]]:
    """Take rows (place, day, source, kind) of a closed month, and return (place, month, kind) for each row that no
    report contains any more. The function takes the lock of the counts."""
    # A month that may close before its next recount is treated as closed.
    if not gone or is_open(month_of(gone[0][1]), moment + CLOSING):
        return []
    day = gone[0][1]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place, day, voice, kind FROM ({_PLACED}) p WHERE day = %(day)s", _bounds(day, day) | {"day": day}
        )
        left = set(cursor.fetchall())
    lock([_LOCK])
    return [
        (place, month_of(day), named) for place, day, voice, named in gone if (place, day, voice, named) not in left
    ]


def _lower(place: int, month: date, kind: str) -> None:
    with connection.cursor() as cursor:
        of = "WHERE cell = %s AND month = %s AND kind = %s"
        cursor.execute(f"DELETE FROM mapping_monthlyneed {of} AND count <= 1", [place, month, kind])
        cursor.execute(f"UPDATE mapping_monthlyneed SET count = count - 1 {of}", [place, month, kind])


def _add_one(place: int, month: date, kind: str, territory: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mapping_monthlyneed AS m (territory_id, cell, month, kind, count) VALUES (%s, %s, %s, %s, 1) "
            "ON CONFLICT (cell, month, kind) DO UPDATE SET count = m.count + 1",
            [territory, place, month, kind],
        )


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Returning:
    """A kind that comes back in a place. number: number of the place, from 1 in the order of the list. months: number
    of months in which the kind was named. count: the total over these months."""

    number: int
    cell: int
    territory: str
    kind: str
    months: int
    count: int


def returning(territory: Territory, months: list[date]) -> list[Returning]:
    """Return the kinds that come back in the places of a territory. The kinds that were named in the most months come
    first."""
    if len(months) < COMES_BACK:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.cell, t.name, m.kind, count(*), sum(m.count) FROM mapping_monthlyneed m "
            "JOIN volunteers_territory t ON t.id = m.territory_id "
            "WHERE starts_with(t.path, %s) AND m.month = ANY(%s) AND m.count > 0 GROUP BY 1, 2, 3 HAVING count(*) >= %s "
            "ORDER BY 4 DESC, 5 DESC, 1, 3",
            [territory.path, months, COMES_BACK],
        )
        rows = cursor.fetchall()
    numbers: dict[int, int] = {}
    for cell, *_rest in rows:
        if cell not in numbers and len(numbers) < PLACES_SHOWN:
            numbers[cell] = len(numbers) + 1
    return [
        Returning(numbers[cell], cell, name, kind, named, int(count))
        for cell, name, kind, named, count in rows
        if cell in numbers
    ]


def strip(territory: Territory, months: list[date]) -> list[tuple[str, list[int]]]:
    """Return (kind, counts by month) for a territory and all territories below it, the most frequent kind first."""
    counts: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.kind, m.month, sum(m.count) FROM mapping_monthlyneed m JOIN volunteers_territory t ON t.id = "
            "m.territory_id "
            "WHERE starts_with(t.path, %s) AND m.month = ANY(%s) GROUP BY 1, 2",
            [territory.path, months],
        )
        for kind, month, count in cursor.fetchall():
            counts.setdefault(kind, [0] * len(months))[months.index(month)] = int(count)
    order = {kind: place for place, kind in enumerate(Category.values)}
    return sorted(counts.items(), key=lambda item: (-sum(item[1]), order.get(item[0], len(order))))


def summary(territory: Territory, moment: datetime) -> dict[str, Any]:
    """Return the exact figures that the page, the dashboard and the report show, as JSON types.

    months: ISO dates, oldest first, the current month last. kinds: dicts with a kind and its counts. returning: the
    fields of Returning as dicts, with the cell in H3 notation. places: number of cells in which a kind comes back.
    """
    months = months_until(timezone.localtime(moment).date(), MONTHS)
    back = returning(territory, months)
    return {
        "months": [month.isoformat() for month in months],
        "kinds": [{"kind": kind, "counts": counts} for kind, counts in strip(territory, months)],
        "returning": [
            {
                "number": one.number, "cell": grid.to_text(one.cell), "territory": one.territory, "kind": one.kind,
                "months": one.months, "count": one.count,
            }
            for one in back
        ],
        "places": len({one.cell for one in back}),
    }  # fmt: skip


def zones_around(zones: Any, cells: Iterable[int]) -> dict[int, Any]:
    """Return the key of the zone in the middle of each place, by place. zones: the zones that the reader may see."""
    places = list(cells)
    if not places:
        return {}
    middles = list(Cell.objects.filter(parent8__in=places).values_list("parent8", "lat", "lng"))
    centre = {place: grid.centre(place) for place in places}
    nearest: dict[int, tuple[float, float, float]] = {}
    for place, lat, lng in middles:
        away = (lat - centre[place][0]) ** 2 + (lng - centre[place][1]) ** 2
        nearest[place] = min(nearest.get(place, (float("inf"), 0.0, 0.0)), (away, lat, lng))
    columns: list[Any] = [
        list(nearest),
        [lat for _a, lat, _g in nearest.values()],
        [lng for _a, _l, lng in nearest.values()],
    ]
    keys = list(zones.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (p.place) p.place, z.key FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) "
            "p(place, lat, lng) JOIN mapping_zone z ON z.id = ANY(%s) "
            "AND ST_Covers(z.shape, ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326)) ORDER BY p.place, z.key",
            [*columns, keys],
        )
        return dict(cursor.fetchall())
