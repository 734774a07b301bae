"""Links under each preset: no page leads to a part of the site that is off."""

import json
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from solidarity.lib.site import features
from solidarity.lib.site.features import Preset
from tests.access import doors, world
from tests.access.doors import OPEN, AccessWorld
from tests.access.test_matrix import ROUTES, TABLE
from tests.access.test_presets import PRESETS, choose, patterns

READERS = ("nobody", "volunteer", "member", "dispatcher", "coordinator", "administrator")
TARGETS = ("href", "action", "formaction", "src", "hx-get", "hx-post")


GAPS = {"{z}": "12", "{x}": "2074", "{y}": "1409", "KIND": "food", "KEY": "11111111-1111-4111-8111-111111111111"}
"""What scripts write into addresses."""


class Targets(HTMLParser):
    """The addresses to which a page leads: links, forms, parts that it fetches, addresses for its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and value.startswith("/") and (name in TARGETS or name.startswith("data-")):
                self.found.add(urlsplit(value).path)


def named_in(content: Any) -> set[str]:
    """Return the addresses in the content of a JSON answer."""
    if isinstance(content, str):
        return {urlsplit(content).path} if content.startswith("/") else set()
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return {path for each in inner for path in named_in(each)}


def dead(paths: set[str]) -> set[str]:
    """Return the routes of parts that are off to which addresses lead."""
    found = set()
    for path in paths:
        for gap, value in GAPS.items():
            path = path.replace(gap, value)
        try:
            route = resolve(path).route
        except Resolver404:
            continue
        if not features.has_route(route):
            found.add(route)
    return found


def read(client: Client, address: str) -> set[str]:
    """Return the addresses to which an answer leads: a page, a JSON answer, or a redirect."""
    with transaction.atomic():
        answer = client.get(address)
        transaction.set_rollback(True)
    if doors.kind_of(answer, address) != OPEN or answer.streaming:
        return set()
    if "Location" in answer.headers:
        return {urlsplit(answer.headers["Location"]).path}
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        return named_in(json.loads(answer.content))
    return Targets(answer.content.decode()).found if kind.startswith("text/html") else set()


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_no_page_leads_to_a_part_that_is_off(access_world: AccessWorld, preset: Preset) -> None:
    clients, ids, _accounts = access_world
    cache.clear()  # no part of a page that was kept while everything was on
    choose(preset)
    found = []
    for pattern in patterns(there=True):
        cells = TABLE[pattern].get(("here", "GET"), "")
        address = world.filled(ROUTES[pattern], ids["here"])
        for role in READERS:
            if cells and cells[doors.COLUMNS.index(role)] == OPEN:
                found += [f"{pattern} {role}: {route}" for route in sorted(dead(read(clients[role], address)))]
    assert not found, "\n".join(found)
