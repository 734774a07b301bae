"""What happens to the reports that are still open when an event is closed: each report is handed over, or closed with a
reason."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.dispatch_scope import scope
from needs.base.event_rights import crisis_access
from needs.base.event_rights.event_messages import Change, tell_others
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.crises import crisis_events
from needs.crises.closing.open_reports import left_of
from needs.enums import NeedState
from needs.enums import OutcomeReason as Why
from needs.help.assignments import group_members
from needs.models import Crisis, Need
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.notifications.notifying import Message, notify

HAND_OVER = "desk"
ENDINGS: dict[str, tuple[NeedState, Why]] = {
    "solved_itself": (NeedState.MET, Why.SOLVED_ITSELF),
    "by_others": (NeedState.MET, Why.BY_OTHERS),
    "not_found": (NeedState.UNMET, Why.NOT_FOUND),
    "nobody_free": (NeedState.UNMET, Why.NOBODY_FREE),
    "unreachable": (NeedState.UNMET, Why.UNREACHABLE),
    "other": (NeedState.UNMET, Why.OTHER),
}


class ReportsLeft(Exception):
    """The event still has reports that are not closed, and no decision about them was given."""


def choices() -> list[tuple[str, str | Promise]]:
    """Return the decisions about a report."""
    closing = gettext_lazy("close: %(reason)s")
    reasons = [(key, str(closing) % {"reason": why.label}) for key, (_state, why) in ENDINGS.items()]
    return [(HAND_OVER, gettext_lazy("hand over to the desk of the territory")), *reasons]


def close_without_leftovers(crisis: Crisis, by: User) -> datetime | None:
    """Close an event without open reports; return the time, or None if the event was closed before. Raise
    ReportsLeft."""
    with transaction.atomic():
        Crisis.objects.select_for_update().get(pk=crisis.pk)
        if crisis.closed_at is None and left_of(crisis).exists():
            raise ReportsLeft
        closed_at = crisis_events.close(crisis, by.pk)
        group_members.close_all(crisis, by)
        if closed_at is not None:
            tell_others(crisis, by, Change.CLOSED)
    return closed_at


def close_event(crisis: Crisis, viewer: Viewer, default: str, decisions: Mapping[uuid.UUID, str]) -> tuple[int, int]:
    """Close an event and deal with each report that is still open; return how many were handed over and how many
    closed.

    default: the decision about reports that are not in ``decisions``, including reports that came in the meantime. A
    report that cannot be closed, because it waits for a moderator, or because the viewer does not read it, is handed
    over.
    """
    by = viewer.user_or_404
    with transaction.atomic():
        Crisis.objects.select_for_update().get(pk=crisis.pk)
        crisis_events.close(crisis, by.pk)
        group_members.close_all(crisis, by)
        left = list(left_of(crisis))
        own = set(crisis_access.reports_of(viewer, crisis).values_list("pk", flat=True))
        handed = [need for need in left if need.pk not in own or not _end(need, decisions.get(need.pk, default), by)]
        _tell_desks(crisis, handed)
        tell_others(crisis, by, Change.CLOSED)
    return len(handed), len(left) - len(handed)


def _end(need: Need, decision: str, by: User) -> bool:
    """Close a report with the reason of a decision; return False if it is handed over."""
    if decision not in ENDINGS:
        return False
    state, why = ENDINGS[decision]
    try:
        transitions.move(need.pk, state, Cause(Actor.DISPATCHER, by.pk, why))
    except NotPossible:
        return False
    return True


def _tell_desks(crisis: Crisis, handed: list[Need]) -> None:
    """Tell the dispatchers that reports of a closed event are in their queues."""
    people = {person.pk: person for need in handed for person in scope.need_dispatchers(need)}
    closed_at = Crisis.objects.values_list("closed_at", flat=True).get(pk=crisis.pk)
    notify(people.values(), Topic.TRIAGE, f"event-left:{crisis.pk}:{closed_at:%Y%m%d%H%M%S}", lambda: Message(
        _("An event is closed: its open reports are on your desk"),
        _("Nobody works on them for the event any more. Please look at them."),
        reverse("needs:triage"),
    ))  # fmt: skip
