"""The tabs above the dispatchers' list, each with its number of needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from needs.desk import scope
from needs.enums import Lane, NeedState
from needs.message_desk import unclear_messages
from needs.models import SavedSearch
from needs.reporter_messages import desk_inbox
from needs.triage import triage_queue
from needs.triage.triage_queue import QueueFilter
from needs.triage.working_list import list_numbers
from solidarity.lib.database.kept_query import KeptValues
from volunteers.accounts.viewer import Viewer

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


def tabs_of(
    viewer: Viewer,
    wanted: QueueFilter,
    saved: Sequence[SavedSearch],
    now: datetime,
    numbers: Mapping[str, int] | None = None,
) -> list[Tab]:
    """Return the tabs of a reader. Lanes without needs are left out, unless they are chosen. numbers: the numbers of
    needs, if they are known (``list_numbers``)."""
    numbers = numbers or list_numbers.numbers_of(viewer, now)
    own = [
        _tab(_("All"), "", numbers["unfinished"], wanted),
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
