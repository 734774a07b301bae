"""Saved searches of an event. ``needs.help.saved_searches.alerts`` sends their alerts."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from needs.base.need_filters.need_filters import SearchQuery
from needs.crises.report_list import CrisisFilter, box_area, box_of
from needs.enums import SearchPage
from needs.models import Crisis, SavedSearch
from volunteers.models import Association, User

MAX_SEARCHES = 50


class NameTaken(Exception):
    """The reader already has a search of this name for another event."""


def searches_of(reader: User, crisis: Crisis) -> QuerySet[SavedSearch]:
    """Return the reader's own searches of an event, and the searches that their associations share."""
    return SavedSearch.objects.readable_by(reader).filter(page=SearchPage.CRISIS, crisis=crisis)[:MAX_SEARCHES]


def save_search(
    reader: User, crisis: Crisis, name: str, wanted: CrisisFilter, *, association: Association | None, alert: bool
) -> SavedSearch:
    """Save a filter without its times. The new search replaces the reader's search of the same name. Raises
    NameTaken."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=reader.pk)
        own = SavedSearch.objects.filter(user=reader, page=SearchPage.CRISIS, name=name)
        if own.exclude(crisis=crisis).exists():
            raise NameTaken
        values: dict[str, Any] = {
            "crisis": crisis,
            "query": wanted.search.to_json(),
            "area": box_area(wanted.box),
            "association": association,
            "alert": alert,
            "alerted_until": timezone.now(),
        }
        search, _made = own.update_or_create(user=reader, page=SearchPage.CRISIS, name=name, defaults=values)
    return search


def filter_of(search: SavedSearch) -> CrisisFilter:
    return CrisisFilter(SearchQuery.from_json(search.query), box=box_of(search.area))
