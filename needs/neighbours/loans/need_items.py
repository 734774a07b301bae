"""Items that can answer a need: counting them near the need, and marking the need as met after a hand-over."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import Category, NeedState, OutcomeReason
from needs.help.commitments import ending
from needs.models import Commitment, Item, Loan, Need
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.item_kinds import ItemCategory
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_people, piece_calendar
from needs.neighbours.loans.loan_refusals import LoanRefusal, LoanRefused
from volunteers.people.accounts.viewer import Viewer

_I = ItemCategory
FITTING: dict[str, tuple[ItemCategory, ...]] = {
    Category.BLANKET: (_I.SLEEPING_BAG, _I.BLANKET, _I.MAT),
    Category.TENT: (_I.TENT, _I.SLEEPING_BAG, _I.MAT),
    Category.SHELTER: (_I.TENT, _I.SLEEPING_BAG, _I.HEATER, _I.COT),
    Category.CLOTHES: (_I.BACKPACK,),
    Category.FOOD: (_I.STOVE,),
    Category.HEALTH: (_I.CRUTCHES, _I.WHEELCHAIR),
    Category.TRANSPORT: (_I.STROLLER, _I.WHEELCHAIR, _I.CRUTCHES, _I.BICYCLE, _I.TROLLEY),
    Category.PHONE: (_I.PHONE, _I.POWER_BANK),
    Category.OTHER: (_I.STROLLER, _I.COT, _I.HEATER, _I.BACKPACK, _I.TROLLEY, _I.TOOLS),
}
"""Kind of need → categories of items that can answer it."""
MOST = 12
WITHIN = 10_000
"""Metres between the cells of the need and of the item; one of distance_bands.LIMITS."""
HANDED = (LoanState.HANDED_OVER, LoanState.LATE, LoanState.KEPT)


@dataclass(frozen=True, slots=True)
class NearItem:
    """An item near a need. band: number of the distance band in distance_bands.LABELS; distances are measured from cell
    to cell. free: number of pieces that are free today."""

    item: Item
    band: int
    free: int

    @property
    def far(self) -> str:
        return str(distance_bands.LABELS[self.band])


@dataclass(frozen=True, slots=True)
class NearCategory:
    """The items of one category near a need. free: number of pieces that are free today."""

    category: ItemCategory
    items: Sequence[NearItem]

    @property
    def free(self) -> int:
        return sum(row.free for row in self.items)


def near_need(viewer: Viewer, need: Need) -> list[NearCategory]:
    """Return the items that can answer a need today, by category, the nearest band first.

    Check first that the viewer may see the need. The distances are measured from cell to cell, never from the exact
    place of the need or of the owner.
    """
    wanted = {item for kind in need.kinds if kind not in need.met_kinds for item in FITTING.get(kind, ())}
    if not wanted or need.cell is None:
        return []
    user = viewer.user_or_404
    rows = loan_people.lendable_to(user).filter(category__in=wanted)
    rows = rows.filter(cell__in=distance_bands.cells_within(need.cell, WITHIN)).exclude(pk__in=Item.objects.of(user))
    found = list(rows.select_related("association").order_by("pk")[: MOST * 10])
    free = piece_calendar.free_on(found, timezone.localdate())
    near = [NearItem(each, distance_bands.band_between(need.cell, each.cell) or 0, free[each.pk]) for each in found]
    near.sort(key=lambda row: row.band)
    groups: dict[str, list[NearItem]] = {}
    for row in [row for row in near if row.free][:MOST]:
        groups.setdefault(row.item.category, []).append(row)
    return [NearCategory(ItemCategory(category), rows) for category, rows in groups.items()]


def kinds_met_by(loan: Loan, need: Need) -> list[str]:
    """Return the kinds of a need that a loan can meet; kinds without a fitting category of items are never guessed."""
    return [kind for kind in need.kinds if loan.item.category in FITTING.get(kind, ()) and kind not in need.met_kinds]


def can_meet(viewer: Viewer, loan: Loan) -> list[str]:
    """Return the kinds of the linked need that the viewer may mark as met; none before the item is handed over."""
    need = loan.need
    if need is None or loan.state not in HANDED:
        return []
    kinds = kinds_met_by(loan, need)
    own = _held(viewer, need)
    if own is not None:
        parts = set(own.parts.filter(held=True).values_list("kind", flat=True))
        return [kind for kind in kinds if kind in parts]
    works_on = scope.needs_for(viewer).live().filter(pk=need.pk).exists()
    left = set(need.kinds) - set(need.met_kinds)
    closes = transitions.can(need.state, NeedState.MET, Actor.DISPATCHER)
    return kinds if works_on and closes and kinds and left <= set(kinds) else []


def meet(viewer: Viewer, loan: Loan) -> list[str]:
    """Mark the kinds of a need that its loan meets, and return them.

    The kinds are marked through the person's commitment; without a commitment, a dispatcher can close the need if the
    loan meets all kinds that are left. Raise LoanRefused (CHANGED) if there is nothing to mark.
    """
    with transaction.atomic():
        kinds = can_meet(viewer, loan)
        if not kinds or loan.need is None:
            raise LoanRefused(LoanRefusal.CHANGED)
        user, own = viewer.user_or_404, _held(viewer, loan.need)
        if own is not None:
            ending.mark_done(own.pk, user, kinds=kinds)
        else:
            transitions.move(loan.need.pk, NeedState.MET, Cause(Actor.DISPATCHER, user.pk, OutcomeReason.HELPED))
    return kinds


def _held(viewer: Viewer, need: Need) -> Commitment | None:
    return Commitment.objects.held_by(viewer.user_or_404, timezone.now()).filter(need=need).first()
