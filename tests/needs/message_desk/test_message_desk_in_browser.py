"""Unclear messages in Chromium: a dispatcher on a phone sends a question with one tap; a dispatcher at a desk files the
guessed need with another."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import NeedState
from needs.messages.channels.mail import fetching
from needs.messages.dialogue import message_reading
from needs.models import Need, OutboundMessage
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.channels.mail.conftest import voice_mail
from tests.needs.message_desk.message_cases import waiting
from tests.support import Cast, City, Enter, dispatches

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1440, "height": 900}


def test_a_dispatcher_asks_with_one_tap_and_files_the_guess_with_another(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str
) -> None:
    dispatches(cast.carol, city.nord)
    waiting(city.nord, language="en")
    phone = enter(browser, cast.carol, PHONE)
    phone.goto(f"{live_server.url}/triage/")
    phone.get_by_role("link", name="Messages 1").click()
    expect(phone.get_by_text("two people under the old bridge")).to_be_visible()
    phone.get_by_role("link", name="text message").click()
    no_sideways(phone)
    assert serious(phone, axe) == []
    phone.get_by_role("button", name="For how many people?").click()
    expect(phone.get_by_text("waiting to be sent")).to_be_visible()
    assert OutboundMessage.objects.get().by == cast.carol
    phone.context.close()

    page = enter(browser, cast.carol, DESK)
    page.goto(f"{live_server.url}/triage/?only=messages")
    page.get_by_role("link", name="text message").click()
    expect(page.locator("[data-place][data-chosen]")).to_have_count(1)
    expect(page.locator("[name=kinds][value=blanket]")).to_be_checked()
    no_sideways(page)
    assert serious(page, axe) == []
    page.get_by_role("button", name="Save as verified").click()
    expect(page.get_by_text("The need is saved.")).to_be_visible()
    assert Need.objects.get().state == NeedState.VERIFIED
    expect(page.get_by_role("link", name="Read the messages and answer")).to_be_visible()


@pytest.mark.repetition
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "locale"), [(PHONE, "fr-FR"), (DESK, "en-GB")])
def test_a_voice_message_is_on_top_and_its_page_says_that_nobody_has_heard_it(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str, size: dict[str, int],
    locale: str, scheme: str,
) -> None:  # fmt: skip
    waiting(None, language="en")
    fetching.take(voice_mail())
    message_reading.read_waiting()
    page = enter(browser, cast.carol, size, locale=locale, color_scheme=scheme)
    page.goto(f"{live_server.url}/triage/")
    row = page.locator(".desk-line").first
    expect(row.locator("use[href$='#sound']")).to_have_count(1)
    shot(page, f"voice_queue_{size['width']}_{locale[:2]}_{scheme}")
    no_sideways(page)
    assert serious(page, axe) == []
    row.locator("[data-row-link]").click()
    expect(page.locator(".message-line .alert-warning")).to_be_visible()
    shot(page, f"voice_page_{size['width']}_{locale[:2]}_{scheme}")
    no_sideways(page)
    assert serious(page, axe) == []
