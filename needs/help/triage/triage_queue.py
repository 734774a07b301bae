"""The dispatchers' queue, its filter, and saved searches of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from needs.base.dispatch_scope import scope
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import UNFINISHED_STATES, DeskFilter, Lane, NeedState, SearchPage
from needs.help.triage.working_list import list_search, waiting_harm
from needs.models import CallAttempt, Need, NeedQuerySet, SavedSearch
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas

PAGE_SIZE = 50
MAX_SAVED = 50
ORDERS = {"oldest": "at", "newest": "-at"}
"""Orders other than the expected harm of waiting."""
LONG_WAIT = timedelta(days=2)
"""After this time an unfinished need has waited for long."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The filter and the order of the queue.

    search: no states means all unfinished needs. to_call: show only needs with a call that is due now. aged:
    show only needs that have waited for LONG_WAIT. only: "" for everything; else one sort of line (``desk_lines.DeskFilter``).
    lane: "" for all lanes. sort: "" for the expected harm of waiting. find: key of a stored search by words and box; ""
    without one.
    """

    search: SearchQuery = field(default_factory=SearchQuery)
    to_call: bool = False
    aged: bool = False
    only: str = ""
    lane: str = ""
    sort: str = ""
    find: str = ""

    @property
    def is_empty(self) -> bool:
        return self.without_order == QueueFilter()

    @property
    def without_order(self) -> Self:
        return replace(self, sort="")

    @property
    def without_search(self) -> Self:
        return replace(self, find="")

    @property
    def querystring(self) -> str:
        """The filter as a query string; empty without filters."""
        own = {
            "to_call": "1" if self.to_call else "", "aged": "1" if self.aged else "", "only": self.only, "lane": self.lane,
            "sort": self.sort, "find": self.find,
        }  # fmt: skip
        parts = [self.search.to_querystring(), urlencode({name: value for name, value in own.items() if value})]
        return "&".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return the filter as SavedSearch.query stores it, without words and box."""
        own = {"to_call": self.to_call, "aged": self.aged, "only": self.only, "lane": self.lane, "sort": self.sort}
        return self.search.to_json() | {name: value for name, value in own.items() if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        search = SearchQuery.from_json(kept)
        return cls(
            search, bool(kept.get("to_call")), bool(kept.get("aged")), _only(kept.get("only")), _lane(kept.get("lane")),
            _sort(kept.get("sort")),
        )  # fmt: skip

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        return cls(
            SearchQuery.from_querystring(query),
            query.get("to_call") == "1",
            query.get("aged") == "1",
            _only(query.get("only")),
            _lane(query.get("lane")),
            _sort(query.get("sort")),
            list_search.readable_key(query.get("find") or ""),
        )


def queue(viewer: Viewer, wanted: QueueFilter, now: datetime) -> NeedQuerySet:
    """Return the needs in the viewer's queue in their order, annotated with ``call_at``.

    The result is empty for an area that the viewer may not see.
    """
    needs = in_order(matching(viewer, wanted, now), wanted.sort, now)
    return with_call_at(needs).select_related("lock__holder", "association", "danger_alarm", "district")


def matching(viewer: Viewer, wanted: QueueFilter, now: datetime) -> NeedQuerySet:
    """Return the needs in the viewer's queue without an order, for counts and for the map."""
    if wanted.only in {DeskFilter.MESSAGES, DeskFilter.REQUESTS}:
        return Need.objects.none()
    needs = needs_of(viewer, wanted.lane).order_by()
    needs = needs if wanted.search.states else needs.unfinished()
    if wanted.search.area and wanted.search.area not in {area.slug for area in areas.areas_for(viewer)}:
        return needs.none()
    needs = wanted.search.apply(needs.live(), now)
    if wanted.only == DeskFilter.TEXTS:
        needs = needs.filter(state=NeedState.HELD)
    if wanted.aged:
        needs = needs.filter(filed_at__lte=now - LONG_WAIT)
    if wanted.to_call:
        needs = with_call_at(needs).filter(Q(call_at__lte=now), state__in=UNFINISHED_STATES)
    stored = list_search.ListSearch.kept_as(wanted.find, viewer.user)
    return stored.apply(needs) if stored else needs


def in_order(needs: NeedQuerySet, sort: str, now: datetime) -> NeedQuerySet:
    """Return needs in the chosen order. Unanswered danger alarms are always on top."""
    if sort in ORDERS:
        return waiting_harm.alarms_first(needs, ORDERS[sort])
    return waiting_harm.most_harm_first(needs, now)


def _sort(given: object) -> str:
    return str(given) if given in ORDERS else ""


def _only(given: object) -> str:
    return str(given) if given in list(DeskFilter) else ""


def _lane(given: object) -> str:
    return str(given) if given in Lane.values else ""


def needs_of(viewer: Viewer, lane: str) -> NeedQuerySet:
    """Return the needs of a lane, or of all lanes, that the viewer works on."""
    return scope.lane_of(viewer, Lane(lane)) if lane else scope.needs_for(viewer)


def with_call_at(needs: NeedQuerySet) -> NeedQuerySet:
    """Annotate needs with ``call_at``: the time of the next call, as set by the latest attempt."""
    last = CallAttempt.objects.filter(need=OuterRef("pk")).order_by("-at", "-pk")
    return needs.annotate(call_at=Subquery(last.values("next_at")[:1], output_field=DateTimeField()))


def neighbours(needs: NeedQuerySet, need: Need) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """Return the keys of the needs before and after ``need`` in a queue; None at the ends.

    For a need outside the queue, return None and the first need of the queue.
    """
    keys = list(needs.values_list("pk", flat=True)[:2000])
    if need.pk not in keys:
        return None, keys[0] if keys else None
    place = keys.index(need.pk)
    return keys[place - 1] if place else None, keys[place + 1] if place + 1 < len(keys) else None


# --- saved searches ------------------------------------------------------------------------------------------------


def saved_searches(reader: User) -> QuerySet[SavedSearch]:
    """Return the reader's own searches of the queue, and the searches that their associations share."""
    return SavedSearch.objects.readable_by(reader).filter(page=SearchPage.TRIAGE)[:MAX_SAVED]


def save_search(reader: User, name: str, wanted: QueueFilter, association: Association | None) -> SavedSearch:
    """Save a search, or replace the reader's search of the same name. association: the association with which the
    search is shared."""
    kept, _made = SavedSearch.objects.update_or_create(
        user=reader, page=SearchPage.TRIAGE, name=name, defaults={"query": wanted.to_json(), "association": association}
    )
    return kept


def delete_search(search: SavedSearch) -> None:
    """Delete a saved search. If the search was shared with an association, the association loses it, too."""
    search.delete()
