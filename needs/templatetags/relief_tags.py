"""Template tags that offer assignments to the desk."""

from collections.abc import Iterator
from typing import Any

from django import template

from needs.base.event_rights import crisis_access
from needs.help.assignments import assigning
from needs.help.commitments.taking import free_kinds
from needs.models import Crisis, Need, NeedAssignment
from volunteers.people.accounts.viewer import Viewer

register = template.Library()


@register.inclusion_tag("needs/relief_groups/assign_panel.html", takes_context=True)
def assign_panel(context: Any, need: Need) -> dict[str, Any]:
    """The assignment of a need on the desk's page: the live one, the last answer, and the form for a new one."""
    rows = NeedAssignment.objects.filter(need=need).select_related("group", "association", "answered_by")
    last = rows.order_by("-at").first()
    live = last if last is not None and last.settled_at is None else None
    offers = live is None and need.state in assigning.ASSIGNABLE and bool(free_kinds(need))
    choices = assigning.options_for([need.crisis_id] if need.crisis_id else []) if offers else []
    return {
        "need": need, "last": last, "live": live, "choices": choices, "back": context["request"].get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.inclusion_tag("needs/relief_groups/assign_many.html", takes_context=True)
def assign_many(context: Any, form: str, crisis: Crisis | None = None) -> dict[str, Any]:
    """Show the field of a form that chooses to whom the selected needs are assigned.

    crisis: the event; its relief groups come first.
    """
    request = context["request"]
    choices = assigning.options_for([crisis] if crisis else _events_of(request.viewer))
    return {"choices": choices, "form": form, "back": request.get_full_path()}


def _events_of(viewer: Viewer) -> Iterator[int]:
    """Yield the keys of the events of a reader that are not over. The query runs only when the first one is needed."""
    yield from crisis_access.current_for(viewer)
