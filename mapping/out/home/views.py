"""The start page and the page about the site."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from mapping.map.releases import reading
from mapping.out.home import (
    coordinator_cards,
    desk_cards,
    legends,
    lending_cards,
    member_cards,
    volunteer_cards,
    waiting,
    who_sees_what,
)
from mapping.out.home.cards import Card, Order, Roles, in_order, roles_of
from solidarity.lib.http.kept_pages import kept
from solidarity.lib.languages import in_public_languages_without_account
from solidarity.lib.site import features
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties
from volunteers.site.setup_checklist import checklist

MOST_OPEN = 3
"""Number of cards that are open besides those about danger."""


@dataclass(frozen=True, slots=True)
class Work:
    """The home page of a person."""

    roles: Roles
    cards: list[Card]

    @property
    def first(self) -> list[Card]:
        """The cards that the page shows: danger, and the most urgent others."""
        return self.cards[: self._number]

    @property
    def others(self) -> list[Card]:
        """The cards in the fold below."""
        return self.cards[self._number :]

    @property
    def _number(self) -> int:
        return MOST_OPEN + sum(card.order == Order.DANGER for card in self.cards)


def work_of(viewer: Viewer, remembered: str | None, now: datetime) -> Work:
    """Return the home page of a person. remembered: slug of the territory that they viewed last."""
    waits = waiting.for_person(viewer.user_or_404, now)
    roles = roles_of(viewer, based=waits.based)
    cards: list[Card] = []
    if roles.reads_alarms:
        cards += desk_cards.alarm_card(viewer)
    if roles.member:
        cards += member_cards.cards_for(viewer, waits, now)
    if roles.dispatcher and features.is_on("desk"):  # the cards log that their rows were read
        cards += desk_cards.cards_for(viewer, now)
    if roles.coordinator:
        cards += coordinator_cards.cards_for(viewer, remembered, now)
    if roles.administrator:
        if missing := checklist.open_items():
            cards.append(Card("mapping/home/card_setup.html", Order.QUEUE, {"missing": missing}))
        cards.append(Card("mapping/home/card_administrator.html", Order.STANDING))
    cards += volunteer_cards.cards_for(viewer, roles, waits, now)
    cards += lending_cards.cards_for(viewer, roles, waits, now)
    return Work(roles, in_order([card for card in cards if features.has("cards", card.name)]))


@kept
@in_public_languages_without_account
def home(request: HttpRequest) -> HttpResponse:
    """The start page: visitors see how to begin, and people with an account see what they have to do now. The home of a
    dispatcher on duty is the desk."""
    if not request.user.is_authenticated:
        return render(request, "home.html")
    reader = cast(Request, request)
    if _is_on_duty(reader.viewer):
        return redirect("needs:triage")
    return _work(reader)


def _is_on_duty(viewer: Viewer) -> bool:
    """Whether somebody works at the desk now."""
    if not features.is_on("desk"):
        return False
    return roles_of(viewer, based=False).dispatcher and duties.shift_of(viewer.user_or_404) is not None


def _work(request: Request) -> HttpResponse:
    """The page of somebody with an account: cards, the most urgent first."""
    now = timezone.now()
    work = work_of(request.viewer, request.session.get(reading.SESSION_KEY), now)
    context = {"work": work, "now": now, "legend": legends.of_reader(request.viewer)}
    return render(request, "home.html", context)


@kept
@in_public_languages_without_account
def about(request: HttpRequest) -> HttpResponse:
    """Explain the purpose of the site, its use of personal data, and who sees what."""
    return render(request, "about.html", {"sights": who_sees_what.in_words(), "legend": legends.of_site()})
