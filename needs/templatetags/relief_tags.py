"""Template tags that offer assignments to the desk."""

from collections.abc import Iterator
from typing import Any

from django import template

from needs.base.event_rights import crisis_access
from needs.help.assignments import assigning
from needs.models import Crisis
from volunteers.people.accounts.viewer import Viewer

register = template.Library()


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
