"""An offer of help in Chromium: somebody whom no association knows offers, a dispatcher allows it, the place opens."""

import re

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Commitment, HelpOffer
from tests.browser_checks import no_sideways
from tests.needs.exact_places.place_cases import HERE, needs
from tests.support import Cast, Enter
from volunteers.people.availability import offers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_offer_is_allowed_and_opens_the_place(
    cast: Cast, browser: Browser, live_server: LiveServer, enter: Enter
) -> None:
    offers.store(cast.greta, offers.Availability(base=HERE))
    [need] = needs(1, place_text="behind the third tree")
    greta = enter(browser, cast.greta, {"width": 360, "height": 640})
    greta.goto(f"{live_server.url}/open/{need.pk}/")
    greta.locator("#offer > summary").click()
    expect(greta.get_by_role("link", name="Ask an association to vouch for you")).to_be_visible()
    expect(greta.get_by_role("button", name="I take care of it")).to_have_count(0)
    no_sideways(greta)
    greta.get_by_label("A few words to the dispatcher").fill("I have blankets")
    greta.get_by_label("I have read these rules").check()
    greta.get_by_role("button", name="Offer to help").click()
    expect(greta.get_by_role("heading", name="You offered to help")).to_be_visible()
    assert HelpOffer.objects.get().text == "I have blankets"

    carol = enter(browser, cast.carol, {"width": 1440, "height": 900})
    carol.goto(f"{live_server.url}/triage/{need.pk}/")
    panel = carol.get_by_role("region", name="Offers of help")
    expect(panel).to_contain_text("I have blankets")
    panel.get_by_role("button", name=re.compile("^Allow")).click()
    expect(carol.get_by_text("The volunteer can take this need now.")).to_be_visible()

    greta.reload()
    greta.locator("#take > summary").click()
    greta.get_by_label("I have read these rules").check()
    greta.get_by_role("button", name="I take care of it").click()
    expect(greta.get_by_text("Today you have seen 0 of 5 exact places.")).to_be_visible()
    greta.get_by_role("link", name="See the place").click()
    expect(greta.get_by_text("behind the third tree")).to_be_visible()
    assert Commitment.objects.get().volunteer == cast.greta
