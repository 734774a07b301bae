"""Changes in the dispatchers' list since a page read it. Open pages ask for these changes and get only numbers."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, BigIntegerField, Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Extract

from needs.enums import ReportKind
from needs.models import Correction, NeedQuerySet


@dataclass(frozen=True, slots=True)
class ListState:
    """The state of a list. new: number of needs filed since a time.

    etag: a text that stays the same as long as the list has the same needs in the same states.
    """

    new: int
    count: int
    etag: str


def _milliseconds(column: str) -> Cast:
    """Return a time as a whole number: sums of floats would depend on the order of the rows."""
    return Cast(Extract(column, "epoch") * Value(1000), BigIntegerField())


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


def state_of(needs: NeedQuerySet, since: datetime) -> ListState:
    """Return the state of a list of needs, with one query."""
    row = needs.order_by().aggregate(new=Count("pk", filter=Q(filed_at__gt=since)), **MARKS)
    return ListState(row["new"], row["all"], etag_of([row]))


def etag_of(parts: Iterable[Mapping[str, Any]]) -> str:
    """Return the ETag of a list from the MARKS of its parts."""
    rows = list(parts)
    sums = [sum(int(row[name] or 0) for row in rows) for name in MARKS]
    return f'"{hashlib.sha256(repr(sums).encode()).hexdigest()[:24]}"'
