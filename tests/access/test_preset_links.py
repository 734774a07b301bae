"""Links under each preset: no page leads to a part of the site that is off."""

from html.parser import HTMLParser
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


def dead(html: str) -> set[str]:
    """Return the routes of parts that are off to which a page leads."""
    found = set()
    for path in Targets(html).found:
        try:
            route = resolve(path).route
        except Resolver404:
            continue
        if not features.has_route(route):
            found.add(route)
    return found


def read(client: Client, address: str) -> str:
    """Return the HTML of a page; an empty text for everything else."""
    with transaction.atomic():
        answer = client.get(address)
        transaction.set_rollback(True)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return answer.content.decode() if is_page and doors.kind_of(answer, address) == OPEN else ""


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
