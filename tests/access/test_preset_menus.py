"""“Tours only” has at most six entries in any menu, for every role and on every device."""

from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import transaction

from solidarity.lib.site.features import Preset
from tests.access.doors import COLUMNS, AccessWorld
from tests.access.test_presets import choose

MOST = 6


class Menus(HTMLParser):
    """The entries of each menu of a page: of the bar, of each menu that opens, and of the bar of phones. Entries of a menu
    inside a menu belong to the inner one, which is one entry of the outer one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.menus: list[list[str]] = []
        self._open: list[tuple[str, bool]] = []
        self._stack: list[int] = []
        self._entry = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("nav", "div", "details", "a", "button", "summary", "li"):
            return
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        starts = (tag == "nav" and bool({"site-nav", "bottom-bar"} & set(classes))) or "menu__panel" in classes
        if starts:
            self.menus.append([])
            self._stack.append(len(self.menus) - 1)
        if tag in ("nav", "div"):
            self._open.append((tag, starts))
        if self._stack and tag in ("a", "button", "summary"):
            self.menus[self._stack[-1]].append(given.get("href") or tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("nav", "div") and self._open:
            _tag, started = self._open.pop()
            if started:
                self._stack.pop()


@pytest.mark.django_db
@pytest.mark.parametrize("role", COLUMNS)
def test_tours_only_has_at_most_six_entries_in_any_menu(access_world: AccessWorld, role: str) -> None:
    clients, _ids, _accounts = access_world
    cache.clear()
    choose(Preset.TOURS)
    with transaction.atomic():
        page = clients[role].get("/about/").content.decode()
        transaction.set_rollback(True)
    menus = Menus(page).menus
    assert len(menus) >= 3  # the bar, the bar of phones, and what it opens
    assert [menu for menu in menus if len(menu) > MOST] == []
    assert any(menu for menu in menus)
