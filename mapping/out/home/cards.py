"""Cards of the home page: what the reader has to do now, the most urgent first."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing
from volunteers.people.roles.standing import is_coordinator


class Order(IntEnum):
    """Position of a card. Cards with the same position are sorted by deadline, then in the order in which they are
    made."""

    DANGER = 0
    OWN_TOUR = 1
    DEADLINE = 2
    CALLS = 3
    QUEUE = 4
    TONIGHT = 5
    NEARBY = 6
    STANDING = 7
    NEWS = 8
    EMPTY = 9


@dataclass(frozen=True, slots=True)
class Card:
    """A card. template: the template that renders ``content``. until: the earliest deadline in the card. wide: True if
    the card is as wide as the page."""

    template: str
    order: Order
    content: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    wide: bool = False

    @property
    def name(self) -> str:
        """The name of the card, for its id: the name of its template."""
        return self.template.rpartition("/")[2].removesuffix(".html")


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles in which somebody reads the home page. All fields are False while the person uses “view as”.

    based: True if they entered in their profile where they help.
    """

    member: bool
    dispatcher: bool
    coordinator: bool
    administrator: bool
    based: bool

    @property
    def only_volunteer(self) -> bool:
        return not (self.member or self.dispatcher or self.coordinator or self.administrator)

    @property
    def helps(self) -> bool:
        """Whether the page shows needs and tours near the reader. It shows them to volunteers, and to
        other people who entered a place."""
        return self.only_volunteer or self.based

    @property
    def reads_alarms(self) -> bool:
        return self.dispatcher or self.coordinator or self.administrator


def roles_of(viewer: Viewer, *, based: bool) -> Roles:
    """Return the roles of a person in the view that they chose."""
    user = viewer.user_or_404
    if viewer.view_as is not None:
        return Roles(False, False, False, False, based)
    own = standing.of(user)
    return Roles(
        member=own.member,
        dispatcher=own.dispatches,
        coordinator=is_coordinator(user),
        administrator=user.is_administrator,
        based=based,
    )


def in_order(cards: list[Card]) -> list[Card]:
    """Return cards, the most urgent first."""
    far = float("inf")
    return sorted(cards, key=lambda card: (card.order, card.until.timestamp() if card.until else far))
