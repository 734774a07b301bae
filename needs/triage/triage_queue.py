"""The dispatchers' queue, its filter, and saved searches of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from needs.desk import scope
from needs.enums import UNFINISHED_STATES, Lane, SearchPage
from needs.models import CallAttempt, Need, NeedQuerySet, SavedSearch
from needs.saved_searches.need_filters import SearchQuery
from volunteers.accounts.viewer import Viewer
from volunteers.models import Association, User
from volunteers.territories import areas

PAGE_SIZE = 50
MAX_SAVED = 50


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The filter of the queue.

    search: no states means all unfinished needs. to_call: only needs with a call back due. lane: "" for all lanes.
    """

    search: SearchQuery = field(default_factory=SearchQuery)
    to_call: bool = False
    lane: str = ""

    @property
    def is_empty(self) -> bool:
        return self.search.is_empty and not self.to_call and not self.lane

    @property
    def querystring(self) -> str:
        """The filter as a query string; empty without filters."""
        own = ["to_call=1" if self.to_call else "", f"lane={self.lane}" if self.lane else ""]
        parts = [self.search.to_querystring(), *own]
        return "&".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return the filter as SavedSearch.query stores it."""
        own = {"to_call": self.to_call, "lane": self.lane}
        return self.search.to_json() | {name: value for name, value in own.items() if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(SearchQuery.from_json(kept), bool(kept.get("to_call")), _lane(kept.get("lane")))

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        return cls(SearchQuery.from_querystring(query), query.get("to_call") == "1", _lane(query.get("lane")))


def queue(viewer: Viewer, wanted: QueueFilter, now: datetime) -> NeedQuerySet:
    """Return the needs in the viewer's queue, the most urgent and oldest first, annotated with ``call_at``.

    The result is empty for an area that the viewer may not see.
    """
    needs = needs_of(viewer, wanted.lane).in_order()
    needs = needs if wanted.search.states else needs.unfinished()
    if wanted.search.area and wanted.search.area not in {area.slug for area in areas.areas_for(viewer)}:
        return needs.none()
    needs = with_call_at(wanted.search.apply(needs.live(), now))
    if wanted.to_call:
        needs = needs.filter(Q(call_at__lte=now), state__in=UNFINISHED_STATES)
    return needs.select_related("lock__holder", "association", "danger_alarm")


def _lane(given: object) -> str:
    return str(given) if given in Lane.values else ""


def needs_of(viewer: Viewer, lane: str) -> NeedQuerySet:
    """Return the needs of a lane, or of all lanes, that the viewer works on."""
    return scope.lane_of(viewer, Lane(lane)) if lane else scope.needs_for(viewer)


def lanes(viewer: Viewer, wanted: QueueFilter) -> list[tuple[Lane, int]]:
    """Return the lanes with their numbers of unfinished needs; empty lanes only if they are chosen."""
    numbers = scope.numbers_of_lanes(viewer)
    return [(lane, number) for lane, number in numbers.items() if number or lane == wanted.lane]


def with_call_at(needs: NeedQuerySet) -> NeedQuerySet:
    """Annotate needs with ``call_at``: the time of the next call, from the latest attempt."""
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
    """Return the reader's own searches of the queue, and those shared by their associations."""
    return SavedSearch.objects.readable_by(reader).filter(page=SearchPage.TRIAGE)[:MAX_SAVED]


def save_search(reader: User, name: str, wanted: QueueFilter, association: Association | None) -> SavedSearch:
    """Save a search, or replace the reader's search of the same name. association: to share it with."""
    kept, _made = SavedSearch.objects.update_or_create(
        user=reader, page=SearchPage.TRIAGE, name=name, defaults={"query": wanted.to_json(), "association": association}
    )
    return kept


def delete_search(search: SavedSearch) -> None:
    """Delete a saved search. An association that it was shared with loses it, too."""
    search.delete()
