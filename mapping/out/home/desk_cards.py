"""Cards for dispatchers: danger alarms, the queue in figures, calls to make, the switch “I am on duty”.

The alarms are also for coordinators and administrators. No card has words of a report or an exact place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise

from mapping.out.home.cards import Card, Order
from needs.base.dispatch_scope import list_log
from needs.enums import NeedState
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import desk_lines, list_tabs, listed_needs
from needs.help.triage.working_list.listed_needs import ListedNeed
from needs.reports.danger import lane
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import cell_names
from volunteers.places.territories import duties

MOST_ALARMS = 3
MOST_NEEDS = 5
MOST_CALLS = 3


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A need in a card. state: its state in words. place: the name of its cell, or its district; "" if neither is known."""

    need: ListedNeed
    state: str | Promise
    place: str


def alarm_card(viewer: Viewer) -> Iterator[Card]:
    """Yield the card of the alarms that wait, if any wait for this person."""
    alarms = lane.waiting_for(viewer, most=MOST_ALARMS)
    if alarms:
        number = len(alarms) if len(alarms) < MOST_ALARMS else lane.count_for(viewer)
        content = {"alarms": alarms, "number": number}
        yield Card("mapping/home/card_danger.html", Order.DANGER, content, wide=True)


def cards_for(viewer: Viewer, now: datetime) -> Iterator[Card]:
    """Yield the cards of a dispatcher, and log that they read these rows of the queue."""
    user = viewer.user_or_404
    lines = desk_lines.lines_for(viewer, now)
    tabs = {tab.path.partition("?")[2]: tab for tab in list_tabs.tabs_of(viewer, QueueFilter(), [], now, lines)}
    calls = tabs["to_call=1"]
    due = listed_needs.calls_due(viewer, now, MOST_CALLS) if calls.number else []
    first = listed_needs.first(viewer, now, MOST_NEEDS)
    named = _rows([*due, *first])
    list_log.record(user, "home", len(named))
    if due:
        content = {"rows": named[: len(due)], "number": calls.number, "path": calls.path}
        yield Card("mapping/home/card_calls.html", Order.CALLS, content)
    yield Card("mapping/home/card_queue.html", Order.QUEUE, {
        "rows": named[len(due) :], "tabs": list(tabs.values()), "shift": duties.shift_of(user),
        "duty_hours": settings.DUTY_HOURS,
    })  # fmt: skip


def _rows(needs: Sequence[ListedNeed]) -> list[DeskRow]:
    names = cell_names.lines(need.cell for need in needs)
    return [
        DeskRow(need, NeedState(need.state).label, names.get(need.cell or 0, need.district or "")) for need in needs
    ]
