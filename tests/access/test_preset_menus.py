"""“Tours only” has at most six entries in any menu, for every role and on every device."""

from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import transaction

from solidarity.lib.site.features import Preset
from tests.access.doors import COLUMNS, AccessWorld
from tests.access.test_presets import choose

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
    assert "/" in menus[-2] and "/map/public/" in str(menus) or "/map/" in menus[0]
    assert [menu for menu in menus if len(menu) > MOST] == []
