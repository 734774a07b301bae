"""In Chromium on a phone: somebody requests a duty, a coordinator accepts with a tap, the new dispatcher goes on
duty."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser_checks import no_sideways, serious
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, Enter, dispatches

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}


def test_from_a_request_to_a_dispatcher_on_duty(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str
) -> None:
    dispatches(cast.carol, city.sud)
    reported((48.8700, 2.3500))
    reported(None, place_text="somewhere")
    bob, diane = enter(browser, cast.bob, PHONE), enter(browser, cast.diane, PHONE)

    bob.goto(f"{live_server.url}/territories/duties/ask/")
    expect(bob.get_by_label("Dispatcher")).to_be_checked()
    bob.get_by_label("Territory").select_option("nord")
    bob.get_by_role("button", name="Send the request").click()
    expect(bob.get_by_text("Your request is sent.")).to_be_visible()

    diane.goto(f"{live_server.url}/territories/duties/")
    no_sideways(diane)
    assert serious(diane, axe) == []
    diane.get_by_role("button", name="Accept Bob").click()
    expect(diane.get_by_text("The request is accepted.")).to_be_visible()

    bob.goto(f"{live_server.url}/triage/")
    bob.get_by_role("button", name="I am on duty").click()
    expect(bob.get_by_text("You are on duty", exact=True)).to_be_visible()
    no_sideways(bob)
    assert serious(bob, axe) == []
    expect(bob.locator("[data-row]")).to_have_count(2)
    bob.get_by_role("link", name="Not assigned").click()
    expect(bob.locator("[data-row]")).to_have_count(1)
