"""In Chromium on a phone: somebody asks to join a group, and its host accepts."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.neighbours.groups import group_membership
from tests.browser_checks import no_sideways, serious
from tests.needs.groups.test_groups import founded
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}


def test_from_a_request_to_a_member_of_a_group(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str
) -> None:
    group = founded(cast.bob, city.nord)
    alice, bob = enter(browser, cast.alice, PHONE), enter(browser, cast.bob, PHONE)
    alice.goto(f"{live_server.url}/join/")
    no_sideways(alice)
    assert serious(alice, axe) == []
    alice.get_by_role("link", name="Neighbours of the canal").click()
    alice.get_by_label("A few words about you").fill("I can cook")
    alice.get_by_role("button", name="Ask to join").click()
    expect(alice.get_by_text("You have asked to join.")).to_be_visible()

    bob.goto(f"{live_server.url}/join/requests/")
    assert serious(bob, axe) == []
    bob.get_by_role("button", name="Accept Alice").click()
    expect(bob.get_by_text("This person is a member now.")).to_be_visible()
    assert cast.alice in group_membership.members_of(group)

    alice.reload()
    expect(alice.get_by_role("heading", name="Members")).to_be_visible()
    no_sideways(alice)
    assert serious(alice, axe) == []
