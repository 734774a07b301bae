"""The tabs above the dispatchers' list, each with its number of needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from needs.base.dispatch_scope import scope
from needs.enums import Lane, NeedState
from needs.help.reporter_messages import desk_inbox
from needs.help.triage import triage_queue
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import list_numbers
from needs.models import SavedSearch
from solidarity.lib.database.kept_query import KeptValues
from volunteers.people.accounts.viewer import Viewer

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
        *to_sort,
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


@dataclass(frozen=True, slots=True)
class WaitingTab:
    """A tab of another room. url: name of its page. any_waiting: a query for a key of what waits, in any territory; a
    cheap check. count_for: the number that waits for a reader."""

    label: str | Promise
    url: str
    any_waiting: Callable[[], QuerySet[Any, Any]]
    count_for: Callable[[Viewer], int]


_WAITING: list[WaitingTab] = []


def register(tab: WaitingTab) -> None:
    """Register a tab of another room; called when the apps are ready."""
    _WAITING.append(tab)


def _messages(viewer: Viewer, now: datetime) -> tuple[int, list[Tab]]:
    """Return the number of entries in the inbox, and the tabs of other rooms. Usually nothing waits at all, and one cheap
    query is enough."""
    found = _ENTRIES.rows(since=now - desk_inbox.SHOWN_FOR)
    inbox = desk_inbox.count_about([need for need, place in found if place < 0], scope.needs_for(viewer))
    waiting = {place for _key, place in found}
    return inbox, [
        Tab(tab.label, reverse(tab.url), tab.count_for(viewer) if place in waiting else 0)
        for place, tab in enumerate(_WAITING)
    ]


def _entries(since: datetime) -> QuerySet[Any, Any]:
    """Return (need, -1) for each entry of the inbox, and (key, place) for each tab of another room where something
    waits."""
    waiting = [tab.any_waiting().values_list("pk", Value(place, IntegerField())) for place, tab in enumerate(_WAITING)]
    entries = [
        each.annotate(place=Value(-1, IntegerField()))
        for each in desk_inbox.needs_of_entries(since + desk_inbox.SHOWN_FOR)
    ]
    found: QuerySet[Any, Any] = entries[0].union(*entries[1:], *waiting, all=True).order_by()
    return found


_ENTRIES = KeptValues({"since": datetime(2000, 1, 1, tzinfo=UTC)}, _entries)
