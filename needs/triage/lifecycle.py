"""The way of a need: every legal transition, in one table; docs/lifecycle.md is drawn from it.

All changes of a need's state go through :func:`move`, which writes the step and tells the zones in one transaction.
"""

import uuid
from dataclasses import dataclass
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import SILENT_STATES, NeedState, ReportKind
from needs.enums import OutcomeReason as Why
from needs.models import Need, NeedStep
from needs.signals import Touch, evidence_changed, need_moved


class Actor(Enum):
    """Who may make a transition."""

    DISPATCHER = "dispatcher"
    HELPER = "helper"
    REPORTER = "reporter"
    CLOCK = "clock"


_D, _H, _R, _C = Actor.DISPATCHER, Actor.HELPER, Actor.REPORTER, Actor.CLOCK
_S = NeedState

_WAYS: dict[NeedState, dict[NeedState, tuple[Actor, ...]]] = {
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
    _S.DUPLICATE: {},  # an undone merge gives back the state of before: triage.undo_merge
}  # fmt: skip

TRANSITIONS = {(before, after): frozenset(who) for before, ways in _WAYS.items() for after, who in ways.items()}
"""(before, after) → who may. What is not in it is refused."""

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
"""Which coded reasons a state takes; one of them must be given where there are any."""


class Refusal(Enum):
    """Why a transition was refused."""

    ILLEGAL = "illegal"
    REASON = "reason"
    GONE = "gone"


REFUSED: dict[Refusal, str | Promise] = {
    Refusal.ILLEGAL: _("This step is not possible from where the need stands now."),
    Refusal.REASON: _("Choose why, so that others understand it later."),
    Refusal.GONE: _("Somebody else changed this need before you. Look at it again."),
}


class NotPossible(Exception):
    """A transition that was refused; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal

    @property
    def words(self) -> str | Promise:
        return REFUSED[self.refusal]


@dataclass(frozen=True, slots=True)
class Cause:
    """Who changes a state, and why. by: the account's key; None for the reporter and the clock."""

    actor: Actor
    by: int | None = None
    reason: str = ""
    text: str = ""


def can(before: str, after: str, actor: Actor) -> bool:
    """Whether an actor may bring a need from one state to another."""
    return actor in TRANSITIONS.get((NeedState(before), NeedState(after)), frozenset())


def ways_of(before: str, actor: Actor) -> list[NeedState]:
    """The states that an actor can bring a need to, in the table's order."""
    return [after for (start, after), actors in TRANSITIONS.items() if start == before and actor in actors]


def move(need: uuid.UUID, after: NeedState, cause: Cause, *, expected: str | None = None) -> NeedStep:
    """Bring a need to a state; its row is locked, so that one of two people at once wins.

    expected: the state that whoever decides has seen. Raises NotPossible: when the need was taken back or changed since
    (GONE), the table does not allow the step (ILLEGAL) or a reason is missing (REASON).
    """
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=need).first()
        if row is None or (expected is not None and row.state != expected):
            raise NotPossible(Refusal.GONE)
        if not can(row.state, after, cause.actor):
            raise NotPossible(Refusal.ILLEGAL)
        if cause.actor is Actor.DISPATCHER and after in REASONS and cause.reason not in REASONS[after]:
            raise NotPossible(Refusal.REASON)
        return enter(row, after, cause)


def enter(row: Need, after: NeedState, cause: Cause) -> NeedStep:
    """Write the state of a need whose row is locked; the zones hear of it where its evidence begins or ends to count."""
    before, row.state, row.state_at = row.state, after, timezone.now()
    row.save(update_fields=["state", "state_at"])
    step = NeedStep.objects.create(
        need=row, before=before, state=after, at=row.state_at, by_id=cause.by, reason=cause.reason, text=cause.text,
        by_reporter=cause.actor is Actor.REPORTER,
    )  # fmt: skip
    if row.cell is not None and (before in SILENT_STATES) != (after in SILENT_STATES):
        old, new = (row.cell, None) if after in SILENT_STATES else (None, row.cell)
        evidence_changed.send(sender=None, touches=[Touch(ReportKind.NEED, row.pk, old, new)])
    need_moved.send(sender=None, row=row, before=before, cause=cause)
    return step
