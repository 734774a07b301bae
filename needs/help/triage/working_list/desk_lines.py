"""What waits at the desk besides needs: messages, texts to moderate, requests to join. Start with ``lines_for``.

Each source belongs to the part of the site that it comes from; sources of upper wings register themselves when the apps
are ready. Lines stand in the dispatchers' list among the needs, by the harm that waiting may do.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import IntegerField, QuerySet, Value
from django.utils.functional import Promise

from needs.enums import DeskFilter, Urgency
from needs.help.reporter_messages import desk_inbox
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import waiting_harm
from solidarity.lib.database.kept_query import KeptValues
from solidarity.lib.site import features
from volunteers.people.accounts.viewer import Viewer

MOST = 50
"""A source gives at most so many lines."""


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One thing that waits. key: unique among all lines. icon: the channel. title: what it is. why: one sentence that says
    why it is here. words: the person's own words; "" without any. place: name of a territory; "" if unknown. path:
    address of the page that deals with it. done: address to which a form says that it is done; "" if only the page can
    end it. done_words: the form's button. danger: it stands above all needs without an alarm.
    """

    only: DeskFilter
    key: str
    icon: str
    title: str | Promise
    why: str | Promise
    at: datetime
    path: str
    harm: float
    words: str = ""
    place: str = ""
    kinds: Sequence[str] = ()
    done: str = ""
    done_words: str | Promise = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class LineSource:
    """A source of lines. any_waiting: queries for what waits anywhere, whoever may read it; a cheap check. lines: the
    lines of a reader, at most MOST."""

    only: DeskFilter
    any_waiting: Callable[[datetime], Iterable[QuerySet[Any, Any]]]
    lines: Callable[[Viewer, datetime], Sequence[DeskLine]]


_SOURCES: list[LineSource] = []


def register(*sources: LineSource) -> None:
    """Register the sources of a wing; called when the apps are ready."""
    _SOURCES.extend(sources)


def lines_for(viewer: Viewer, now: datetime) -> list[DeskLine]:
    """Return everything that waits for a reader besides needs, the most harm first.

    Usually nothing waits anywhere, and one cheap query is enough.
    """
    if viewer.in_own_view is None:
        return []
    waiting = {place for (place,) in _ANYWHERE.rows(since=now - desk_inbox.SHOWN_FOR)}
    lines = [
        line for place in sorted(waiting) for line in _SOURCES[place].lines(viewer, now) if features.has_path(line.path)
    ]
    return sorted(lines, key=lambda line: (not line.danger, -line.harm, line.at, line.key))


def harm_of(urgency: Urgency, at: datetime, now: datetime, *, danger: bool = False) -> float:
    """Return the harm of waiting of a line, as of a need with this urgency. danger: whether there may be a danger."""
    return waiting_harm.harm(urgency, (now - at).total_seconds() / waiting_harm.SECONDS_A_DAY, danger=danger)


def mark_of(lines: Iterable[DeskLine]) -> str:
    """Return a text that changes whenever lines come or go; "" without lines."""
    text = "|".join(sorted(f"{line.key} {line.at.timestamp():.3f}" for line in lines))
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def shown_in(wanted: QueueFilter, lines: Sequence[DeskLine]) -> list[DeskLine]:
    """Return the lines that a filtered list shows. Filters of needs hide all lines; lines that wait for the person's answer
    are shown only among the messages."""
    if wanted.only:
        return [line for line in lines if line.only == wanted.only]
    return [line for line in lines if line.harm] if wanted.is_empty else []


def _anywhere(since: datetime) -> QuerySet[Any, Any]:
    """Return the place of each source for which something waits."""
    found = [
        query.order_by().values_list(Value(place, IntegerField())).distinct()
        for place, source in enumerate(_SOURCES)
        for query in source.any_waiting(since + desk_inbox.SHOWN_FOR)
    ]
    return found[0].union(*found[1:]).order_by()


_ANYWHERE = KeptValues({"since": datetime(2000, 1, 1, tzinfo=UTC)}, _anywhere)
