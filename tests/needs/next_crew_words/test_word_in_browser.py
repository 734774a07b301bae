"""In a real Chromium, a team writes a word to the next crew at the end of a tour without a network."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import NextCrewWord
from tests.browser_checks import no_sideways, serious, shot
from tests.conftest import until
from tests.mapping.home.evening import on_tour, planned
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "The gate at the canal is locked after ten."


def test_a_word_written_without_a_network_reaches_the_next_crew(
    browser: Browser, city: City, cast: Cast, enter: Enter, live_server: LiveServer, axe: str
) -> None:
    on_tour(cast.bob, cast.maraude), planned(city.nord, cast.maraude)
    page = enter(browser, cast.bob, {"width": 390, "height": 844})
    page.goto(f"{live_server.url}/tours/tour-mode/")
    page.locator("[data-tour-mode][data-ready]").wait_for()
    page.context.set_offline(True)
    page.locator("[data-tour-end]").click()
    page.locator("[data-tour-finish]").click()
    page.get_by_text("Write a word to the next crew").click()
    page.get_by_label("Word to the next crew").fill(TEXT)
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, "word-after-tour-390")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-queue-saved]")).to_be_visible()
    page.context.set_offline(False)
    until(lambda: NextCrewWord.objects.filter(text=TEXT).exists(), 20, "the word did not arrive")
    other = enter(browser, cast.carol, {"width": 390, "height": 844})
    other.goto(f"{live_server.url}/tours/start/")
    other.get_by_role("button", name="I have read it").click()
    expect(other.get_by_text("read by 1 person")).to_be_visible()
