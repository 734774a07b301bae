"""Changes in the dispatchers' list since a page read it. Open pages ask for these changes and get only numbers."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Count,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast

from needs.enums import ReportKind
from needs.help.triage.triage_queue import QueueFilter, matching
from needs.help.triage.working_list import desk_lines
from needs.help.triage.working_list.desk_lines import DeskLine
from needs.models import Correction, NeedQuerySet
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class ListState:
    """The state of a list. new: number of needs filed since a time.

    etag: a text that stays the same as long as the list has the same needs in the same states.
    """

    new: int
    count: int
    etag: str


def _milliseconds(column: str) -> Cast:
    """Return a time as a whole number: sums of floats would depend on the order of the rows. (``EXTRACT`` would compute
    with decimal numbers, which takes longer.)"""
    seconds = Func(F(column), template="DATE_PART('epoch', %(expressions)s)", output_field=FloatField())
    return Cast(seconds * Value(1000.0), BigIntegerField())


_CORRECTIONS = (
    Correction.objects.filter(kind=ReportKind.NEED, report=OuterRef("pk"))
    .order_by()
    .values("report")
    .annotate(n=Count("pk"))
    .values("n")
)
"""The number of corrections of one need. The index ``correction_report`` is enough to count them."""

MARKS: dict[str, Aggregate] = {
    "all": Count("pk"),
    "waiting": Count("pk", filter=Q(danger_alarm__isnull=False, danger_alarm__acknowledged_at=None)),
    "filed": Sum(_milliseconds("filed_at")),
    "moved": Sum(_milliseconds("state_at")),
    "corrected": Sum(Subquery(_CORRECTIONS)),
}
"""Whole numbers that change when a list changes. The numbers of a list are the sums of the numbers of its parts."""


def state_of(viewer: Viewer, wanted: QueueFilter, since: datetime, now: datetime) -> ListState:
    """Return the state of a viewer's list, with one query."""
    user = viewer.in_own_view if wanted.is_empty else None
    rows: Any = _EVERYTHING.rows(user=user.pk, since=since) if user else _sums(matching(viewer, wanted, now), since)
    new, *marks = next(iter(rows), (0,) * (1 + len(MARKS)))
    lines = desk_lines.shown_in(wanted, desk_lines.lines_for(viewer, now))
    return ListState(new, marks[0] + len(lines), etag_with(etag_of([marks]), lines))


def etag_with(etag: str, lines: Iterable[DeskLine]) -> str:
    """Return the ETag of a list of needs that shows other lines, too."""
    mark = desk_lines.mark_of(lines)
    return f'{etag[:-1]}-{mark}"' if mark else etag


def etag_of(parts: Iterable[Sequence[int | None]]) -> str:
    """Return the ETag of a list from the MARKS of its parts, in their order."""
    sums = [int(sum(filter(None, column))) for column in zip(*parts, strict=True)] or [0] * len(MARKS)
    return f'"{hashlib.sha256(repr(sums).encode()).hexdigest()[:24]}"'


def _sums(needs: NeedQuerySet, since: datetime) -> QuerySet[Any, Any]:
    """Return one row: the number of needs filed since a time, and the MARKS. Return no row without needs."""
    groups: Any = needs.order_by().values(one=Value(1))
    found: QuerySet[Any, Any] = groups.annotate(new=Count("pk", filter=Q(filed_at__gt=since)), **MARKS).values_list(
        "new", *MARKS
    )
    return found


_EVERYTHING = KeptValues(
    {"user": -1, "since": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, since: _sums(matching(Viewer(User(pk=user)), QueueFilter(), since), since),
    now=True,
)
"""The list without a filter, which most open pages ask for."""
