"""The dispatchers' queue: what it can be narrowed to, in an address or kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from needs.enums import UNFINISHED_STATES, SearchPage
from needs.models import CallAttempt, Need, NeedQuerySet, SavedSearch
from needs.saved_searches.need_filters import SearchQuery
from volunteers.accounts.viewer import Viewer
from volunteers.models import Association, User
from volunteers.territories import areas

PAGE_SIZE = 50
MOST_SAVED = 50


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a dispatcher wants to see. search: empty states: what is unfinished. to_call: a call back is due."""

    search: SearchQuery = field(default_factory=SearchQuery)
    to_call: bool = False

    @property
    def is_empty(self) -> bool:
        return self.search.is_empty and not self.to_call

    @property
    def querystring(self) -> str:
        """As it stands in an address; empty when nothing narrows it."""
        parts = [self.search.to_querystring(), "to_call=1" if self.to_call else ""]
        return "&".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """As SavedSearch.query keeps it."""
        return self.search.to_json() | ({"to_call": True} if self.to_call else {})

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(SearchQuery.from_json(kept), bool(kept.get("to_call")))

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        return cls(SearchQuery.from_querystring(query), query.get("to_call") == "1")


def queue(viewer: Viewer, wanted: QueueFilter, now: datetime) -> NeedQuerySet:
    """The needs that a dispatcher has to look at, the most urgent and oldest first, each with ``call_at``.

    An area that the reader may not open finds nothing.
    """
    needs = Need.objects.in_order() if wanted.search.states else Need.objects.in_order().unfinished()
    if wanted.search.area and wanted.search.area not in {area.slug for area in areas.areas_for(viewer)}:
        return needs.none()
    needs = with_call_at(wanted.search.apply(needs.live(), now))
    if wanted.to_call:
        needs = needs.filter(Q(call_at__lte=now), state__in=UNFINISHED_STATES)
    return needs.select_related("lock__holder", "association")


def with_call_at(needs: NeedQuerySet) -> NeedQuerySet:
    """Needs with ``call_at``: when to try to call again, as their last attempt says."""
    last = CallAttempt.objects.filter(need=OuterRef("pk")).order_by("-at", "-pk")
    return needs.annotate(call_at=Subquery(last.values("next_at")[:1], output_field=DateTimeField()))


def beside(needs: NeedQuerySet, need: Need) -> tuple[Any, Any]:
    """The keys of the needs before and after one in a queue; None at its ends, or when it is not in it."""
    keys = list(needs.values_list("pk", flat=True)[:2000])
    if need.pk not in keys:
        return None, keys[0] if keys else None
    place = keys.index(need.pk)
    return keys[place - 1] if place else None, keys[place + 1] if place + 1 < len(keys) else None


# --- saved searches ------------------------------------------------------------------------------------------------


def saved_searches(reader: User) -> QuerySet[SavedSearch]:
    """The reader's own searches of the queue, and those that their associations share."""
    return SavedSearch.objects.readable_by(reader).filter(page=SearchPage.TRIAGE)[:MOST_SAVED]


def keep_search(reader: User, name: str, wanted: QueueFilter, association: Association | None) -> SavedSearch:
    """Keep a search under a name; one of the reader's own with that name is replaced. association: shared with it."""
    kept, _made = SavedSearch.objects.update_or_create(
        user=reader, page=SearchPage.TRIAGE, name=name, defaults={"query": wanted.to_json(), "association": association}
    )
    return kept


def drop_search(search: SavedSearch) -> None:
    """Forget a saved search, for everybody that it was shared with."""
    search.delete()
