"""What the dispatchers' list reads of a need. It reads no exact places."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from needs.triage.triage_queue import PAGE_SIZE, QueueFilter, queue
from solidarity.lib.database.kept_query import KeptValues
from volunteers.accounts.viewer import Viewer
from volunteers.models import User

_COLUMNS = (
    "kinds", "pk", "state", "urgency", "title", "text", "persons", "at", "cell", "place_text", "district__name", "call_at",
    "danger_alarm", "lock__holder", "lock__holder__display_name", "lock__holder__email", "lock__expires_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedNeed:
    """What the list shows of a need. district: name of the district; None without one. call_at: the time of the next
    call. alarm: key of its danger alarm. holder: key of the person who has its page open until lock_until."""

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


def listed(viewer: Viewer, wanted: QueueFilter, now: datetime, start: int = 0) -> list[ListedNeed]:
    """Return one page of a viewer's list. start: number of needs on the pages before."""
    user = viewer.in_own_view if wanted == QueueFilter() and start == 0 else None
    rows: Any = _FIRST_PAGE.rows(user=user.pk, now=now) if user else _page(viewer, wanted, now, start)
    return [ListedNeed(tuple(kinds), *others) for kinds, *others in rows]


def _page(viewer: Viewer, wanted: QueueFilter, now: datetime, start: int) -> QuerySet[Any, Any]:
    return queue(viewer, wanted, now).values_list(*_COLUMNS)[start : start + PAGE_SIZE]


_FIRST_PAGE = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, now: _page(Viewer(User(pk=user)), QueueFilter(), now, 0),
    now=True,
)
"""The first page without a filter."""
