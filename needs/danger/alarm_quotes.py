"""The words of danger that came in about a report after it was filed, as its dispatchers read them beside the alarm.

``AlarmWords`` says where the words are. They are read from their own row, so they are gone when retention, an erasure
or their author deletes that row. Only dispatchers who work on the need may see them: never show them to anybody else.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import Side, WordsWay
from needs.models import (
    AlarmWords,
    Feedback,
    HandOver,
    HelpOffer,
    InboundMessage,
    Message,
    NeedAssignment,
    RefusedMessage,
)
from solidarity.lib.danger_words.flags import DangerFlag
from volunteers.enums import Medium

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
class _Said:
    text: str
    way: str | Promise = ""
    role: str | Promise = ""
    at: datetime | None = None
    held: bool = False


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
    said = {way: _READERS[WordsWay(way)](of_way) for way, of_way in keys.items()}
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


def _messages(keys: Collection[str]) -> dict[str, _Said]:
    """Return messages by the rules of conversations: without those that a moderator hid, and without the text of those
    that wait for a moderator."""
    return {
        str(row.pk): _Said(
            "" if row.held_at else row.text, role=row.get_speaker_display(), at=row.at, held=row.held_at is not None
        )
        for row in Message.objects.filter(pk__in=keys, hidden_at=None)
    }


def _refused(keys: Collection[str]) -> dict[str, _Said]:
    rows = RefusedMessage.objects.filter(pk__in=keys)
    return {str(row.pk): _Said(row.text, role=row.get_speaker_display(), at=row.at) for row in rows}


def _received(keys: Collection[str]) -> dict[str, _Said]:
    ways = {Medium.SMS: _("a text message"), Medium.EMAIL: _("an e-mail")}
    rows = InboundMessage.objects.filter(pk__in=keys).select_related("correspondent")
    return {
        str(row.pk): _Said(row.text, way=ways.get(Medium(row.correspondent.medium), ""), at=row.received_at)
        for row in rows
    }


def _feedback(keys: Collection[str]) -> dict[str, _Said]:
    rows = Feedback.objects.filter(pk__in=keys)
    return {str(row.pk): _Said(row.text, role=Side(row.side).label, at=row.at) for row in rows}


def _column(model: Any, name: str) -> Callable[[Collection[str]], dict[str, _Said]]:
    """Return a reader of texts that have no time and no role of their own."""

    def read(keys: Collection[str]) -> dict[str, _Said]:
        return {str(key): _Said(text) for key, text in model.objects.filter(pk__in=keys).values_list("pk", name)}

    return read


_READERS: dict[WordsWay, Callable[[Collection[str]], dict[str, _Said]]] = {
    WordsWay.MESSAGE: _messages,
    WordsWay.REFUSED: _refused,
    WordsWay.RECEIVED: _received,
    WordsWay.FEEDBACK: _feedback,
    WordsWay.OFFER: _column(HelpOffer, "text"),
    WordsWay.HAND_OVER: _column(HandOver, "message"),
    WordsWay.GROUP: _column(NeedAssignment, "word"),
}
