"""Corrections of needs by dispatchers. If the new place belongs to another desk, that desk gets the need as new."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState, ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.models import Need
from volunteers.people.accounts.viewer import Viewer

_SORTED_HERE = (NeedState.VERIFIED, NeedState.OPEN, NeedState.REOPENED)


def correct_need(viewer: Viewer, need: uuid.UUID, changes: Mapping[str, Any], by: By, *, seen: int | None) -> bool:
    """Correct a need; return whether the viewer still works on it.

    If the new place belongs to another desk, nobody there has read the need yet. The need then becomes new and
    unopened, and volunteers do not see it until a dispatcher of that desk opens it. Raises what ``correcting.correct``
    raises.
    """
    with transaction.atomic():
        correcting.correct(ReportKind.NEED, need, changes, by, seen=seen)
        if scope.needs_for(viewer).filter(pk=need).exists():
            return True
        row = Need.objects.select_for_update(of=("self",)).get(pk=need)
        row.first_opened_at = row.escalated_at = None
        row.save(update_fields=["first_opened_at", "escalated_at"])
        if row.state in _SORTED_HERE:
            transitions.enter(row, NeedState.NEW, Cause(Actor.DISPATCHER, viewer.user.pk))
    return False
