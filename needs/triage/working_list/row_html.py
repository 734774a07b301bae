"""The HTML of the rows of the dispatchers' list.

A process renders each look of a row once, with blanks for everything that belongs to one need, one person or one moment.
So nothing about anybody is kept, and what is kept never becomes stale: it depends on nothing but its look and language.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache
from html import escape
from typing import NamedTuple

from django.template.defaultfilters import truncatewords
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from needs.enums import Category
from needs.models import DangerAlarm
from needs.site_categories import site_list
from needs.triage.working_list.list_rows import ListRow

MOST = 1000
"""Maximum number of looks in a process. Each has about two kilobytes."""
WORDS = 24
"""The list shows so many words of a report."""
FIRST = 0xFDD0
"""The first of the characters that stand for blanks: no text contains these noncharacters."""
BLANKS = (
    "pk", "cell", "path", "twin_path", "step_path", "title", "text", "street", "area", "iso", "at", "age", "editor", "holders",
    "why", "alarm_path", "alarm_form", "csrf_token",
)  # fmt: skip
_CHARACTERS = {name: chr(FIRST + number) for number, name in enumerate(BLANKS)}
_ANY_ALARM = uuid.UUID(int=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOLDER = '<span class="triage-row__holder">{}</span>'


class _Look(NamedTuple):
    """What rows have in common. kind_names: the names of the kinds on this site. alarm: the flags, the last step and the
    reporter's answer of an alarm. The truth values say which blanks are filled in."""

    urgency: str
    state: str
    kinds: tuple[str, ...]
    kind_names: tuple[str, ...]
    persons: int
    chosen: bool
    twin: bool
    call_due: bool
    titled: bool
    worded: bool
    on_street: bool
    in_area: bool
    placed: bool
    place_in_words: bool
    edited: bool
    mine: bool
    held: bool
    explained: bool
    alarm_waits: bool
    alarm: tuple[tuple[str, ...], str, str] | None


def html_of(
    rows: Iterable[ListRow], query: str, csrf_token: str, alarm_form: Callable[[DangerAlarm], str]
) -> SafeString:
    """Return the rows of one page as HTML. query: the filter that the links carry along. alarm_form: function that returns
    the form with the next steps of an alarm that waits, as HTML."""
    names, language, prefix = cache(_names_of), get_language(), get_script_prefix()
    asked = escape(f"?{query}") if query else ""
    found = []
    for row in rows:
        blanks = _blanks_of(row, asked)
        blanks["csrf_token"] = escape(csrf_token)
        if row.alarm and row.alarm_waits:
            blanks["alarm_form"] = alarm_form(row.alarm)
        found.append(_rendered(_look_of(row, names(row.need.kinds)), language, prefix) % blanks)
    return SafeString("".join(found))


def _names_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([str(site_list.label_of(kind)) for kind in kinds if kind in Category])


@lru_cache(maxsize=MOST)
def _rendered(look: _Look, _language: str | None, _prefix: str) -> str:
    """Return the HTML of a look, with ``%(pk)s`` for the blank ``pk``."""
    values = {**look._asdict(), **_CHARACTERS}
    if look.alarm:
        flags, step, answer = look.alarm
        answered_at = None if look.alarm_waits else EPOCH
        values["alarm"] = DangerAlarm(
            pk=_ANY_ALARM, flags=[*flags], step=step, reporter_answer=answer, acknowledged_at=answered_at
        )
    text = str(render_to_string("needs/triage/triage_row.html", values))
    text = text.replace("%", "%%").replace(str(_ANY_ALARM), _CHARACTERS["alarm_path"])
    for name, character in _CHARACTERS.items():
        text = text.replace(character, f"%({name})s")
    return text


def _look_of(row: ListRow, kind_names: tuple[str, ...]) -> _Look:
    need, alarm = row.need, row.alarm
    return _Look(
        urgency=need.urgency,
        state=need.state,
        kinds=need.kinds,
        kind_names=kind_names,
        persons=need.persons,
        chosen=row.chosen,
        twin=row.twin_path is not None,
        call_due=row.call_due,
        titled=bool(need.title),
        worded=bool(need.text),
        on_street=bool(row.street),
        in_area=bool(row.area),
        placed=need.cell is not None,
        place_in_words=bool(need.place_text),
        edited=bool(row.editor),
        mine=row.mine and bool(row.editor),
        held=bool(row.holders),
        explained=bool(row.why),
        alarm_waits=row.alarm_waits,
        alarm=(tuple(alarm.flags), alarm.step, alarm.reporter_answer) if alarm else None,
    )


def _blanks_of(row: ListRow, asked: str) -> dict[str, object]:
    """Return the HTML of the blanks of a row. asked: the filter as the end of an address, as HTML."""
    need, alarm = row.need, row.alarm
    return {
        "pk": need.pk,
        "cell": row.on_map,
        "path": row.path + asked,
        "twin_path": (row.twin_path or "") + asked,
        "step_path": row.step_path + asked,
        "title": escape(need.title),
        "text": escape(truncatewords(need.text, WORDS)) if need.text else "",
        "street": escape(row.street),
        "area": escape(row.area),
        "iso": row.iso,
        "at": escape(row.at),
        "age": escape(row.age),
        "editor": escape(row.editor or ""),
        "holders": "".join([_HOLDER.format(escape(holder)) for holder in row.holders]),
        "why": escape(row.why or ""),
        "alarm_path": alarm.pk if alarm else "",
    }
