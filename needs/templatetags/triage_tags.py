"""Template filters for the rows of the triage queue."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor
from needs.enums import NeedState, ReportKind, Urgency
from needs.help.triage.forms import BulkForm
from needs.help.triage.working_list import row_html, waiting_harm
from needs.help.triage.working_list.desk_lines import DeskLine
from needs.help.triage.working_list.forms import ListSearchForm
from needs.help.triage.working_list.list_rows import ListRow
from needs.models import DangerAlarm, Need
from needs.reports.correction_history import correction_history
from needs.reports.correction_history.correction_history import Entry
from volunteers.places.place_names import cell_names, nearest

register = template.Library()

_QUICK: tuple[tuple[NeedState, str | Promise, str], ...] = (
    (NeedState.NEW, _("Accept"), "v"),
    (NeedState.VERIFIED, _("Verify"), "v"),
    (NeedState.OPEN, pgettext_lazy("verb", "Open"), "o"),
)


@register.simple_tag(takes_context=True)
def list_rows(context: Any, rows: Sequence[ListRow | DeskLine]) -> SafeString:
    """Return the rows of the list as HTML. The page's context has the filter, the token of its forms and the alarms."""

    def part(name: str, **more: object) -> SafeString:
        with context.push(**more):
            return SafeString(context.template.engine.get_template(f"needs/danger/{name}.html").render(context))

    def alarm_parts(alarm: DangerAlarm) -> tuple[SafeString, SafeString]:
        shown = context["listed_alarms"].get(alarm.need_id)  # None if somebody has just answered it
        return part("where", alarm=shown) if shown else SafeString(), part("steps", row=alarm)

    return row_html.html_of(rows, context["query"], str(context.get("csrf_token", "")), alarm_parts)


@register.simple_tag
def new_bulk_form() -> BulkForm:
    """Return the empty form of a step for many needs."""
    return BulkForm()


@register.simple_tag
def new_search_form() -> ListSearchForm:
    """Return the empty form of the search."""
    return ListSearchForm.showing(None)


@register.simple_tag
def waiting_weights() -> dict[str, int]:
    """Return the weights of the list's order."""
    return waiting_harm.WEIGHTS


@register.filter
def quick_steps(now: str) -> list[tuple[str, str | Promise, str]]:
    """Return (state, label, shortcut key) of the steps that the list offers in a state; none of them needs a reason."""
    possible = transitions.possible_states(now, Actor.DISPATCHER)
    return [(state.value, word, key) for state, word, key in _QUICK if state in possible]


@register.filter
def near_street(need: Need) -> str:
    """Return the street near a need's exact place; if the exact place was deleted, the name of its cell; "" if both are
    unknown.

    The street is as exact as the place: use the filter only on a page that shows the place and logs this.
    """
    if need.point is not None:
        return nearest.near_words(need.point.y, need.point.x)
    return cell_names.lines([need.cell])[need.cell] if need.cell is not None else ""


@register.filter
def place_corrections(need: Need) -> list[Entry]:
    """Return the reporter's own corrections of the place of a need, the oldest first."""
    return [entry for entry in correction_history.history(ReportKind.NEED, need.pk) if entry.by_reporter]


@register.filter
def of(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """Return the value of a key in a mapping with text keys; None if missing."""
    return (mapping or {}).get(str(key))


_URGENCY: dict[str, str | Promise] = {
    Urgency.NOW: pgettext_lazy("how urgent", "today"),
    Urgency.SOON: pgettext_lazy("how urgent", "soon"),
    Urgency.LATER: pgettext_lazy("how urgent", "later"),
}


@register.filter
def short_urgency(value: str) -> str | Promise:
    """Return the label of an urgency for a narrow column."""
    return _URGENCY.get(value, value)
