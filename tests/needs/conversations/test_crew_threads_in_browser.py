"""In a real Chromium, a crew reads a coordinator's message in tour mode."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.models import MessageRead
from needs.tours.tour_seats.crew_thread import AboutTour
from tests.browser_checks import no_sideways, serious, shot
from tests.conftest import until
from tests.mapping.home.evening import on_tour
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_message_is_shown_as_text_in_tour_mode_until_it_is_read(
    browser: Browser, city: City, cast: Cast, enter: Enter, live_server: LiveServer, axe: str
) -> None:
    tour = on_tour(cast.bob, cast.maraude)
    writing.write(AboutTour(tour), Speaker.COORDINATION, cast.diane, "<b>Forty</b> soups are left.")
    page = enter(browser, cast.bob, {"width": 360, "height": 640})
    page.goto(f"{live_server.url}/tours/tour-mode/")
    words = page.locator("[data-tour-words]")
    expect(words).to_contain_text("<b>Forty</b> soups are left.")
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, "tour-mode-message-360")
    words.get_by_role("button", name="I have read it").click()
    expect(words).to_be_hidden()
    until(lambda: MessageRead.objects.filter(user=cast.bob).exists(), 10, "the message is not marked as read")
