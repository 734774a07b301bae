"""Cards for volunteers: proposals, commitments, tours with places, needs near them, and what changed.

Places are no more exact than cells: the cards show distances to cells, never an address.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mapping.out.home import recent_changes
from mapping.out.home.cards import Card, Order, Roles
from mapping.out.home.waiting import Waiting
from mapping.plans.tour_plans import seat_offers
from mapping.plans.tour_plans.seat_offers import SeatOffer
from needs.help.commitments import commitment_presenter
from needs.help.matching import match_presenter
from needs.help.nearby import nearby
from needs.help.nearby.nearby import Nearby, Wanted
from needs.models import AssignmentState, NeedAssignment
from needs.neighbours.welcome import first_steps
from solidarity.lib.site import features
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.vouching.vouching import is_vouched
from volunteers.places.place_names import cell_names

MOST_ROWS = 3
SOON = timedelta(hours=24)
OF_TOURS = ("tour_added", "tour_cancelled")
"""Changes of tours; all other changes are about needs."""


def cards_for(viewer: Viewer, roles: Roles, waits: Waiting, now: datetime) -> Iterator[Card]:
    """Yield the cards of a person as a volunteer. People with other roles get only the cards that concern them."""
    yield from _proposals(viewer, roles, waits, now)
    if waits.assigned:
        yield from _assigned(viewer)
    yield from _commitments(viewer, roles, waits)
    offers = seat_offers.offers_for(viewer, now) if waits.tours and features.is_on("tours") else []
    may_join = seat_offers.may_join(viewer)
    yield from _seats(offers, roles, now, may_join=may_join)
    upcoming = first_steps.what_next(viewer)
    if upcoming is not None:
        yield Card("mapping/home/card_next.html", Order.NEARBY, {"next": upcoming})
    near = nearby.open_needs(viewer, Wanted()) if roles.helps and features.is_on("desk") else []
    if near or (roles.helps and (roles.based or upcoming is None)):
        yield _near(near, roles)
    changes = recent_changes.changes_for(viewer, near if roles.helps else None, offers, waits, now)
    changes = [change for change in changes if features.is_on("tours" if change.what in OF_TOURS else "desk")]
    if changes or (roles.only_volunteer and (features.is_on("desk") or features.is_on("tours"))):
        order = Order.NEWS if changes else Order.EMPTY
        content = {"changes": changes, "may_join": may_join}
        yield Card("mapping/home/card_changes.html", order, content)


def _proposals(viewer: Viewer, roles: Roles, waits: Waiting, now: datetime) -> Iterator[Card]:
    rows = match_presenter.own_proposals(viewer.user_or_404, now) if waits.proposals else []
    if rows:
        content = {"number": len(rows), "rows": rows[:MOST_ROWS]}
        yield Card("mapping/home/card_proposals.html", Order.DEADLINE, content, rows[0].proposal.expires_at)
    elif roles.only_volunteer and roles.based:
        yield Card("mapping/home/card_proposals.html", Order.EMPTY, {"number": 0, "rows": []})


def _assigned(viewer: Viewer) -> Iterator[Card]:
    """Needs that the desk assigned to the reader's associations and relief groups, until somebody answers."""
    waiting = NeedAssignment.objects.for_user(viewer.user_or_404).filter(state=AssignmentState.WAITING)
    if number := waiting.count():
        yield Card("mapping/home/card_assigned.html", Order.DEADLINE, {"number": number})


def _commitments(viewer: Viewer, roles: Roles, waits: Waiting) -> Iterator[Card]:
    user = viewer.user_or_404
    held = list(commitment_presenter.held_by(user)) if waits.held else []
    decide = list(commitment_presenter.to_decide(user)) if waits.to_decide else []
    if held or decide:
        first = min([each.expires_at for each in held] + [hand.commitment.expires_at for hand in decide])
        content = {"rows": held, "number": len(held), "decide": decide}
        yield Card("mapping/home/card_commitments.html", Order.DEADLINE, content, first)
    elif roles.only_volunteer and is_vouched(user):
        yield Card("mapping/home/card_commitments.html", Order.EMPTY, {"rows": [], "number": 0})


def _seats(offers: list[SeatOffer], roles: Roles, now: datetime, *, may_join: bool) -> Iterator[Card]:
    mine = [offer for offer in offers if offer.mine]
    if not mine and not roles.helps:
        return
    rows = [*mine, *(offer for offer in offers if not offer.mine and offer.free)]
    soon = bool(mine) and mine[0].plan.start <= now + SOON
    order = Order.TONIGHT if soon else Order.NEARBY if offers else Order.EMPTY
    content = {"rows": rows[:MOST_ROWS], "number": len(offers), "may_join": may_join}
    yield Card("mapping/home/card_seats.html", order, content, mine[0].plan.start if soon else None)


def _near(near: list[Nearby], roles: Roles) -> Card:
    shown = near[:MOST_ROWS]
    names = cell_names.lines(row.cell for row in shown)
    rows = [(row, row.persons, names.get(row.cell or 0, "")) for row in shown]
    content = {"number": len(near), "rows": rows, "based": roles.based}
    return Card("mapping/home/card_near.html", Order.NEARBY if near else Order.EMPTY, content)
