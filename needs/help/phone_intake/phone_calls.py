"""Storing a telephone call: the need, its alarm, the entry in the call log, and the end of the call.

Everything is stored in one transaction. The form's id makes this idempotent: a repeated request changes nothing.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.base.records.declarations import NeedDraft
from needs.enums import CallResult, Channel, NeedState
from needs.help.triage import calls
from needs.models import Need, NeedQuerySet
from needs.reports import intake
from needs.reports.filing import Filed
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer

ENDINGS = (NeedState.VERIFIED, NeedState.OPEN, NeedState.REJECTED)
"""States in which a call can leave its need."""
RECEIPT_SHOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A call as the dispatcher wrote it down.

    gate: the caller's answer to the questions about danger. caller: the source, see ``intake.file_call``. ending: the
    end of the call, one of ENDINGS. reason: the reason for rejecting the need, else "". call_back_at: the time to call
    back, or None. district: the district, if the call gives no point; else None.
    """

    draft: NeedDraft
    gate: Danger | None
    caller: str
    ending: NeedState
    reason: str
    call_back_at: datetime | None
    district: Territory | None = None


def take(call: PhoneCall, viewer: Viewer) -> Filed:
    """Store a call. If another report already has this id, change nothing and return CONFLICT.

    If the place lies outside the dispatcher's territories, the need stays in the state “new” for the dispatchers of
    that place.
    """
    by, now = viewer.user_or_404, timezone.now()
    with transaction.atomic():
        filed = intake.file_call(call.draft, call.gate, caller=call.caller)
        if filed.stored is not InsertResult.NEW:
            return filed
        need = Need.objects.get(pk=filed.id)
        again_in = call.call_back_at - now if call.call_back_at else None
        calls.log_call(need, by, CallResult.CALLED_IN, again_in=again_in, at=now)
        settle(need, call.ending, viewer, reason=call.reason, district=call.district)
    return filed


def settle(
    need: Need, ending: NeedState, viewer: Viewer, *, reason: str = "", district: Territory | None = None
) -> None:
    """Move a need that a dispatcher has written down to the state that they chose.

    If its place lies outside the dispatcher's territories, or if that step is not possible, the need stays new.
    """
    if district is not None:
        need.district = district
        need.save(update_fields=["district"])
    if scope.needs_for(viewer).filter(pk=need.pk).exists():
        scope.first_opened(need, timezone.now())
        with suppress(NotPossible):
            transitions.move(need.pk, ending, Cause(Actor.DISPATCHER, viewer.user_or_404.pk, reason))


def taken_by(user: User, now: datetime) -> NeedQuerySet:
    """Return the needs from calls that a dispatcher took in the last RECEIPT_SHOWN, in any territory."""
    own = Need.objects.live().filter(channel=Channel.PHONE, filed_at__gte=now - RECEIPT_SHOWN)
    return own.filter(calls__by=user, calls__result=CallResult.CALLED_IN).distinct()
