"""“Tours only” has at most six entries in any menu, for every role and on every device."""

from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from solidarity.lib.site.features import Preset
from tests.access.doors import COLUMNS, AccessWorld
from tests.access.test_presets import choose
from volunteers.enums import Duty, Role
from volunteers.models import Assignment, Membership, Territory

MOST = 6


STARTS = {("nav", "site-nav"), ("nav", "bottom-bar"), ("div", "menu__panel"), ("ul", "menu-part__list")}


class Menus(HTMLParser):
    """The entries of each menu of a page: of the bar, of the bar of phones, and of each menu that opens. A menu inside a
    menu is one entry of the outer one. The choice of a language is no menu."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.menus: list[list[str]] = []
        self._open: list[list[str] | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("nav", "div", "ul"):
            starts = any((tag, name) in STARTS for name in (given.get("class") or "").split())
            self._open.append([] if starts else None)
            if starts and self._open[-1] is not None:
                self.menus.append(self._open[-1])
        elif tag in ("a", "summary", "button") and given.get("name") != "language":
            inner = next((menu for menu in reversed(self._open) if menu is not None), None)
            if inner is not None:
                inner.append(given.get("href") or tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("nav", "div", "ul") and self._open:
            self._open.pop()


def menus_of(client: Client) -> list[list[str]]:
    """Return the menus of a page with “Tours only”."""
    cache.clear()
    choose(Preset.TOURS)
    menus = Menus(client.get("/about/").content.decode()).menus
    assert len(menus) >= 3  # the bar, the bar of phones, and what it opens
    return menus


@pytest.mark.django_db
@pytest.mark.parametrize("role", COLUMNS)
def test_tours_only_has_at_most_six_entries_in_any_menu(access_world: AccessWorld, role: str) -> None:
    clients, _ids, _accounts = access_world
    with transaction.atomic():
        menus = menus_of(clients[role])
        transaction.set_rollback(True)
    assert {"/map/", "/map/public/"} & set(menus[0])
    assert [menu for menu in menus if len(menu) > MOST] == []


@pytest.mark.django_db
def test_the_one_person_who_does_everything_has_no_longer_bar(access_world: AccessWorld) -> None:
    clients, _ids, accounts = access_world
    person, dispatcher = accounts["administrator"], accounts["dispatcher"]
    assert person is not None and dispatcher is not None
    with transaction.atomic():
        association = dispatcher.memberships.get().association
        Membership.objects.create(user=person, association=association, role=Role.DISPATCHER)
        for duty in (Duty.DISPATCHER, Duty.COORDINATOR):
            Assignment.objects.create(user=person, territory=Territory.objects.get(slug="nord"), duty=duty)
        bar, account, run_this_site, tabs, *_phone = menus_of(clients["administrator"])
        transaction.set_rollback(True)
    assert "/tours/" in bar and "/map/dashboard/" in bar and "/conversations/" in account
    assert "/moderation/" in run_this_site and "/encounters/new/" in tabs
    assert max(map(len, (bar, account, run_this_site, tabs))) <= MOST
