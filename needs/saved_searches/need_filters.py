"""What needs can be searched by: one vocabulary for the queue, crises, alerts, saved searches and the API. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import NeedQuerySet
from volunteers.territories import areas

MOST_HOURS = 24 * 366


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a search asks for; what is empty does not narrow it.

    kinds: one of them is asked for. area: the short name of a territory. newer, older: hours since it happened, at most
    and at least; 0: any. topics: numbers of categories of a crisis.
    """

    kinds: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    area: str = ""
    channel: tuple[str, ...] = ()
    newer: int = 0
    older: int = 0
    topics: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == SearchQuery()

    def apply(self, needs: NeedQuerySet, now: datetime) -> NeedQuerySet:
        """The needs that the search finds at a moment; the order stays as it was."""
        if self.kinds:
            needs = needs.filter(kinds__overlap=list(self.kinds))
        if self.urgency:
            needs = needs.filter(urgency__in=self.urgency)
        if self.states:
            needs = needs.filter(state__in=self.states)
        if self.channel:
            needs = needs.filter(channel__in=self.channel)
        if self.topics:
            needs = needs.filter(crisis_category__in=self.topics)
        if self.newer:
            needs = needs.filter(at__gte=now - timedelta(hours=self.newer))
        if self.older:
            needs = needs.filter(at__lte=now - timedelta(hours=self.older))
        return areas.within(needs, self.area) if self.area else needs

    def to_json(self) -> dict[str, Any]:
        """What narrows the search, as SavedSearch.query keeps it."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The search that was kept. What it does not know (any more) is passed over, so that old searches go on."""
        return cls._read(lambda name: _listed(kept.get(name)))

    def to_querystring(self) -> str:
        """As it stands in an address, such as "kinds=food&kinds=tent&newer=24"; empty when nothing narrows it."""
        return urlencode(self.to_json(), doseq=True)

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        """The search in an address; values may repeat or stand with commas. What it does not know is passed over."""
        return cls._read(lambda name: [part for text in query.getlist(name) for part in text.split(",")])

    @classmethod
    def _read(cls, values_of: Callable[[str], list[Any]]) -> Self:
        return cls(
            kinds=_known(values_of("kinds"), Category.values),
            urgency=_known(values_of("urgency"), Urgency.values),
            states=_known(values_of("states"), NeedState.values),
            area=next((str(value)[:140] for value in values_of("area") if value), ""),
            channel=_known(values_of("channel"), Channel.values),
            newer=_hours(values_of("newer")),
            older=_hours(values_of("older")),
            topics=tuple(sorted({number for value in values_of("topics") if (number := _number(value))})),
        )


FIELDS = tuple(field.name for field in fields(SearchQuery))
"""The names of what can be searched by; page numbers, orders and views of a page are none of them."""


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _known(values: Iterable[Any], choices: Iterable[str]) -> tuple[str, ...]:
    """The values that are choices, once each, in the order of the choices: equal searches are equal."""
    given = {str(value) for value in values}
    return tuple(choice for choice in choices if choice in given)


def _hours(values: list[Any]) -> int:
    return min(_number(values[0]) if values else 0, MOST_HOURS)


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
