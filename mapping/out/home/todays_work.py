"""The home page of somebody with an account: the cards of all their roles, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime

from mapping.out.home import coordinator_cards, desk_cards, lending_cards, member_cards, volunteer_cards, waiting
from mapping.out.home.cards import Card, Order, Roles, in_order, roles_of
from volunteers.people.accounts.viewer import Viewer
from volunteers.site.setup_checklist import checklist


@dataclass(frozen=True, slots=True)
class Work:
    """The home page of a person."""

    roles: Roles
    cards: list[Card]


def work_of(viewer: Viewer, remembered: str | None, now: datetime) -> Work:
    """Return the home page of a person. remembered: slug of the territory that they viewed last."""
    waits = waiting.for_person(viewer.user_or_404, now)
    roles = roles_of(viewer, based=waits.based)
    cards: list[Card] = []
    if roles.reads_alarms:
        cards += desk_cards.alarm_card(viewer)
    if roles.member:
        cards += member_cards.cards_for(viewer, waits, now)
    if roles.dispatcher:
        cards += desk_cards.cards_for(viewer, now)
    if roles.coordinator:
        cards += coordinator_cards.cards_for(viewer, remembered, now)
    if roles.administrator:
        if missing := checklist.open_items():
            cards.append(Card("mapping/home/card_setup.html", Order.QUEUE, {"missing": missing}))
        cards.append(Card("mapping/home/card_administrator.html", Order.STANDING))
    cards += volunteer_cards.cards_for(viewer, roles, waits, now)
    cards += lending_cards.cards_for(viewer, roles, waits, now)
    return Work(roles, in_order(cards))
