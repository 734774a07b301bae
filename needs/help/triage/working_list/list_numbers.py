"""The numbers of unfinished needs that the tabs of the dispatchers' list show."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Aggregate, Case, Count, Q, QuerySet, Value, When

from needs.base.dispatch_scope import scope
from needs.enums import UNFINISHED_STATES, Lane, NeedState
from needs.help.triage import triage_queue
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

NAMES = ("unfinished", "held", "to_call", "aged", Lane.OWN.value, Lane.UNASSIGNED.value, Lane.SHARED.value)


def numbers_of(viewer: Viewer, now: datetime) -> dict[str, int]:
    """Return the numbers of a reader's needs by NAMES, with one query."""
    user = viewer.in_own_view
    return sums_of(_COUNTS.rows(user=user.pk, now=now, since=aged_since(now)) if user else [])


def sums_of(parts: Iterable[Sequence[int]]) -> dict[str, int]:
    """Return the numbers of a list by NAMES, from those of its parts."""
    sums = [sum(column) for column in zip(*parts, strict=True)]
    return dict(zip(NAMES, sums or (0,) * len(NAMES), strict=True))


def aged_since(now: datetime) -> datetime:
    """Return the time before which a need has waited for long."""
    return now - triage_queue.LONG_WAIT


def numbers_for(viewer: Viewer, now: datetime, since: datetime) -> dict[str, Aggregate]:
    """Return what counts the needs of a query, by NAMES. The needs must be annotated with ``cell_above`` and
    ``call_at``. since: as from :func:`aged_since`."""
    lanes = scope.lane_conditions(viewer)
    conditions: list[Any] = [
        Q(state__in=UNFINISHED_STATES), Q(state=NeedState.HELD), Q(call_at__lte=now), Q(filed_at__lte=since),
        lanes[Lane.OWN], Case(When(lanes[Lane.OWN], then=Value(value=False)), default=lanes[Lane.UNASSIGNED]), lanes[Lane.SHARED],
    ]  # fmt: skip
    return {name: Count("pk", filter=condition) for name, condition in zip(NAMES, conditions, strict=True)}


def _counts(user: int, now: datetime, since: datetime) -> QuerySet[Any, Any]:
    """Return one row with the numbers in the order of NAMES; no row if there are no needs."""
    viewer = Viewer(User(pk=user))
    needs = triage_queue.with_call_at(scope.needs_for(viewer).unfinished()).order_by().values(one=Value(1))
    return needs.annotate(**numbers_for(viewer, now, since)).values_list(*NAMES)


_COUNTS = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC), "since": datetime(2000, 1, 2, tzinfo=UTC)}, _counts, now=True
)
