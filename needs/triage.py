"""What dispatchers and reporters say about a need. One transaction each: state, step, evidence (reliability.md)."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from needs import contacts, filing
from needs.enums import UNFINISHED_STATES, NeedState, ReportKind
from needs.models import Need, NeedStep
from needs.signals import Touch, evidence_changed

log = logging.getLogger(__name__)

REPEAT_AFTER = timedelta(hours=1)


def release_held(need: uuid.UUID) -> bool:
    """A moderator lets a held need in: it is new from now on and its evidence counts. False when it was not held."""
    return _leave_held(need, NeedState.NEW)


def reject_held(need: uuid.UUID) -> bool:
    """A moderator keeps a held need out; it never carries evidence. False when it was not held."""
    return _leave_held(need, NeedState.REJECTED)


def _leave_held(need: uuid.UUID, state: NeedState) -> bool:
    with transaction.atomic():
        changed = Need.objects.held().filter(pk=need).update(state=state, state_at=timezone.now())
        if not changed:
            return False
        NeedStep.objects.create(need_id=need, state=state)
        cell = Need.objects.values_list("cell", flat=True).get(pk=need)
        if cell is not None and state is not NeedState.REJECTED:
            evidence_changed.send(sender=None, touches=[Touch(ReportKind.NEED, need, None, cell)])
    return True


def say_solved(need: uuid.UUID) -> bool:
    """The reporter says that it is solved. False when it was finished before.

    A held need is taken back instead: nobody's word makes unmoderated evidence count.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).get(pk=need)
        if row.is_finished:
            return False
        NeedStep.objects.create(need=row, state=NeedState.MET, by_reporter=True)
        if row.state == NeedState.HELD:
            filing.retract(ReportKind.NEED, row.pk, author=None, reason="solved, says the reporter")
        else:
            Need.objects.filter(pk=row.pk).update(state=NeedState.MET, state_at=timezone.now())
    return True


def say_still_needed(need: uuid.UUID) -> bool:
    """The reporter says that it is still needed; a need that counted as met comes back as new.

    False when they said so within the hour, or when it was rejected or taken back.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=need).first()
        if row is None or row.state in (NeedState.REJECTED, NeedState.DUPLICATE):
            return False
        reopened = row.state not in UNFINISHED_STATES
        recent = row.steps.filter(by_reporter=True, at__gte=timezone.now() - REPEAT_AFTER).exclude(state=NeedState.MET)
        if not reopened and recent.exists():
            return False
        if reopened:
            row.state = NeedState.NEW
            Need.objects.filter(pk=row.pk).update(state=row.state, state_at=timezone.now())
        NeedStep.objects.create(need=row, state=row.state, by_reporter=True)
    return True


def reveal_contact(need: Need, *, dispatcher: int) -> str | None:
    """The reporter's contact in clear, for calling back; that it was looked at is logged, the contact is not.

    None when there is none, or when it was encrypted under another key.
    """
    log.info("contact of need %s shown to account %s", need.pk, dispatcher)
    return contacts.decrypt(need.contact) if need.contact else None
