"""The ways in which a commitment can end: done, done by other people, given back, expired, or closed with its need."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.base.records.declarations import AidDraft, DraftPlace
from needs.enums import TAKEABLE_STATES, Answer, Channel, CommitmentState, NeedState
from needs.enums import OutcomeReason as Why
from needs.help.commitments import commitment_notifications
from needs.help.exact_places import eligibility, pausing
from needs.help.following import reporter_news
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, CommitmentPart, HandOver, Need, NeedStep
from needs.reports import filing
from solidarity.lib import grid
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Membership, User
from volunteers.places.territories import work_areas

GIVE_BACK_REASONS = (
    Why.NOT_FOUND, Why.REFUSED, Why.NOTHING_LEFT, Why.TOO_FAR, Why.UNSAFE, Why.UNREACHABLE, Why.OTHER,
)  # fmt: skip
AID_SPACE = uuid.UUID("5f7d7c4e-4a0c-5d0e-9d4c-2b0f6a1f9a77")


def mark_done(
    commitment: uuid.UUID,
    user: User,
    *,
    kinds: Sequence[str] | None = None,
    by: User | None = None,
    logs_aid: bool = True,
) -> Commitment:
    """Record that the holder met the need, or some of its kinds (None: all). The other kinds become open again.

    by: the member of the crew who records it, if it is not the holder. logs_aid: whether the aid is logged as evidence,
    if the place is known; False if an encounter logs it. Raises Refused: OVER, NOT_ASKED.
    """
    with transaction.atomic():
        row, own = lock_held(commitment, user)
        met = _chosen_kinds(own, kinds)
        end(own, CommitmentState.DONE, Why.HELPED, met=met)
        _mark_met(row, met)
        if logs_aid:
            _log_aid(row, own, met)
        update_need_state(row, Cause(Actor.HELPER, (by or user).pk, Why.HELPED))
    return own


def mark_done_by_others(commitment: uuid.UUID, user: User, *, kinds: Sequence[str] | None = None) -> Commitment:
    """Record that others met the need, or some of its kinds, before the holder arrived.

    No aid is recorded, because these people may have recorded it themselves. Raises Refused: OVER, NOT_ASKED.
    """
    with transaction.atomic():
        row, own = lock_held(commitment, user)
        met = _chosen_kinds(own, kinds)
        end(own, CommitmentState.BY_OTHERS, Why.BY_OTHERS, met=met)
        _mark_met(row, met)
        update_need_state(row, Cause(Actor.HELPER, user.pk, Why.BY_OTHERS))
    return own


def withdraw(
    commitment: uuid.UUID, user: User, reason: str, *, by: User | None = None, near: bool | None = None
) -> Commitment:
    """Give a need back for a reason.

    by: the same parameter as in :func:`mark_done`. near: whether the holder's phone says that it was near the place;
    None if it does not know. It is not stored, only what follows from it (``Commitment.unvisited``). Raises Refused:
    OVER, REASON.
    """
    if reason not in (*GIVE_BACK_REASONS, Why.POSTPONED):
        raise Refused(Refusal.REASON)
    with transaction.atomic():
        row, own = lock_held(commitment, user)
        own.unvisited = by is None and eligibility.is_unvisited(own, user, reason, near=near)
        end(own, CommitmentState.WITHDRAWN, reason)
        update_need_state(row, Cause(Actor.HELPER, (by or user).pk, reason))
        if reason == Why.UNSAFE:
            commitment_notifications.notify_unsafe(own)
        pausing.pause_if_harvesting(own, user)
    return own


def resume(commitment: uuid.UUID, user: User) -> bool:
    """Undo the end of a commitment: the commitment holds its kinds again, and kinds that it had met become unmet. user:
    the person who undoes the end of the commitment.

    Return False and change nothing if the commitment expired, if the need can no longer be taken, or if others hold or
    met a part.
    """
    with transaction.atomic():
        need = Commitment.objects.filter(pk=commitment).values("need")
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk__in=need).first()
        own = Commitment.objects.select_for_update(of=("self",)).filter(pk=commitment).first()
        if row is None or own is None or own.expires_at <= timezone.now():
            return False
        parts = list(own.parts.all())
        mine = {part.kind for part in parts if part.met}
        others = CommitmentPart.objects.filter(need=row, held=True, kind__in=[part.kind for part in parts])
        is_open = row.state in TAKEABLE_STATES or (row.state == NeedState.MET and bool(mine))
        if not is_open or others.exists() or {part.kind for part in parts} - mine & set(row.met_kinds):
            return False
        row.met_kinds = [kind for kind in row.met_kinds if kind not in mine]
        row.save(update_fields=["met_kinds"])
        own.state, own.reason, own.ended_at, own.unvisited = CommitmentState.ACTIVE, "", None, False
        own.save(update_fields=["state", "reason", "ended_at", "unvisited"])
        own.parts.update(held=True, met=False)
        if row.state != NeedState.COMMITTED:
            transitions.enter(row, NeedState.COMMITTED, Cause(Actor.HELPER, user.pk, Why.MISTAKE))
    return True


def expire(now: datetime | None = None) -> int:
    """End the expired commitments and reopen their needs; return the number of ended commitments."""
    now = now or timezone.now()
    number = 0
    for commitment, need in Commitment.objects.expired(now).values_list("pk", "need"):
        with transaction.atomic():
            row = Need.objects.select_for_update(of=("self",)).get(pk=need)
            own = Commitment.objects.expired(now).select_for_update(of=("self",)).filter(pk=commitment).first()
            if own is None:
                continue
            end(own, CommitmentState.EXPIRED, "")
            _record_lapse(row)
            commitment_notifications.notify_expired(own)
            commitment_notifications.notify_lapse(own)
            reporter_news.tell_reporter(row.pk, reporter_news.lapse_of(own.pk))
            number += 1
    return number


def _record_lapse(row: Need) -> None:
    """Update a need's state after a commitment expired. If the state stays the same, the history still gets a step."""
    before = row.state
    update_need_state(row, Cause(Actor.CLOCK, reason=Why.LAPSED))
    if row.state == before and row.retracted_at is None and before in TAKEABLE_STATES:
        NeedStep.objects.create(need=row, before=before, state=before, actor=Actor.CLOCK, reason=Why.LAPSED)


def lock_held(commitment: uuid.UUID, user: User) -> tuple[Need, Commitment]:
    """Lock and return a need and the commitment that the person holds. Raises Refused (OVER).

    Every action locks the need first, so that two actions cannot deadlock.
    """
    need = Commitment.objects.of(user).filter(pk=commitment).values("need")
    row = Need.objects.live().select_for_update(of=("self",)).filter(pk__in=need).first()
    held = Commitment.objects.held_by(user, timezone.now()).select_for_update(of=("self",))
    own = held.filter(pk=commitment).first()
    if row is None or own is None:
        raise Refused(Refusal.OVER)
    return row, own


def end(own: Commitment, state: CommitmentState, reason: str, *, met: Sequence[str] = ()) -> None:
    """End a commitment, release its parts and close its unanswered hand-overs. The caller has locked the need."""
    own.state, own.reason, own.ended_at, own.link = state, reason, timezone.now(), None
    own.save(update_fields=["state", "reason", "ended_at", "unvisited", "link"])
    own.parts.filter(kind__in=met).update(met=True)
    own.parts.update(held=False)
    waiting = list(HandOver.objects.filter(commitment=own, answer="").select_related("to", "asked_by"))
    HandOver.objects.filter(pk__in=[each.pk for each in waiting]).update(
        answer=Answer.EXPIRED, answered_at=own.ended_at
    )
    commitment_notifications.notify_unanswered(waiting)


def update_need_state(row: Need, cause: Cause) -> None:
    """Move a need to the state that its parts imply (:func:`state_of_parts`). The caller has locked its row."""
    state = state_of_parts(row)
    if row.state in TAKEABLE_STATES and row.retracted_at is None and row.state != state:
        transitions.move(row.pk, state, cause)
        row.state = state


def state_of_parts(row: Need) -> NeedState:
    """Return the state that a need's met and held kinds imply."""
    if row.met_kinds and set(row.kinds) <= set(row.met_kinds):
        return NeedState.MET
    if CommitmentPart.objects.filter(need=row, held=True).exists():
        return NeedState.COMMITTED
    return NeedState.PARTLY_MET if row.met_kinds else NeedState.OPEN


def _chosen_kinds(own: Commitment, kinds: Sequence[str] | None) -> list[str]:
    there = list(own.parts.order_by("pk").values_list("kind", flat=True))
    chosen = there if kinds is None else [kind for kind in there if kind in set(kinds)]
    if not chosen or not set(kinds or ()) <= set(there):
        raise Refused(Refusal.NOT_ASKED)
    return chosen


def _mark_met(row: Need, kinds: Sequence[str]) -> None:
    met = {*row.met_kinds, *kinds}
    row.met_kinds = [kind for kind in row.kinds if kind in met]
    row.save(update_fields=["met_kinds"])


def _log_aid(row: Need, own: Commitment, kinds: Sequence[str]) -> None:
    place = known_place(row)
    if place is None:
        return
    draft = AidDraft(
        id=uuid.uuid5(AID_SPACE, str(own.pk)),
        at=own.ended_at or timezone.now(),
        place=place,
        contacts=max(row.persons, 1),
        given=list(kinds),
        need=row.pk,
    )
    filing.log_aid(draft, association=own.association_id, author=own.volunteer_id, extra=filing.Extra(Channel.WEB))


def known_place(row: Need) -> DraftPlace | None:
    """Return a need's exact place, or the centre of its cell if the exact place was deleted; None without a place."""
    if row.point is not None:
        return DraftPlace(row.point.y, row.point.x)
    return DraftPlace(*grid.centre(row.cell)) if row.cell is not None else None


def end_with_need(*, row: Need, before: str, cause: Cause, **_more: Any) -> None:
    """Update the commitments of a need after a change of its state (receiver of ``need_moved``).

    If the need can no longer be taken, its commitments end. If the need is reopened after all its kinds were met, all
    kinds become unmet. If undoing a merge restored the need, the need gets the state that its parts imply.
    """
    if row.state not in TAKEABLE_STATES:
        for own in Commitment.objects.active().select_for_update(of=("self",)).filter(need=row):
            end(own, CommitmentState.BY_OTHERS, cause.reason or Why.BY_OTHERS)
            commitment_notifications.notify_closed_by_others(own)
    if row.state == NeedState.REOPENED and set(row.kinds) <= set(row.met_kinds):
        row.met_kinds = []
        row.save(update_fields=["met_kinds"])
    if before == NeedState.DUPLICATE and row.state == NeedState.COMMITTED:
        update_need_state(row, Cause(Actor.CLOCK))


def give_back_on_departure(*, membership: Membership, gone: bool, **_more: Any) -> None:
    """Give back the needs that a former member holds for the association (receiver of ``membership_ended``).

    Commitments in the member's own name stay if the member may still take these needs. The member's reports always
    stay.
    """
    if gone:
        running = Commitment.objects.running(timezone.now())
        for own in running.filter(volunteer=membership.user_id, association=membership.association_id):
            withdraw(own.pk, membership.user, Why.OTHER)
        give_back_without_vouch(user=membership.user)


def give_back_without_vouch(*, user: User, **_more: Any) -> None:
    """Give back the needs that a person holds but may no longer take (receiver of ``vouch_ended``)."""
    for own in Commitment.objects.held_by(user, timezone.now()).select_related("need"):
        if not eligibility.may_take(user, own.need):
            withdraw(own.pk, user, Why.OTHER)


def give_back_elsewhere(*, association: Association, **_more: Any) -> None:
    """Give back the needs that an association's people hold where it does not work any more (receiver of
    ``work_area_ended``)."""
    for user in work_areas.people_of(association):
        give_back_without_vouch(user=user)


def give_back_all(*, user: User, **_more: Any) -> None:
    """Give back every need that a blocked account holds, also for an association (receiver of ``account_blocked``)."""
    lock([limits.holder_lock_name(user, of) for of in (None, *Association.objects.of(user))])  # see taking.take
    for own in Commitment.objects.held_by(user, timezone.now()):
        with suppress(Refused):  # the commitment has just expired
            withdraw(own.pk, user, Why.OTHER)
