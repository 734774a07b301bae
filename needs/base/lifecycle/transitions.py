"""All legal transitions of a need in one table, from which docs/lifecycle.md is generated.

Every change of a need's state goes through :func:`move`, which stores the step and updates the evidence in one
transaction.
"""

import uuid
from dataclasses import dataclass
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import SILENT_STATES, NeedState, ReportKind
from needs.enums import Actor as Actor
from needs.enums import OutcomeReason as Why
from needs.models import Need, NeedStep
from needs.signals import Touch, evidence_changed, need_moved
from solidarity.lib.refused_for import RefusedFor

_D, _H, _R, _C = Actor.DISPATCHER, Actor.HELPER, Actor.REPORTER, Actor.CLOCK
_S = NeedState

_NEXT: dict[NeedState, dict[NeedState, tuple[Actor, ...]]] = {
    _S.HELD: {_S.NEW: (_D,), _S.REJECTED: (_D,)},
    _S.NEW: {
        _S.VERIFIED: (_D,), _S.OPEN: (_D,), _S.MET: (_D, _R), _S.UNMET: (_D,),
        _S.DUPLICATE: (_D,), _S.REJECTED: (_D,), _S.EXPIRED: (_D, _C),
    },
    _S.VERIFIED: {
        _S.OPEN: (_D,), _S.MET: (_D, _R), _S.UNMET: (_D,),
        _S.DUPLICATE: (_D,), _S.REJECTED: (_D,), _S.EXPIRED: (_D, _C),
    },
    _S.OPEN: {
        _S.COMMITTED: (_H,), _S.MET: (_D, _R), _S.UNMET: (_D,),
        _S.DUPLICATE: (_D,), _S.REJECTED: (_D,), _S.EXPIRED: (_D, _C),
    },
    _S.COMMITTED: {
        _S.OPEN: (_H, _C), _S.PARTLY_MET: (_H, _C), _S.MET: (_H, _D, _R), _S.UNMET: (_H, _D), _S.DUPLICATE: (_D,),
    },
    _S.PARTLY_MET: {
        _S.COMMITTED: (_H,), _S.OPEN: (_D,), _S.MET: (_H, _D, _R), _S.UNMET: (_D,), _S.EXPIRED: (_D, _C),
        _S.DUPLICATE: (_D,),
    },
    _S.REOPENED: {
        _S.VERIFIED: (_D,), _S.OPEN: (_D,), _S.MET: (_D, _R), _S.UNMET: (_D,),
        _S.DUPLICATE: (_D,), _S.REJECTED: (_D,), _S.EXPIRED: (_D, _C),
    },
    _S.MET: {_S.REOPENED: (_D, _R)},
    _S.UNMET: {_S.REOPENED: (_D, _R)},
    _S.EXPIRED: {_S.REOPENED: (_D, _R)},
    _S.REJECTED: {_S.REOPENED: (_D,)},
    _S.DUPLICATE: {},  # undoing a merge restores the previous state: triage.duplicates.undo_merge
}  # fmt: skip

TRANSITIONS = {(before, after): frozenset(who) for before, steps in _NEXT.items() for after, who in steps.items()}
"""Transition (before, after) → actors who may make it. Any other transition is refused."""

REASONS: dict[NeedState, tuple[Why, ...]] = {
    _S.MET: (Why.HELPED, Why.REFERRED, Why.SOLVED_ITSELF, Why.BY_OTHERS),
    _S.UNMET: (
        Why.NOT_FOUND, Why.REFUSED, Why.NOBODY_FREE, Why.NOTHING_LEFT, Why.TOO_FAR, Why.UNSAFE, Why.UNREACHABLE, Why.OTHER,
    ),
    _S.REJECTED: (Why.NOT_A_NEED, Why.JUNK, Why.ABOUT_A_PERSON, Why.OTHER),
    _S.EXPIRED: (Why.TOO_OLD,),
    _S.DUPLICATE: (Why.SAME_AS,),
    _S.REOPENED: (Why.STILL_NEEDED, Why.MISTAKE, Why.OTHER),
}  # fmt: skip
"""Reasons to enter a state; a dispatcher must give one of them."""


class TransitionRefusal(Enum):
    ILLEGAL = "illegal"
    REASON = "reason"
    GONE = "gone"
    PLACE = "place"


REFUSED: dict[Enum, str | Promise] = {
    TransitionRefusal.ILLEGAL: _("This step is not possible in the need’s current state."),
    TransitionRefusal.REASON: _("Choose a reason, so that others understand it later."),
    TransitionRefusal.PLACE: _(
        "Say where it is first: tap the map, choose the district, or say that nobody knows the place."
    ),
    TransitionRefusal.GONE: _("Somebody else changed this need in the meantime. Look at it again."),
}


class NotPossible(RefusedFor[TransitionRefusal]):
    """The transition is refused; ``refusal`` is the reason."""

    sentences = REFUSED


@dataclass(frozen=True, slots=True)
class Cause:
    """The person who changes a state, and the reason. by: primary key of the account; None for the reporter and the
    scheduler."""

    actor: Actor
    by: int | None = None
    reason: str = ""
    text: str = ""


def can(before: str, after: str, actor: Actor) -> bool:
    return actor in TRANSITIONS.get((NeedState(before), NeedState(after)), frozenset())


def possible_states(before: str, actor: Actor) -> list[NeedState]:
    """Return the states that an actor can move a need to, in the order of the table."""
    return [after for (start, after), actors in TRANSITIONS.items() if start == before and actor in actors]


def move(need: uuid.UUID, after: NeedState, cause: Cause, *, expected: str | None = None) -> NeedStep:
    """Move a need to a state. The row is locked, so that only one of two simultaneous moves succeeds.

    expected: the state that the person saw. Raises NotPossible with one of these reasons. GONE: the need was retracted
    or has changed. ILLEGAL: the table does not allow the step. REASON: a reason is missing. PLACE: a need is opened
    before its place was looked up.
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=need).first()
        if row is None or (expected is not None and row.state != expected):
            raise NotPossible(TransitionRefusal.GONE)
        if not can(row.state, after, cause.actor):
            raise NotPossible(TransitionRefusal.ILLEGAL)
        if cause.actor is Actor.DISPATCHER and after in REASONS and cause.reason not in REASONS[after]:
            raise NotPossible(TransitionRefusal.REASON)
        if cause.actor is Actor.DISPATCHER and after == NeedState.OPEN and row.lacks_place:
            raise NotPossible(TransitionRefusal.PLACE)
        return enter(row, after, cause)


def undo(step: int, by: int) -> NeedStep | None:
    """Undo a person's own step, if it is the latest step of the need. The need returns to its previous state.

    Both steps, the step and its undoing, stay in the history. Return the new step, or None if the need has changed
    since.
    """
    with transaction.atomic():
        own = NeedStep.objects.filter(pk=step, by=by).first()
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=own.need_id).first() if own else None
        if own is None or row is None or not own.before or row.state != own.state:
            return None
        if row.steps.order_by("at", "pk").values_list("pk", flat=True).last() != own.pk:
            return None
        return enter(row, NeedState(own.before), Cause(Actor.DISPATCHER, by, Why.MISTAKE))


def enter(row: Need, after: NeedState, cause: Cause) -> NeedStep:
    """Set the state of a need. The caller has locked its row.

    Send evidence_changed if the need's evidence starts or stops counting.
    """
    before, row.state, row.state_at = row.state, after, timezone.now()
    row.save(update_fields=["state", "state_at"])
    step = NeedStep.objects.create(
        need=row, before=before, state=after, at=row.state_at, by_id=cause.by, reason=cause.reason, text=cause.text,
        by_reporter=cause.actor is Actor.REPORTER, actor=cause.actor,
    )  # fmt: skip
    if row.cell is not None and (before in SILENT_STATES) != (after in SILENT_STATES):
        old, new = (row.cell, None) if after in SILENT_STATES else (None, row.cell)
        evidence_changed.send(sender=None, touches=[Touch(ReportKind.NEED, row.pk, old, new)])
    need_moved.send(sender=None, row=row, before=before, cause=cause)
    return step
