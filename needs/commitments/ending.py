"""How a commitment ends: done, given back, done by others, lapsed, or with the need itself."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from needs.commitments import commitment_notifications
from needs.commitments.refusals import Refusal, Refused
from needs.enums import TAKEABLE_STATES, Answer, Channel, CommitmentState, NeedState
from needs.enums import OutcomeReason as Why
from needs.models import Commitment, CommitmentPart, HandOver, Need
from needs.reports import filing
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause
from solidarity.lib import grid
from volunteers.models import User

GIVE_BACK_REASONS = (
    Why.NOT_FOUND, Why.REFUSED, Why.NOTHING_LEFT, Why.TOO_FAR, Why.UNSAFE, Why.UNREACHABLE, Why.OTHER,
)  # fmt: skip
"""Why somebody gives a need back."""

AID_SPACE = uuid.UUID("5f7d7c4e-4a0c-5d0e-9d4c-2b0f6a1f9a77")


def done(commitment: uuid.UUID, user: User, *, kinds: Sequence[str] | None = None) -> Commitment:
    """The holder brought it, or some of its kinds (None: all). What was not brought is open for others again.

    Help that has a place is evidence (filing.log_aid). Raises Refused: OVER, NOT_ASKED.
    """
    with transaction.atomic():
        row, own = held_row(commitment, user)
        brought = _kinds_of(own, kinds)
        end(own, CommitmentState.DONE, Why.HELPED, met=brought)
        _meet(row, brought)
        _log_aid(row, own, brought)
        settle(row, Cause(Actor.HELPER, user.pk, Why.HELPED))
    return own


def done_by_others(commitment: uuid.UUID, user: User, *, kinds: Sequence[str] | None = None) -> Commitment:
    """Others had brought it, or some of its kinds, before the holder came. They may have logged it: no evidence."""
    with transaction.atomic():
        row, own = held_row(commitment, user)
        brought = _kinds_of(own, kinds)
        end(own, CommitmentState.BY_OTHERS, Why.BY_OTHERS, met=brought)
        _meet(row, brought)
        settle(row, Cause(Actor.HELPER, user.pk, Why.BY_OTHERS))
    return own


def withdraw(commitment: uuid.UUID, user: User, reason: str) -> Commitment:
    """The holder gives the need back, and says why. Raises Refused: OVER, REASON."""
    if reason not in GIVE_BACK_REASONS:
        raise Refused(Refusal.REASON)
    with transaction.atomic():
        row, own = held_row(commitment, user)
        end(own, CommitmentState.WITHDRAWN, reason)
        settle(row, Cause(Actor.HELPER, user.pk, reason))
        if reason == Why.UNSAFE:
            commitment_notifications.unsafe(own)
    return own


def lapse(now: datetime | None = None) -> int:
    """End the commitments whose time is over; their needs are open again. How many ended."""
    moment = now or timezone.now()
    number = 0
    for commitment, need in Commitment.objects.lapsed(moment).values_list("pk", "need"):
        with transaction.atomic():
            row = Need.objects.select_for_update(of=("self",)).get(pk=need)
            own = Commitment.objects.lapsed(moment).select_for_update(of=("self",)).filter(pk=commitment).first()
            if own is None:
                continue
            end(own, CommitmentState.EXPIRED, "")
            settle(row, Cause(Actor.CLOCK))
            commitment_notifications.lapsed(own)
            number += 1
    return number


def held_row(commitment: uuid.UUID, user: User) -> tuple[Need, Commitment]:
    """A commitment that the person holds, and its need, both rows locked; raises Refused (OVER).

    The need is locked first by everybody, so that two verbs cannot wait for each other.
    """
    need = Commitment.objects.of(user).filter(pk=commitment).values("need")
    row = Need.objects.live().select_for_update(of=("self",)).filter(pk__in=need).first()
    held = Commitment.objects.held_by(user, timezone.now()).select_for_update(of=("self",))
    own = held.filter(pk=commitment).first()
    if row is None or own is None:
        raise Refused(Refusal.OVER)
    return row, own


def end(own: Commitment, state: CommitmentState, reason: str, *, met: Sequence[str] = ()) -> None:
    """Write the end of a commitment whose need is locked: nothing is held any more, nobody waits for an answer."""
    own.state, own.reason, own.ended_at = state, reason, timezone.now()
    own.save(update_fields=["state", "reason", "ended_at"])
    own.parts.filter(kind__in=met).update(met=True)
    own.parts.update(held=False)
    waiting = list(HandOver.objects.filter(commitment=own, answer="").select_related("to", "asked_by"))
    HandOver.objects.filter(pk__in=[each.pk for each in waiting]).update(
        answer=Answer.EXPIRED, answered_at=own.ended_at
    )
    commitment_notifications.no_answer_any_more(waiting)


def settle(row: Need, cause: Cause) -> None:
    """Bring a need, whose row is locked, to the state that its parts say, if they say another one."""
    state = state_of_parts(row)
    if row.state in TAKEABLE_STATES and row.retracted_at is None and row.state != state:
        lifecycle.move(row.pk, state, cause)
        row.state = state


def state_of_parts(row: Need) -> NeedState:
    """Where a need stands by what was brought and what is promised."""
    if row.met_kinds and set(row.kinds) <= set(row.met_kinds):
        return NeedState.MET
    if CommitmentPart.objects.filter(need=row, held=True).exists():
        return NeedState.COMMITTED
    return NeedState.PARTLY_MET if row.met_kinds else NeedState.OPEN


def _kinds_of(own: Commitment, kinds: Sequence[str] | None) -> list[str]:
    there = list(own.parts.order_by("pk").values_list("kind", flat=True))
    chosen = there if kinds is None else [kind for kind in there if kind in set(kinds)]
    if not chosen or not set(kinds or ()) <= set(there):
        raise Refused(Refusal.NOT_ASKED)
    return chosen


def _meet(row: Need, kinds: Sequence[str]) -> None:
    met = {*row.met_kinds, *kinds}
    row.met_kinds = [kind for kind in row.kinds if kind in met]
    row.save(update_fields=["met_kinds"])


def _log_aid(row: Need, own: Commitment, kinds: Sequence[str]) -> None:
    place = place_of(row)
    if place is None:
        return
    draft = filing.AidDraft(
        id=uuid.uuid5(AID_SPACE, str(own.pk)),
        at=own.ended_at or timezone.now(),
        place=place,
        contacts=max(row.persons, 1),
        given=list(kinds),
        need=row.pk,
    )
    extra = filing.Extra(Channel.WEB)
    filing.log_aid(draft, association=own.association_id, author=own.volunteer_id, extra=extra)


def place_of(row: Need) -> filing.Place | None:
    """A need's exact place while it is kept, then the middle of its cell; None when it never had one."""
    if row.point is not None:
        return filing.Place(row.point.y, row.point.x)
    return filing.Place(*grid.centre(row.cell)) if row.cell is not None else None


def follow_the_need(*, row: Need, before: str, cause: Cause, **_more: Any) -> None:
    """What happens to the promises about a need when others move it.

    A need that cannot be taken any more ends them; one that is opened again starts anew; one that an undone merge gives
    back stands where its parts say.
    """
    if row.state not in TAKEABLE_STATES:
        for own in Commitment.objects.active().select_for_update(of=("self",)).filter(need=row):
            end(own, CommitmentState.BY_OTHERS, cause.reason or Why.BY_OTHERS)
            commitment_notifications.closed_by_others(own)
    if row.state == NeedState.REOPENED and set(row.kinds) <= set(row.met_kinds):
        row.met_kinds = []
        row.save(update_fields=["met_kinds"])
    if before == NeedState.DUPLICATE and row.state == NeedState.COMMITTED:
        settle(row, Cause(Actor.CLOCK))
