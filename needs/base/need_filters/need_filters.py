"""The filters of needs, shared by the queue, crises, alerts, saved searches and the API."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import NeedQuerySet
from volunteers.places.territories import areas

MAX_HOURS = 24 * 366


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The filters of a search; empty filters do not apply.

    kinds: the need must have at least one of them. area: slug of a territory. newer, older: maximum and minimum age in
    hours; 0 for any age.
    topics: keys of categories of a crisis.
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
        """Return the needs that match the filters, in their given order. now: the time from which ``newer`` and
        ``older`` count."""
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
        """Return the filters as SavedSearch.query stores them."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read a stored search; ignore unknown values, so that old searches keep working."""
        return cls._read(lambda name: _listed(kept.get(name)))

    def to_querystring(self) -> str:
        """Return the query string, such as "kinds=food&kinds=tent&newer=24"; empty without filters."""
        return urlencode(self.to_json(), doseq=True)

    @classmethod
    def from_querystring(cls, query: QueryDict) -> Self:
        """Read a search from a query string; values may repeat or be separated by commas. Ignore unknown values."""
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


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _known(values: Iterable[Any], choices: Iterable[str]) -> tuple[str, ...]:
    """Return the valid values without repetition, in the order of the choices, so that equal searches compare equal."""
    given = {str(value) for value in values}
    return tuple(choice for choice in choices if choice in given)


def _hours(values: list[Any]) -> int:
    return min(_number(values[0]) if values else 0, MAX_HOURS)


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
