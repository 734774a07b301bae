"""What dispatchers and reporters say about a need. One transaction each: state, step, evidence (reliability.md)."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from needs import contacts, filing, lifecycle
from needs.enums import NeedState, OutcomeReason, ReportKind
from needs.lifecycle import Actor, Cause, NotPossible
from needs.models import Need, NeedStep

log = logging.getLogger(__name__)

REPEAT_AFTER = timedelta(hours=1)


def release_held(need: uuid.UUID, by: int | None = None) -> bool:
    """A moderator lets a held need in: it is new from now on and its evidence counts. False when it was not held."""
    return _leave_held(need, NeedState.NEW, Cause(Actor.DISPATCHER, by))


def reject_held(need: uuid.UUID, by: int | None = None, reason: str = OutcomeReason.OTHER) -> bool:
    """A moderator keeps a held need out; it never carries evidence. False when it was not held."""
    return _leave_held(need, NeedState.REJECTED, Cause(Actor.DISPATCHER, by, reason))


def _leave_held(need: uuid.UUID, state: NeedState, cause: Cause) -> bool:
    try:
        lifecycle.move(need, state, cause, expected=NeedState.HELD)
    except NotPossible:
        return False
    return True


def say_solved(need: uuid.UUID) -> bool:
    """The reporter says that it is solved. False when it was finished before.

    A held need is taken back instead: nobody's word makes unmoderated evidence count.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).get(pk=need)
        if row.is_finished:
            return False
        if row.state == NeedState.HELD:
            NeedStep.objects.create(need=row, before=row.state, state=NeedState.MET, by_reporter=True)
            filing.retract(ReportKind.NEED, row.pk, author=None, reason="solved, says the reporter")
        else:
            lifecycle.move(row.pk, NeedState.MET, Cause(Actor.REPORTER, reason=OutcomeReason.SOLVED_ITSELF))
    return True


def say_still_needed(need: uuid.UUID) -> bool:
    """The reporter says that it is still needed; a need that was closed is reopened.

    False when they said so within the hour, or when it was rejected, merged or taken back.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=need).first()
        if row is None or row.state in (NeedState.REJECTED, NeedState.DUPLICATE):
            return False
        if row.is_finished:
            lifecycle.move(row.pk, NeedState.REOPENED, Cause(Actor.REPORTER, reason=OutcomeReason.STILL_NEEDED))
            return True
        recent = row.steps.filter(by_reporter=True, at__gte=timezone.now() - REPEAT_AFTER).exclude(state=NeedState.MET)
        if recent.exists():
            return False
        NeedStep.objects.create(need=row, before=row.state, state=row.state, by_reporter=True)
    return True


def reveal_contact(need: Need, *, dispatcher: int) -> str | None:
    """The reporter's contact in clear, for calling back; that it was looked at is logged, the contact is not.

    None when there is none, or when it was encrypted under another key.
    """
    log.info("contact of need %s shown to account %s", need.pk, dispatcher)
    return contacts.decrypt(need.contact) if need.contact else None
