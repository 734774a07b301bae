"""In Chromium: a text is reported with two taps on a phone, and a coordinator hides it."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import ModerationCase
from tests.browser_checks import no_sideways, serious
from tests.needs.moderation.moderation_cases import thing
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1440, "height": 900}


def test_two_taps_report_a_text_and_a_coordinator_hides_it(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str
) -> None:
    item = thing(cast.greta, name="Poussette", about="Insults")
    alice, diane = enter(browser, cast.alice, PHONE), enter(browser, cast.diane, DESK)
    alice.goto(f"{live_server.url}/lending/items/{item.pk}/")
    alice.get_by_role("link", name="Report this").click()
    no_sideways(alice)
    assert serious(alice, axe) == []
    alice.locator("button[value=insult]").click()
    alice.wait_for_url("**/thanks/")
    assert serious(alice, axe) == []

    diane.goto(f"{live_server.url}/moderation/")
    assert serious(diane, axe) == []
    diane.locator(".case-line").click()
    expect(diane.locator(".case-text")).to_contain_text("Insults")
    diane.locator("label.choice:has(input[value=hidden])").click()
    diane.locator("[name=reason]").select_option("insult")
    assert serious(diane, axe) == []
    diane.get_by_role("button", name="Decide").click()
    expect(diane.locator(".case-line")).to_have_count(1)  # under "Decided"
    assert ModerationCase.objects.get().outcome == "hidden"

    gone = alice.goto(f"{live_server.url}/lending/items/{item.pk}/")
    assert gone is not None and gone.status == 404
