"""Answers of reporters about their need (solved, still needed), and access to their contact."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from needs.base.lifecycle import merge_chains, transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState, OutcomeReason, ReportKind
from needs.models import Need, NeedStep
from needs.reports import filing
from solidarity.lib import field_encryption
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

REPEAT_AFTER = timedelta(hours=1)


def report_solved(need: uuid.UUID) -> bool:
    """Close a need because its reporter says that it is solved. Return False if it was already finished.

    A held need is retracted instead, so that unmoderated evidence never counts.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).get(pk=need)
        if row.is_finished:
            return False
        if row.state == NeedState.HELD:
            NeedStep.objects.create(
                need=row, before=row.state, state=NeedState.MET, by_reporter=True, actor=Actor.REPORTER
            )
            filing.retract(ReportKind.NEED, row.pk, author=None, reason="solved, says the reporter")
        else:
            transitions.move(row.pk, NeedState.MET, Cause(Actor.REPORTER, reason=OutcomeReason.SOLVED_ITSELF))
    return True


def report_still_needed(need: uuid.UUID) -> bool:
    """Record that the reporter still needs help; reopen a closed need.

    For a merged need, this applies to the need that it was merged into. Return False if the reporter already said so in
    the last hour, or if the need was rejected or retracted.
    """
    with transaction.atomic():
        target = merge_chains.target_of(Need.objects.get(pk=need))
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=target.pk).first()
        if row is None or row.state in (NeedState.REJECTED, NeedState.DUPLICATE):
            return False
        if row.is_finished:
            transitions.move(row.pk, NeedState.REOPENED, Cause(Actor.REPORTER, reason=OutcomeReason.STILL_NEEDED))
            return True
        recent = row.steps.filter(by_reporter=True, at__gte=timezone.now() - REPEAT_AFTER).exclude(state=NeedState.MET)
        if recent.exists():
            return False
        NeedStep.objects.create(need=row, before=row.state, state=row.state, by_reporter=True, actor=Actor.REPORTER)
    return True


def log_place_shown(need: Need, dispatcher: User) -> None:
    """Log that a dispatcher sees a need's exact place, on the map or in words, if it has one."""
    if need.point is not None or need.place_text:
        recording.record(dispatcher, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.SORTING)


def reveal_contact(need: Need, *, dispatcher: User) -> str | None:
    """Return the reporter's contact in plain text, and log the access without the contact.

    Return None if there is no contact or if it was encrypted with another key.
    """
    recording.record(dispatcher, Verb.CONTACT_SHOWN, "need", need.pk, purpose=Purpose.SORTING)
    return field_encryption.decrypt(need.contact) if need.contact else None
