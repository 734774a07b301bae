"""Public counts, if a deployment enables them (docs/privacy.md). They are monthly, contain noise, and have a budget.

Only places of resolution 8 have counts. The cells of merged places change each week, so counts of two weeks could be
subtracted from each other. If the count of a place is published again in the same month, it gets the same noise.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapping.map.releases.public import noise
from mapping.map.releases.public.partition import PartPlace
from mapping.models import CountLedger, PublicPlace, Release
from solidarity.lib.database.region import parent_sql

A_YEAR = 12


class BudgetSpent(Exception):
    """The year's publications of counts are used up, or this month's counts were already published."""


def for_release(release: Release, before: Release | None, places: Sequence[PartPlace], secret: bytes) -> dict[str, int]:
    """Return the published counts of the month before the release, by place; empty if counts are disabled. The first
    release of a month uses one of the year's publications; later releases repeat its counts."""
    if not settings.PUBLIC_COUNTS:
        return {}
    month = month_before(release.published_at)
    if CountLedger.objects.filter(month=month).exists():
        return _repeated(before, places)
    try:
        spend(month)
    except BudgetSpent:
        return {}
    true = _counted(month)
    return {
        place.key: noise.noised(sum(true.get(atom, 0) for atom in place.atoms), secret, place.key) for place in places
    }


def month_before(moment: datetime) -> date:
    """Return the first day of the last full month before a datetime, in local time."""
    first = timezone.localtime(moment).date().replace(day=1)
    return (first - timedelta(days=1)).replace(day=1)


def spend(month: date) -> CountLedger:
    """Record the publication of a month's counts, in the caller's transaction. Raise BudgetSpent if none is left. The
    table's constraints enforce the same limits."""
    year = month.year
    spent = CountLedger.objects.filter(year=year).count()
    if spent >= A_YEAR or CountLedger.objects.filter(month=month).exists():
        raise BudgetSpent
    return CountLedger.objects.create(year=year, number=spent + 1, month=month, epsilon=noise.EPSILON)


def _repeated(before: Release | None, places: Sequence[PartPlace]) -> dict[str, int]:
    shown = {place.key for place in places}
    rows = PublicPlace.objects.filter(release=before, count__isnull=False).values_list("key", "count")
    return {key: count for key, count in rows if key in shown and count is not None}


def _counted(month: date) -> dict[int, int]:
    """Count a month's reports by cell of resolution 8: encounters, citizens' reports, needs without an encounter."""
    start = timezone.make_aware(datetime.combine(month, time()))
    end = timezone.make_aware(datetime.combine((month + timedelta(days=32)).replace(day=1), time()))
    parts = " UNION ALL ".join(
        f"SELECT cell FROM {table} WHERE retracted_at IS NULL AND cell IS NOT NULL AND at >= %s AND at < %s{more}"
        for table, more in (
            ("needs_encounter", ""),
            ("needs_citizenreport", ""),
            ("needs_need", " AND encounter_id IS NULL"),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {parent_sql('cell', 8)}, count(*) FROM ({parts}) q GROUP BY 1",
            [start, end, start, end, start, end],
        )
        return dict(cursor.fetchall())
