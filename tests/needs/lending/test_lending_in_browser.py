"""Lending and giving in a real Chromium: from the form of a thing to a neighbour's list, and to an agreed request."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Item, OfferRequest
from tests.browser_checks import no_sideways, serious
from tests.needs.lending.lending_cases import base, give, lend
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESKTOP = {"width": 360, "height": 640}, {"width": 1440, "height": 900}


def test_a_thing_is_lent_on_a_phone_and_found_by_words_nearby(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str
) -> None:
    base(cast.alice)
    base(cast.edith)
    lend(cast.bob, "blue tent", category="tent")
    phone = enter(browser, cast.alice, PHONE)
    phone.goto(f"{live_server.url}/lending/items/new/")
    phone.get_by_label("Describe it in a few words").fill("stroller for twins")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("alert")).to_contain_text("What is it?")
    no_sideways(phone)
    assert serious(phone, axe) == []
    phone.locator("label.choice", has_text="Stroller").click()
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("stroller for twins")
    assert Item.objects.filter(owner=cast.alice).count() == 1
    desk = enter(browser, cast.edith, DESKTOP)
    desk.goto(f"{live_server.url}/lending/")
    expect(desk.locator(".thing")).to_have_count(2)
    assert serious(desk, axe) == []
    desk.get_by_label("Words").fill("twins")
    desk.get_by_role("button", name="Search").click()
    expect(desk.locator(".thing")).to_have_count(1)
    expect(desk.locator(".thing")).to_contain_text("under 1 km")


@pytest.mark.repetition
def test_meals_are_asked_for_and_agreed_on_phones(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str
) -> None:
    base(cast.alice)
    give(cast.edith, title="hot soup")
    asks = enter(browser, cast.alice, PHONE)
    asks.goto(f"{live_server.url}/giving/")
    with asks.expect_navigation():  # the script of the page counts the meals
        asks.get_by_role("link", name="hot soup").click()
    asks.get_by_role("button", name="one more").click()
    asks.get_by_role("button", name="Ask for it").click()
    expect(asks.get_by_text("You asked for 2.")).to_be_visible()
    no_sideways(asks)
    assert serious(asks, axe) == []
    gives = enter(browser, cast.edith, PHONE)
    gives.goto(f"{live_server.url}/giving/{OfferRequest.objects.get().offer_id}/")
    gives.get_by_label("Where and when?").fill("at the station, 20:00")
    gives.get_by_role("button", name="Agree").click()
    expect(gives.get_by_role("button", name="It is given")).to_be_visible()
    assert serious(gives, axe) == []
    asks.reload()
    expect(asks.get_by_text("at the station, 20:00")).to_be_visible()
