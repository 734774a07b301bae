"""The HTML of the rows of the dispatchers' list.

A process renders each look of a row once, with gaps for everything that belongs to one need, one person or one moment.
So nothing about anybody is kept, and nothing that is kept can become stale.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple

from django.template.defaultfilters import truncatewords
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.site_categories import site_list
from needs.enums import UNFINISHED_STATES, Category, NeedState
from needs.help.triage.working_list.desk_lines import DeskLine
from needs.help.triage.working_list.list_rows import ListRow, short_age
from needs.models import DangerAlarm
from solidarity.lib.site.filled_templates import FilledTemplate

MOST = 1000
"""Maximum number of looks in a process. Each has about two kilobytes."""
WORDS = 24
"""The list shows so many words of a report."""
GAPS = (
    "pk", "cell", "path", "twin_path", "step_path", "title", "text", "street", "area", "iso", "at", "age", "editor", "holders",
    "why", "closes", "alarm_path", "alarm_where", "alarm_form",
    "answered", "csrf_token",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOLDER = '<span class="triage-row__holder">{}</span>'


class _Look(NamedTuple):
    """What rows have in common. kind_names: the names of the kinds on this site. alarm: the flags, the last step and the
    reporter's answer of an alarm. The truth values say which gaps are filled in."""

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
    corrected: bool
    edited: bool
    mine: bool
    held: bool
    explained: bool
    closing: bool
    reason: str
    alarm_waits: bool
    alarm: tuple[tuple[str, ...], str, str] | None


def html_of(
    rows: Iterable[ListRow | DeskLine], query: str, csrf_token: str,
    alarm_parts: Callable[[DangerAlarm], tuple[SafeString, SafeString]],
) -> SafeString:  # fmt: skip
    """Return the rows of one page as HTML. query: the filter that the links carry along. alarm_parts: function that
    returns the place of an alarm that waits and the form with its next steps, as HTML."""
    names, asked = cache(_names_of), f"?{query}" if query else ""
    lines = []
    for row in rows:
        if isinstance(row, DeskLine):
            lines.append(_desk_line(row, csrf_token))
            continue
        where, form = alarm_parts(row.alarm) if row.alarm and row.alarm_waits else ("", "")
        lines.append(_line_of(_look_of(row, names(row.need.kinds))).fill(
            **_values_of(row, asked), csrf_token=csrf_token, alarm_where=where, alarm_form=form,
        ))  # fmt: skip
    return SafeString("".join(lines))


def _desk_line(line: DeskLine, csrf_token: str) -> str:
    context = {"line": line, "age": short_age(line.at, timezone.now()), "token": csrf_token}
    return render_to_string("needs/triage/desk_line.html", context)


def _names_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([str(site_list.label_of(kind)) for kind in kinds if kind in Category])


@lru_cache(maxsize=MOST)
def _line_of(look: _Look) -> FilledTemplate:
    values = look._asdict()
    values["answer_in_line"] = look.alarm and not look.alarm_waits and not look.alarm[2]
    if look.alarm:
        flags, step, answer = look.alarm
        answered_at = None if look.alarm_waits else EPOCH
        values["alarm"] = DangerAlarm(flags=[*flags], step=step, reporter_answer=answer, acknowledged_at=answered_at)
    return FilledTemplate("needs/triage/triage_row.html", GAPS, **values)


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
        corrected=need.place_corrected,
        edited=bool(row.editor),
        mine=row.mine and bool(row.editor),
        held=bool(row.holders),
        explained=bool(row.why),
        closing=bool(row.closes),
        reason=_reason(row),
        alarm_waits=row.alarm_waits,
        alarm=(tuple(alarm.flags), alarm.step, alarm.reporter_answer) if alarm else None,
    )


def _reason(row: ListRow) -> str:
    """Return in a few words why the need is in the list: what it waits for first."""
    if row.alarm_waits:
        return _("alarm without an answer")
    if row.call_due:
        return _("time to call back")
    if row.need.lacks_place and row.need.state in UNFINISHED_STATES:
        return _("place missing")
    return str(_REASONS.get(row.need.state) or NeedState(row.need.state).label)


_REASONS: dict[str, str | Promise] = {
    NeedState.HELD: gettext_lazy("kept back: decide"),
    NeedState.NEW: gettext_lazy("not checked yet"),
    NeedState.VERIFIED: gettext_lazy("not open yet"),
    NeedState.REOPENED: gettext_lazy("reopened: decide"),
    NeedState.PARTLY_MET: gettext_lazy("the rest is missing"),
    NeedState.COMMITTED: gettext_lazy("taken: news missing"),
    NeedState.OPEN: gettext_lazy("nobody has taken it"),
}
"""The reason why a need is in the list, by its state."""


def _values_of(row: ListRow, asked: str) -> dict[str, object]:
    """Return the values in the gaps of a row. asked: the filter as the end of an address."""
    need, alarm = row.need, row.alarm
    return {
        "pk": need.pk,
        "cell": row.on_map,
        "path": row.path + asked,
        "twin_path": (row.twin_path or "") + asked,
        "step_path": row.step_path + asked,
        "title": need.title,
        "text": truncatewords(need.text, WORDS) if need.text else "",
        "street": row.street,
        "area": row.area,
        "iso": row.iso,
        "at": row.at,
        "age": row.age,
        "editor": row.editor or "",
        "holders": format_html_join("", _HOLDER, ((holder,) for holder in row.holders)),
        "why": row.why or "",
        "closes": row.closes,
        "alarm_path": reverse("needs:alarm", args=[alarm.pk]) if alarm else "",
        "answered": row.answered,
    }
