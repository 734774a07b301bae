"""The group's side: accept, decline and report back. Each action is one transaction that first locks the need's row.

The commitment belongs to the person who accepts: in the name of the association, or in their own name in a relief
group. All rules of commitments apply to it (vouching, limits, expiry, the daily budget of exact places), so an
assignment gives no more rights than taking a need without one. Anybody in the group may report back for the holder, as
a crew does on a tour.
"""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import TAKEABLE_STATES, AlarmSource, CommitmentState, NeedState, WordsWay
from needs.enums import OutcomeReason as Why
from needs.help.assignments.assign_refusals import AssignRefusal, AssignRefused
from needs.help.assignments.assigning import answering_people, end
from needs.help.commitments import ending, taking
from needs.help.records import limits
from needs.help.records.refusals import Refusal as Barrier
from needs.help.records.refusals import Refused
from needs.models import AssignmentState, Commitment, Need, NeedAssignment
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message, notify

DECLINE_REASONS = (Why.NOBODY_FREE, Why.NOTHING_LEFT, Why.TOO_FAR, Why.UNSAFE, Why.OTHER)
MET, PARTLY, BY_OTHERS = "met", "partly", "by_others"
OUTCOMES = (MET, PARTLY, BY_OTHERS, *ending.GIVE_BACK_REASONS)
"""What a group can report: all or a part was brought, others had done it, or a reason for giving the need back."""


def accept(assignment: uuid.UUID, user: User) -> Commitment:
    """Accept a need for the group: the person who accepts takes it.

    Raise AssignRefused (ANSWERED), Refused as ``taking.take`` does, and NeedAssignment.DoesNotExist for people of other
    groups.
    """
    asked = NeedAssignment.objects.for_user(user).select_related("association").get(pk=assignment)
    with transaction.atomic():
        lock([limits.holder_lock_name(user, asked.association)])
        row, own = _locked(assignment, user)
        if own.state != AssignmentState.WAITING:
            raise AssignRefused(AssignRefusal.ANSWERED)
        if row.state not in TAKEABLE_STATES:
            try:
                transitions.move(row.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, own.by_id))
            except transitions.NotPossible:
                raise Refused(Barrier.CLOSED) from None
        held = taking.take(row.pk, user, association=asked.association)
        own.state, own.commitment, own.answered_by, own.answered_at = (
            AssignmentState.ACCEPTED, held, user, timezone.now(),
        )  # fmt: skip
        own.save(update_fields=["state", "commitment", "answered_by", "answered_at"])
    return held


def may_decline(user: User, row: NeedAssignment) -> bool:
    """Whether a person may decline for the whole group. Only the people who are asked to answer for the group may
    decline."""
    return any(person.pk == user.pk for person in answering_people(row))


def decline(assignment: uuid.UUID, user: User, reason: str) -> None:
    """Decline a need for the group. Raise AssignRefused: ANSWERED, REASON; NeedAssignment.DoesNotExist."""
    with transaction.atomic():
        _row, own = _locked(assignment, user)
        if not may_decline(user, own):
            raise NeedAssignment.DoesNotExist
        if reason not in DECLINE_REASONS:
            raise AssignRefused(AssignRefusal.REASON)
        if own.state != AssignmentState.WAITING:
            raise AssignRefused(AssignRefusal.ANSWERED)
        own.answered_by, own.answered_at = user, timezone.now()
        own.save(update_fields=["answered_by", "answered_at"])
        end(own, AssignmentState.DECLINED, reason)
        notify_back(own)


def report_back(
    assignment: uuid.UUID, user: User, outcome: str, *, kinds: Sequence[str] = (), word: str = ""
) -> NeedAssignment:
    """Report the outcome of an accepted need; its commitment ends and the state of the need changes.

    outcome: the outcome, one of OUTCOMES. kinds: the kinds that were brought, for PARTLY. Raise AssignRefused
    (ANSWERED, REASON), Refused as ``ending.mark_done`` does, and NeedAssignment.DoesNotExist.
    """
    if outcome not in OUTCOMES:
        raise AssignRefused(AssignRefusal.REASON)
    with transaction.atomic():
        _row, own = _locked(assignment, user)
        held = own.commitment
        if own.state != AssignmentState.ACCEPTED or held is None or held.state != CommitmentState.ACTIVE:
            raise AssignRefused(AssignRefusal.ANSWERED)
        if outcome in (MET, PARTLY):
            ending.mark_done(held.pk, held.volunteer, kinds=None if outcome == MET else list(kinds), by=user)
        elif outcome == BY_OTHERS:
            ending.mark_done_by_others(held.pk, held.volunteer)
        else:
            ending.withdraw(held.pk, held.volunteer, outcome, by=user)
        own.word = word
        own.save(update_fields=["word"])
        came = Came(WordsWay.GROUP, own.pk)
        alarms.raise_for_new_words([word], AlarmSource.WORDS, came=came, need_id=own.need_id)
        own.refresh_from_db()
        settle(own)
        notify_back(own)
    return own


def _locked(assignment: uuid.UUID, user: User) -> tuple[Need, NeedAssignment]:
    """Lock and return the need and the assignment. Raise NeedAssignment.DoesNotExist for people of other groups."""
    mine = NeedAssignment.objects.for_user(user).filter(pk=assignment)
    needs = Need.objects.live().select_for_update(of=("self",), no_key=True)
    row = needs.filter(pk__in=mine.values("need")).first()
    own = mine.select_for_update(of=("self",)).select_related("commitment__volunteer").first()
    if row is None or own is None:
        raise NeedAssignment.DoesNotExist
    return row, own


def settle(own: NeedAssignment) -> bool:
    """End an accepted assignment whose commitment has ended; follow a commitment that was handed over.

    Return whether the assignment ended. Safe to repeat.
    """
    if own.state != AssignmentState.ACCEPTED:
        return False
    held = own.commitment
    if held is not None and held.state == CommitmentState.HANDED:
        later = Commitment.objects.filter(need=own.need_id, made_at__gte=held.ended_at or held.made_at)
        held = later.exclude(pk=held.pk).order_by("made_at").first()
        own.commitment = held
        own.save(update_fields=["commitment"])
    if held is not None and held.state == CommitmentState.ACTIVE:
        return False
    if held is None:
        end(own, AssignmentState.RETURNED)
    elif held.state in (CommitmentState.DONE, CommitmentState.BY_OTHERS):
        end(own, AssignmentState.DONE, held.reason)
    else:
        end(own, AssignmentState.RETURNED, held.reason or Why.LAPSED)
    return True


def follow_need(*, row: Need, cause: Cause, **_more: object) -> None:
    """End the assignment of a need that changed its state (receiver of ``need_moved``, after the commitments were
    updated)."""
    own = NeedAssignment.objects.live().select_for_update(of=("self",)).filter(need=row).first()
    if own is None:
        return
    if own.state == AssignmentState.ACCEPTED:
        settle(own)
    elif row.state not in (*TAKEABLE_STATES, NeedState.NEW, NeedState.VERIFIED, NeedState.REOPENED):
        end(own, AssignmentState.WITHDRAWN, cause.reason)


def notify_back(own: NeedAssignment) -> None:
    """Tell the person who assigned a need that the group has answered."""
    if own.by is None:
        return
    notify([own.by], Topic.TRIAGE, f"assignment:{own.state}:{own.pk}", lambda: Message(
        _("An answer about a need that you assigned"),
        _("Open the page to read it. What is not done is on the desk again."),
        reverse("needs:assigned", args=[own.pk]),
    ))  # fmt: skip
