"""What the dispatchers' list reads of a need. It reads no exact places."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.models import Case, Exists, FloatField, OuterRef, QuerySet, Value, When

from needs.help.triage.triage_queue import PAGE_SIZE, QueueFilter, queue
from needs.help.triage.working_list.waiting_harm import ALARM_WAITS
from needs.models import Correction
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

_COLUMNS = (
    "kinds", "pk", "state", "urgency", "title", "text", "persons", "at", "cell", "place_text", "district__name", "call_at",
    "danger_alarm", "lock__holder", "lock__holder__display_name", "lock__holder__email", "lock__expires_at", "place_unknown",
    "place_corrected", "harm", "danger",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedNeed:
    """What the list shows of a need. district: name of the district; None without one. call_at: the time of the next
    call. alarm: key of its danger alarm. holder: key of the person who has its page open until lock_until.
    place_corrected: whether the reporter corrected the place and no dispatcher has opened the need since. harm: the expected harm of
    waiting; 0 if the list has another order. danger: whether it has an alarm that waits."""

    kinds: tuple[str, ...]
    pk: uuid.UUID
    state: str
    urgency: str
    title: str
    text: str
    persons: int
    at: datetime
    cell: int | None
    place_text: str
    district: str | None
    call_at: datetime | None
    alarm: uuid.UUID | None
    holder: int | None
    holder_name: str | None
    holder_email: str | None
    lock_until: datetime | None
    place_unknown: bool
    place_corrected: bool
    harm: float
    danger: bool

    @property
    def lacks_place(self) -> bool:
        """Whether a dispatcher still has to look up the place, or to record that nobody knows it."""
        return self.cell is None and self.district is None and not self.place_unknown


def listed(
    viewer: Viewer, wanted: QueueFilter, now: datetime, start: int = 0
) -> tuple[list[ListedNeed], ListedNeed | None]:
    """Return one page of a viewer's list, and the first need of the next page; None on the last page. start: number of
    needs on the pages before."""
    if wanted == QueueFilter() and start == 0:
        found = first(viewer, now, PAGE_SIZE + 1)
    else:
        found = _needs(_page(viewer, wanted, now)[start : start + PAGE_SIZE + 1])
    return found[:PAGE_SIZE], next(iter(found[PAGE_SIZE:]), None)


def first(viewer: Viewer, now: datetime, most: int = PAGE_SIZE) -> list[ListedNeed]:
    """Return the first needs of a viewer's list without a filter."""
    user = viewer.in_own_view
    return _needs(_first(most).rows(user=user.pk, now=now)) if user else []


def calls_due(viewer: Viewer, now: datetime, most: int) -> list[ListedNeed]:
    """Return the needs with a call that is due, the longest due first."""
    user = viewer.in_own_view
    return _needs(_calls(most).rows(user=user.pk, now=now)) if user else []


def _needs(rows: Iterable[Any]) -> list[ListedNeed]:
    return [ListedNeed(tuple(kinds), *others) for kinds, *others in rows]


def _page(viewer: Viewer, wanted: QueueFilter, now: datetime) -> QuerySet[Any, Any]:
    corrected = Exists(Correction.objects.by_reporter().filter(report=OuterRef("pk")))
    changed = Case(When(first_opened_at=None, then=corrected), default=Value(value=False))
    found = queue(viewer, wanted, now).annotate(
        place_corrected=changed, danger=Case(When(ALARM_WAITS, then=Value(value=True)), default=Value(value=False))
    )
    if wanted.sort:
        found = found.annotate(harm=Value(0.0, FloatField()))
    return found.values_list(*_COLUMNS)


@cache
def _first(most: int) -> KeptValues:
    return KeptValues(_EXAMPLES, lambda user, now: _page(Viewer(User(pk=user)), QueueFilter(), now)[:most], now=True)


@cache
def _calls(most: int) -> KeptValues:
    def due(user: int, now: datetime) -> QuerySet[Any, Any]:
        return _page(Viewer(User(pk=user)), QueueFilter(to_call=True), now).order_by("call_at")[:most]

    return KeptValues(_EXAMPLES, due, now=True)


_EXAMPLES = {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC)}
