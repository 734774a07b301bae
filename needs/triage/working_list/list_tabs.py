"""The tabs above the dispatchers' list, each with its number of needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from needs.conversations import desk_inbox
from needs.desk import scope
from needs.enums import UNFINISHED_STATES, Lane, NeedState
from needs.message_desk import unclear_messages
from needs.models import SavedSearch
from needs.triage import ageing, triage_queue
from needs.triage.triage_queue import QueueFilter
from solidarity.lib.database.kept_query import KeptValues
from volunteers.accounts.viewer import Viewer
from volunteers.models import User

MAX_SAVED_TABS = 6


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab. path: address of the tab. number: the number of needs, or of entries in the inbox.

    current: whether it is open.
    """

    label: str | Promise
    path: str
    number: int
    current: bool = False


def tabs_of(viewer: Viewer, wanted: QueueFilter, saved: Sequence[SavedSearch], now: datetime) -> list[Tab]:
    """Return the tabs of a reader. Lanes without needs are left out, unless they are chosen."""
    numbers = _numbers(viewer, now)
    own = [
        _tab(_("All"), "", numbers["all"], wanted),
        *(
            _tab(capfirst(lane.label), f"lane={lane}", numbers[lane], wanted)
            for lane in Lane
            if numbers[lane] or lane == wanted.lane
        ),
        _tab(_("To moderate"), f"states={NeedState.HELD}", numbers["held"], wanted),
        _tab(_("Call back"), "to_call=1", numbers["to_call"], wanted),
    ]
    inbox, to_sort = _messages(viewer, now)
    return [
        *own,
        *_saved_tabs(viewer, wanted, saved[:MAX_SAVED_TABS], now),
        Tab(_("Long wait"), reverse("needs:triage_ageing"), numbers["aged"]),
        Tab(_("Messages"), reverse("needs:commitment_desk"), inbox),
        Tab(_("Messages to sort"), reverse("needs:message_desk"), to_sort),
    ]


def _tab(label: str | Promise, query: str, number: int, wanted: QueueFilter) -> Tab:
    path = reverse("needs:triage") + (f"?{query}" if query else "")
    return Tab(label, path, number, current=wanted.without_order.querystring == query)


def _saved_tabs(viewer: Viewer, wanted: QueueFilter, saved: Sequence[SavedSearch], now: datetime) -> list[Tab]:
    """Return the tabs of saved searches. One query counts the needs of all tabs."""
    filters = [QueueFilter.from_json(search.query) for search in saved]
    found = [
        triage_queue.matching(viewer, each, now).annotate(of=Value(place)).values("of").annotate(n=Count("pk"))
        for place, each in enumerate(filters)
    ]
    rows = [each.values_list("of", "n") for each in found]
    numbers = dict(rows[0].union(*rows[1:], all=True).order_by("of")) if rows else {}
    return [
        _tab(search.name, each.without_order.querystring, numbers.get(place, 0), wanted)
        for place, (search, each) in enumerate(zip(saved, filters, strict=True))
    ]


def _messages(viewer: Viewer, now: datetime) -> tuple[int, int]:
    """Return the numbers of entries in the inbox and of messages to sort. Usually there are no messages at all, and one
    cheap query is enough."""
    found = _ENTRIES.rows(since=now - desk_inbox.SHOWN_FOR)
    inbox = desk_inbox.count_about([need for need, to_sort in found if not to_sort], scope.needs_for(viewer))
    return inbox, unclear_messages.count_for(viewer) if any(to_sort for _need, to_sort in found) else 0


def _entries(since: datetime) -> QuerySet[Any, Any]:
    """Return (need, False) for each entry of the inbox, and (key, True) if any message waits to be sorted."""
    waiting = unclear_messages.any_waiting().values_list("pk", Value(value=True))
    entries = [
        each.annotate(to_sort=Value(value=False)) for each in desk_inbox.needs_of_entries(since + desk_inbox.SHOWN_FOR)
    ]
    return waiting.union(*entries, all=True).order_by()


_ENTRIES = KeptValues({"since": datetime(2000, 1, 1, tzinfo=UTC)}, _entries)


def _numbers(viewer: Viewer, now: datetime) -> dict[str, int]:
    """Return the numbers of unfinished needs, with one query."""
    user = viewer.in_own_view
    since = now - timedelta(days=ageing.BANDS[0])
    rows = _COUNTS.rows(user=user.pk, now=now, since=since) if user else []
    return dict(zip(_COUNTED, rows[0] if rows else (0,) * len(_COUNTED), strict=True))


def _counts(user: int, now: datetime, since: datetime) -> QuerySet[Any, Any]:
    """Return one row with the numbers in the order of _COUNTED; no row if there are no needs. since: the time before
    which a need has waited for long."""
    viewer = Viewer(User(pk=user))
    lanes = scope.lane_conditions(viewer)
    conditions: list[Any] = [
        Q(state__in=UNFINISHED_STATES), Q(state=NeedState.HELD), Q(call_at__lte=now), Q(filed_at__lte=since),
        lanes[Lane.OWN], Case(When(lanes[Lane.OWN], then=Value(value=False)), default=lanes[Lane.UNASSIGNED]), lanes[Lane.SHARED],
    ]  # fmt: skip
    needs = triage_queue.with_call_at(scope.needs_for(viewer).unfinished()).order_by().values(one=Value(1))
    counts = {name: Count("pk", filter=condition) for name, condition in zip(_COUNTED, conditions, strict=True)}
    return needs.annotate(**counts).values_list(*_COUNTED)


_COUNTED = ("all", "held", "to_call", "aged", Lane.OWN.value, Lane.UNASSIGNED.value, Lane.SHARED.value)
_COUNTS = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC), "since": datetime(2000, 1, 2, tzinfo=UTC)}, _counts, now=True
)
