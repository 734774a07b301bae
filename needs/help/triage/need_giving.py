"""What the panel “Give to…” of a need's page shows: the ways to give a need to somebody, and who has it now."""

from dataclasses import dataclass, field
from datetime import datetime

from needs.enums import TAKEABLE_STATES
from needs.help.commitments.taking import free_kinds
from needs.help.matching import ask_choices
from needs.help.nearby import nearby
from needs.help.nearby.nearby import Reach
from needs.models import Commitment, Need, NeedAssignment
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class WaysToGive:
    """Who has a need, and how the reader can give it to somebody.

    commitments: running commitments. mine: the reader's own one. assignment: the last assignment to a group. free: whether
    nobody has taken some of its kinds. in_reach: whether the reader can open the page on which the need is taken. ask:
    groups of choices of whom to ask.
    """

    commitments: list[Commitment]
    mine: Commitment | None
    assignment: NeedAssignment | None
    free: bool
    in_reach: bool
    ask: ask_choices.Choices = field(default_factory=list)

    @property
    def assigned(self) -> NeedAssignment | None:
        """The assignment that waits for an answer or is accepted."""
        return self.assignment if self.assignment is not None and self.assignment.settled_at is None else None

    @property
    def others(self) -> bool:
        """Whether somebody else holds a part of the need."""
        return any(own is not self.mine for own in self.commitments)


def ways_of(need: Need, reader: User, viewer: Viewer, now: datetime) -> WaysToGive:
    """Read the ways to give a need. viewer: the reader with their rights."""
    running = Commitment.objects.running(now).filter(need=need).select_related("volunteer", "association")
    commitments = list(running)
    rows = NeedAssignment.objects.filter(need=need).select_related("group", "association", "answered_by")
    return WaysToGive(
        commitments=commitments,
        mine=next((own for own in commitments if own.volunteer_id == reader.pk), None),
        assignment=rows.order_by("-at").first(),
        free=bool(free_kinds(need)),
        in_reach=_in_reach(need, viewer),
        ask=[] if need.is_finished else ask_choices.choices_for(need, reader, now),
    )


def _in_reach(need: Need, viewer: Viewer) -> bool:
    if need.state not in TAKEABLE_STATES:
        return False
    try:
        nearby.open_need(viewer, need.pk, reach=Reach(viewer, need.pk))
    except Need.DoesNotExist:
        return False
    return True
