"""The steps that a need's page offers to a dispatcher: buttons, one form to close or reopen it, and what stands out."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.lifecycle.transitions import REASONS, possible_states
from needs.enums import Actor, NeedState

BUTTONS: dict[NeedState, str | Promise] = {
    NeedState.NEW: _("Accept"),
    NeedState.VERIFIED: _("Verify"),
    NeedState.OPEN: _("Open to volunteers"),
}
"""Label of the button for each state that needs no reason."""


class Primary(Enum):
    """The one primary button of the page: the first step, “Give to…”, “Close…”, or the form that says where it is."""

    STEP = "step"
    GIVE = "give"
    CLOSE = "close"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a need. plain: (state, label) of each button. closing: states of the form with reasons; empty without
    such a step. reopens: whether this form reopens the need."""

    plain: tuple[tuple[str, str | Promise], ...]
    closing: tuple[NeedState, ...]
    primary: Primary | None

    @property
    def reopens(self) -> bool:
        return self.closing == (NeedState.REOPENED,)


def steps_of(state: str, *, lacks_place: bool, twins: bool) -> Steps:
    """Return the steps of a need in a state. lacks_place: whether the page asks where it is. twins: whether the page shows
    needs that may be the same."""
    states = possible_states(state, Actor.DISPATCHER)
    plain = tuple([(each.value, BUTTONS[each]) for each in states if each not in REASONS])
    closing = tuple([each for each in states if each in REASONS and (twins or each != NeedState.DUPLICATE)])
    return Steps(plain, closing, _primary(NeedState(state), plain=bool(plain), closing=bool(closing), asks=lacks_place))


def _primary(state: NeedState, *, plain: bool, closing: bool, asks: bool) -> Primary | None:
    if asks and plain:
        return Primary.PLACE
    if state in (NeedState.OPEN, NeedState.PARTLY_MET):
        return Primary.GIVE
    if plain:
        return Primary.STEP
    return Primary.CLOSE if closing else None
