"""The words of danger that came in about a report after it was filed, as its dispatchers read them beside the alarm.

``AlarmWords`` says where the words are. They are read from their own row, so they are gone when retention, an erasure
or their author deletes that row. Only dispatchers who work on the need may see them: never show them to anybody else.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise

from needs.enums import WordsWay
from needs.models import AlarmWords
from solidarity.lib.danger_words.flags import DangerFlag

MOST_SHOWN, MOST_READ = 20, 60
"""Number of texts of one alarm that are shown, and that are read: the latest ones."""
AT_ONCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words as they were written, without the name of the writer. way: how they came in. role: the role of the writer,
    or "". labels: the dangers found in the words. held: True while the words wait for a moderator; then ``text`` is "".
    """

    at: datetime
    way: str | Promise
    text: str
    role: str | Promise
    labels: list[str]
    held: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Words as their own row has them. way, role, at: as in :class:`Quote`, if the row knows them."""

    text: str
    way: str | Promise = ""
    role: str | Promise = ""
    at: datetime | None = None
    held: bool = False


type Reader = Callable[[Collection[str]], dict[str, Said]]
"""Returns the words of some rows, by the keys of the rows."""

_READERS: dict[str, Reader] = {}


def register(readers: Mapping[WordsWay, Reader]) -> None:
    """Register who reads the words of each way; called when the apps are ready."""
    for way, reader in readers.items():
        _READERS[way] = reader


def quotes_of(alarms: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Quote]]:
    """Return the words that came in about the reports of some alarms, the latest first, at most MOST_READ for each.

    Alarms without any are left out.
    """
    numbered = AlarmWords.objects.filter(alarm__in=alarms).annotate(
        number=Window(RowNumber(), partition_by=F("alarm"), order_by=(F("at").desc(), F("pk").desc()))
    )
    rows = list(numbered.filter(number__lte=MOST_READ).order_by("-at", "-pk")) if alarms else []
    keys: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        keys[row.way].add(row.key)
    said = {way: _READERS[way](of_way) for way, of_way in keys.items()}
    found: dict[uuid.UUID, list[Quote]] = defaultdict(list)
    for row in rows:
        words = said[row.way].get(row.key)
        if words is None or not (words.text or words.held):
            continue
        labels = [str(DangerFlag(flag).label) for flag in row.flags if flag in DangerFlag.values]
        way = words.way or WordsWay(row.way).label
        quote = Quote(words.at or row.at, way, words.text, words.role, labels, words.held)
        own = found[row.alarm_id]
        if not own or not _is_same(own[-1], quote):
            own.append(quote)
    return found


def _is_same(one: Quote, other: Quote) -> bool:
    """Whether two quotes are one text that a reporter sent to several holders at once."""
    return (one.way, one.role, one.text) == (other.way, other.role, other.text) and abs(one.at - other.at) < AT_ONCE


def messages_with_danger(need: uuid.UUID) -> set[str]:
    """Return the keys of the messages about a need whose words the desk reads beside the need's alarm."""
    return set(AlarmWords.objects.filter(alarm__need=need, way=WordsWay.MESSAGE).values_list("key", flat=True))


def column(model: Any, name: str) -> Reader:
    """Return a reader of texts that have no time and no role of their own."""
    return lambda keys: {
        str(key): Said(text) for key, text in model.objects.filter(pk__in=keys).values_list("pk", name)
    }
