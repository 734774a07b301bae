"""In a real Chromium, a message in a group is written without network, waits, and arrives once."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Group, GroupMember, Message
from tests.browser_checks import no_sideways, serious, shot
from tests.conftest import until
from tests.needs.conversations.message_cases import said
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_message_without_network_waits_in_the_thread_and_arrives_once(
    browser: Browser, city: City, cast: Cast, enter: Enter, live_server: LiveServer, axe: str
) -> None:
    group = Group.objects.create(name="Quartier Nord", territory=city.nord)
    for user in (cast.alice, cast.bob):
        GroupMember.objects.create(group=group, user=user)
    said("member", "Who has a van on Saturday?", group=group, author=cast.bob)
    page = enter(browser, cast.alice, {"width": 360, "height": 640})
    page.goto(f"{live_server.url}/conversations/")
    page.get_by_role("link", name="Quartier Nord").click()
    expect(page.get_by_text("Who has a van on Saturday?")).to_be_visible()
    page.wait_for_load_state("networkidle")
    box = page.get_by_role("button", name="Send").bounding_box()
    assert box is not None and box["height"] >= 44
    page.context.set_offline(True)
    page.get_by_label("Message").fill("I do, from ten.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".talk__one[data-waits]")).to_contain_text("waits for a connection")
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, "conversation-waits-360")
    assert Message.objects.count() == 1
    page.context.set_offline(False)
    until(lambda: Message.objects.filter(author=cast.alice).exists(), 30, "the message did not arrive")
    page.reload()
    expect(page.locator(".talk__one")).to_have_count(2)
    assert Message.objects.get(author=cast.alice).text == "I do, from ten."
