"""What reporters say about their need, and their contact. One transaction each: state, step, evidence (reliability.md)."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from needs.enums import NeedState, OutcomeReason, ReportKind
from needs.models import Merge, Need, NeedStep
from needs.reports import filing
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause
from solidarity.lib import field_encryption
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import User

REPEAT_AFTER = timedelta(hours=1)


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

    The word of the reporter of a merged need is heard at the one that it was merged into. False when they said so
    within the hour, or when it was rejected or taken back.
    """
    with transaction.atomic():
        goes_on = goes_on_as(Need.objects.get(pk=need))
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=goes_on.pk).first()
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


def goes_on_as(need: Need) -> Need:
    """The need that a merged one goes on as, past merges of merges; itself when it was not merged."""
    seen = {need.pk}
    while need.state == NeedState.DUPLICATE:
        merge = Merge.objects.filter(merged=need, undone_at=None).select_related("kept").first()
        if merge is None or merge.kept_id in seen:
            break
        need = merge.kept
        seen.add(need.pk)
    return need


def note_place_shown(need: Need, dispatcher: User) -> None:
    """Write down that a dispatcher sees a need's exact place, when there is one."""
    if need.point is not None:
        recording.record(dispatcher, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.SORTING)


def reveal_contact(need: Need, *, dispatcher: User) -> str | None:
    """The reporter's contact in clear, for calling back; that it was looked at stands in the audit log, the contact does not.

    None when there is none, or when it was encrypted under another key.
    """
    recording.record(dispatcher, Verb.CONTACT_SHOWN, "need", need.pk, purpose=Purpose.SORTING)
    return field_encryption.decrypt(need.contact) if need.contact else None
