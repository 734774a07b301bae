"""The tabs above the dispatchers' list, each with its number of needs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from needs.enums import DeskFilter, Lane
from needs.help.triage import triage_queue
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import list_numbers
from needs.help.triage.working_list.desk_lines import DeskLine
from needs.models import SavedSearch
from volunteers.people.accounts.viewer import Viewer

MAX_SAVED_TABS = 6


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab. path: address of the tab. number: the number of lines in its list.

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
    lines: Sequence[DeskLine],
    numbers: Mapping[str, int] | None = None,
) -> list[Tab]:
    """Return the tabs of a reader. Lanes and requests are left out if nothing waits there, unless they are chosen.

    lines: what waits besides needs. numbers: the numbers of needs, if they are known (``list_numbers``).
    """
    numbers = numbers or list_numbers.numbers_of(viewer, now)
    other = Counter(line.only for line in lines if line.harm)
    requests, own = other[DeskFilter.REQUESTS], f"only={DeskFilter.REQUESTS}"
    return [
        _tab(_("All"), "", numbers["unfinished"] + other.total(), wanted),
        *(
            _tab(capfirst(lane.label), f"lane={lane}", numbers[lane], wanted)
            for lane in Lane
            if numbers[lane] or lane == wanted.lane
        ),
        _tab(_("Messages"), f"only={DeskFilter.MESSAGES}", other[DeskFilter.MESSAGES], wanted),
        _tab(_("Call back"), "to_call=1", numbers["to_call"], wanted),
        _tab(_("To moderate"), f"only={DeskFilter.TEXTS}", numbers["held"] + other[DeskFilter.TEXTS], wanted),
        *([_tab(_("Requests"), own, requests, wanted)] if requests or wanted.only == DeskFilter.REQUESTS else []),
        _tab(_("Long wait"), "aged=1", numbers["aged"], wanted),
        *_saved_tabs(viewer, wanted, saved[:MAX_SAVED_TABS], now),
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
