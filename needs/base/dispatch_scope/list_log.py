"""Audit log entries for reading a list of needs. Each entry names the list, its filter and the number of rows."""

from typing import Any

from needs.base.need_filters.need_filters import SearchQuery
from volunteers.models import Territory, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MAX_CODES = 80
"""Maximum length of a list of codes, in characters. For a longer list, only the number of codes is recorded."""
NO_FILTER = SearchQuery()


def record(
    reader: User, which: str, count: int, search: SearchQuery = NO_FILTER, *, purpose: Purpose = Purpose.SORTING,
    **more: int | bool | str,
) -> None:  # fmt: skip
    """Record that a person read a list. which: short name of the list. count: number of rows shown. more: further
    filters of the list, as codes."""
    area = Territory.objects.filter(slug=search.area).first() if search.area else None
    recording.record(
        reader, Verb.LIST_READ, "list", which, purpose=purpose, scope=area.slug if area else "",
        details={"list": which, "count": count, **summary_of(search), **{name: each for name, each in more.items() if each}},
    )  # fmt: skip


def summary_of(search: SearchQuery) -> dict[str, Any]:
    """Return the filters of a search as codes and numbers."""
    codes = {"kinds": search.kinds, "urgency": search.urgency, "states": search.states, "channel": search.channel}
    found: dict[str, Any] = {name: _codes(values) for name, values in codes.items() if values}
    found |= {name: hours for name, hours in (("newer", search.newer), ("older", search.older)) if hours}
    return found | ({"topics": len(search.topics)} if search.topics else {})


def _codes(values: tuple[str, ...]) -> str | int:
    text = ",".join(values)
    return text if len(text) <= MAX_CODES else len(values)
