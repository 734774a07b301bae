"""The home page in a browser: the first screen, links of each role, and fresh cards when somebody returns."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs.models import Need
from tests.browser_checks import no_sideways, serious, shot
from tests.mapping.home import evening
from tests.mapping.home.evening import alarm, busy_evening, secret
from tests.repetitions import again
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1440, "height": 900}
FIRST = {
    "alice": ("card_proposals", r"/proposals/#proposal-"),
    "bob": ("card_tour", r"/tours/[\w-]{36}/$"),
    "carol": ("card_danger", r"/desk/alarms/[\w-]{36}/$"),
    "diane": ("card_danger", r"/desk/alarms/[\w-]{36}/$"),
    "farid": ("card_danger", r"/desk/alarms/[\w-]{36}/$"),
    "greta": ("card_next", r"/welcome/"),
}
MANY_CARDS = [name if name == "carol" else again(name) for name in FIRST]
"""Carol has the most cards; test_home_cards opens the rows of every role without a browser."""


@pytest.fixture(autouse=True)
def one_factor(settings: Settings) -> None:
    settings.MFA_REQUIRED = False


@pytest.mark.parametrize("name", [name if name == "bob" else again(name) for name in FIRST])
def test_the_first_screen_of_a_phone_has_the_most_urgent_card_and_its_action_is_one_tap_away(
    city: City, cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer, axe: str, name: str
) -> None:
    busy_evening(city, cast)
    page = enter(browser, getattr(cast, name), PHONE)
    page.goto(live_server.url)
    card, address = FIRST[name]
    first = page.locator("[data-card]").first
    expect(first).to_have_attribute("data-card", card)
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"home-{name}-360")
    action = first.locator(".work-row, .work-card__do a, .btn").first
    box, bar = action.bounding_box(), page.locator(".bottom-bar").bounding_box()
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"]
    assert box["height"] >= 48
    action.click()
    expect(page).to_have_url(re.compile(address))
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("name", ["alice", again("bob"), "greta"])
def test_the_home_of_a_volunteer_answers_what_to_do_tonight_with_three_things(
    city: City, cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer, name: str
) -> None:
    busy_evening(city, cast)
    page = enter(browser, getattr(cast, name), {"width": 390, "height": 844})
    page.goto(live_server.url)
    assert page.locator("[data-card]:visible").count() <= 3
    assert page.locator("main a:visible").count() <= 15
    assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 844
    shot(page, f"home-{name}-390")
    page.locator(".work-others > summary").click()
    assert page.locator("[data-card]:visible").count() == page.locator("[data-card]").count()


@pytest.mark.parametrize("locale", ["fr-FR", again("en-GB"), again("ar")])
def test_a_stranger_finds_the_numbers_and_three_buttons_on_the_first_screen_of_a_phone(
    db: None, browser: Browser, live_server: LiveServer, axe: str, locale: str
) -> None:
    context = browser.new_context(viewport=PHONE, locale=locale)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.locator(".door")).to_have_count(3)
    bar = page.locator(".bottom-bar").bounding_box()
    assert bar
    for each in [*page.locator(".emergency a").all(), *page.locator(".door").all()]:
        box = each.bounding_box()
        assert box and box["height"] >= 44 and box["y"] + box["height"] <= bar["y"]
    assert page.locator("main a:visible").count() <= 10
    assert page.evaluate("document.documentElement.scrollHeight") <= 3 * PHONE["height"]
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"home-stranger-{locale[:2]}-360")
    context.close()


@pytest.mark.parametrize("name", MANY_CARDS)
@pytest.mark.repetition
def test_the_first_row_of_each_card_opens_the_thing(
    city: City, cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer, axe: str, name: str
) -> None:
    busy_evening(city, cast)
    page = enter(browser, getattr(cast, name), DESK)
    page.goto(live_server.url)
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"home-{name}-1440")
    cards = page.locator("[data-card]:has(a.work-row)")
    for place in range(cards.count()):
        page.locator(".work-others > summary").click()
        row = cards.nth(place).locator("a.work-row").first
        target = row.get_attribute("href") or ""
        row.click()
        expect(page).not_to_have_url(f"{live_server.url}/")
        expect(page.locator("h1")).to_be_visible()
        if "/map/notes/" not in target:  # the link redirects to the zone that contains the note now
            assert page.url == f"{live_server.url}{target}"
        page.goto(live_server.url)
        expect(page.locator("[data-work]")).to_be_visible()


@pytest.mark.repetition
def test_the_cards_are_fresh_when_somebody_comes_back(
    city: City, cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    evening.based(cast.alice)
    secret()
    page = enter(browser, cast.alice, PHONE)
    page.goto(live_server.url)
    expect(page.locator('[data-card="card_near"] .work-number b')).to_have_text("1")
    page.locator('[data-card="card_near"] .work-number').click()
    expect(page).to_have_url(re.compile("/open/"))
    secret(kinds=["water"])
    evening.proposed(Need.objects.latest("filed_at"), cast.alice)
    page.go_back()
    expect(page.locator('[data-card="card_near"] .work-number b')).to_have_text("2")
    expect(page.locator("[data-card]").first).to_have_attribute("data-card", "card_proposals")


def test_a_new_alarm_appears_without_a_reload_and_an_answered_one_goes(
    city: City, cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    page = enter(browser, cast.carol, DESK)
    page.clock.install()
    page.goto(live_server.url)
    expect(page.locator("[data-alarm-words]")).to_have_text("No alarm is waiting.")
    raised = alarm()
    page.clock.run_for(16_000)
    expect(page.locator('[data-card="card_danger"] .work-number b')).to_have_text("1")
    expect(page.locator("[data-alarm-words]")).to_have_text("One alarm is waiting.")
    _answer(page, live_server, str(raised.pk))
    page.clock.run_for(16_000)
    expect(page.locator('[data-card="card_danger"]')).to_have_count(0)


def _answer(page: Page, live_server: LiveServer, key: str) -> None:
    """Answer an alarm in another tab."""
    other = page.context.new_page()
    other.goto(f"{live_server.url}/desk/alarms/{key}/")
    other.locator('form[action="/desk/alarms/step/"] button').first.click()
    expect(other.locator(".danger-panel")).to_have_count(0)
    other.close()
