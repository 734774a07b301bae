"""Every page that the access matrix opens has exactly one h1."""

import re

import pytest
from django.db import transaction

from tests.access import world
from tests.access.doors import AccessWorld
from tests.access.test_matrix import ROUTES, TABLE

ROLES = ("nobody", "volunteer", "dispatcher", "coordinator", "administrator")
SHARDS = 2


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.repetition
def test_every_page_has_one_main_heading(shard: int, access_world: AccessWorld) -> None:
    clients, ids, _accounts = access_world
    found: list[str] = []
    pages = 0
    for pattern in sorted(TABLE)[shard::SHARDS]:
        if ("here", "GET") not in TABLE[pattern] or pattern.startswith(("api/", "open311/", "admin/")):
            continue
        address = world.filled(ROUTES[pattern], ids["here"])
        for role in ROLES:
            with transaction.atomic():
                answer = clients[role].get(address)
                text = b"" if answer.streaming or answer.status_code != 200 else answer.content
                transaction.set_rollback(True)
            if not answer.get("Content-Type", "").startswith("text/html") or b"<html" not in text:
                continue
            pages += 1
            # Screens of tour mode replace each other; a script shows one of them.
            shown = re.sub(rb"<section\b[^>]* hidden>.*?</section>", b"", text, flags=re.DOTALL)
            headings = len(re.findall(rb"<h1\b", shown))
            if headings != 1 and b"data-tour-ending" not in text:
                found.append(f"{role} {address}: {headings}")
            assert headings <= 1, address
    assert pages > 40
    assert not found, "\n".join(found)
