"""The needs that are assigned to a reader's groups, the nearest first. Distances and names are computed from cells
only."""

from collections.abc import Sequence
from dataclasses import dataclass

from needs.help.assignments.answering import may_decline
from needs.help.commitments import commitment_presenter
from needs.help.commitments.taking import free_kinds
from needs.help.nearby import nearby
from needs.models import AssignmentState, NeedAssignment
from volunteers.models import User
from volunteers.places.place_names import cell_names


@dataclass(frozen=True, slots=True)
class AssignedNeed:
    """A need as its group sees it, without its text and place.

    kinds: the kinds that are still free, or those that the group holds. where: the name of its cell or district.
    distance: metres from the reader's base to the cell, rounded to 100.
    """

    row: NeedAssignment
    kinds: Sequence[str]
    where: str
    distance: int | None
    may_decline: bool
    mine: bool

    @property
    def waits(self) -> bool:
        return self.row.state == AssignmentState.WAITING


def assigned_to(user: User) -> list[tuple[str, list[AssignedNeed]]]:
    """Return the live assignments of each of a person's groups: the assignments without an answer first, then the
    nearest."""
    live = NeedAssignment.objects.for_user(user).live()
    live = live.select_related("need__district", "association", "group", "commitment__volunteer")
    rows = list(live.order_by("at", "pk"))
    names = cell_names.lines(row.need.cell for row in rows)
    metres = nearby.distance_from(user)
    groups: dict[str, list[AssignedNeed]] = {}
    for row in sorted(rows, key=lambda row: (row.state != "waiting", _or_last(metres(row.need.cell)))):
        held = row.commitment
        district = row.need.district.name if row.need.district else ""
        groups.setdefault(row.whom, []).append(
            AssignedNeed(
                row,
                commitment_presenter.held_kinds(held) if held else free_kinds(row.need),
                names.get(row.need.cell or 0, "") or district,
                nearby.rounded(metres(row.need.cell)),
                may_decline(user, row),
                held is not None and held.volunteer_id == user.pk,
            )
        )
    return sorted(groups.items())


def _or_last(metres: float | None) -> float:
    return float("inf") if metres is None else metres
