"""Telephone calls in Chromium: one entered by keyboard alone, with counted keys, and one by touch about a danger."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import Channel, NeedState
from needs.models import DangerAlarm, Need
from solidarity.lib.field_encryption import decrypt
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL, PHONE = {"width": 360, "height": 640}, {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NUMBER, ADDRESS, WORDS = "0612345678", "12 rue de la Gare", "no blanket, sleeps outside"
POSITIONS = "(parts) => parts.map((part) => getComputedStyle(part).position)"
STORED = """() => [localStorage, sessionStorage].map((store) => JSON.stringify({...store}))"""


class Keys:
    """A keyboard that counts the control keys and characters."""

    def __init__(self, page: Page) -> None:
        self.page, self.controls, self.characters = page, 0, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.controls += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.characters += len(text)


@pytest.mark.parametrize(("language", "letter"), [("en", "b"), again("fr", "c")])
@pytest.mark.repetition
def test_a_call_by_keyboard_alone_takes_eighteen_keys_besides_its_words(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, letter: str
) -> None:
    twin = reported((48.8600, 2.3500), kinds=["blanket"], urgency="now", place_text="12, rue de la Gare")
    page = enter(browser, cast.carol, DESK, locale=f"{language}-{language.upper()}")
    page.goto(f"{live_server.url}/triage/")
    expect(page.locator("html[data-keys]")).to_have_count(1)
    keys = Keys(page)
    keys.press("c")
    gate = page.locator("input[name=gate]")
    expect(gate.first).to_be_focused()
    expect(page.locator("[data-place-map][data-ready]")).to_have_count(1)
    keys.press("ArrowUp", "Enter")  # the answer "none of these"
    expect(page.locator("input[name=gate][value=none]")).to_be_checked()
    keys.write(NUMBER)
    keys.press("Enter", "Enter", "Enter")  # this leaves the time to call back and the name empty
    expect(page.locator("[name=place_text]")).to_be_focused()
    keys.write(ADDRESS)

    # A reload in the middle of the call loses nothing. The draft is kept only in this tab.
    page.wait_for_function("(text) => JSON.stringify({...sessionStorage}).includes(text)", arg=ADDRESS)
    kept, in_tab = page.evaluate(STORED)
    assert NUMBER not in kept and ADDRESS not in kept and NUMBER in in_tab
    page.reload()
    expect(page.locator("[name=number]")).to_have_value(NUMBER)
    expect(page.locator("[data-place-map][data-ready]")).to_have_count(1)
    page.locator("[name=place_text]").focus()

    keys.press("Enter", "Enter")  # this goes to the map and zooms in on its middle
    expect(page.locator("[data-place][data-zoomed]")).to_have_count(1)
    keys.press("Enter")  # this sets the pin there
    expect(page.locator("[data-place][data-chosen]")).to_have_count(1)
    keys.press(letter, "Space", "Enter")
    expect(page.locator("[name=kinds][value=blanket]")).to_be_checked()
    expect(page.locator("[data-call-similar] a")).to_have_attribute("href", f"/triage/{twin.pk}/")
    expect(page.locator("[data-call-similar]")).not_to_contain_text("Gare")
    keys.press("Space", "Enter", "Space", "Enter", "Enter")  # this chooses “today”, for the caller, one person
    expect(page.locator("[name=text]")).to_be_focused()
    keys.write(WORDS)
    no_sideways(page)
    shot(page, f"call_1440-{language}")
    assert serious(page, axe) == []
    assert not Need.objects.filter(channel=Channel.PHONE).exists()  # Enter never sent the form
    keys.press("Control+Enter")
    page.wait_for_url(re.compile("/triage/calls/[0-9a-f-]{36}/"))
    need = Need.objects.get(channel=Channel.PHONE)
    assert (need.state, need.kinds, need.urgency, need.origin) == (NeedState.VERIFIED, ["blanket"], "now", "self")
    assert need.contact is not None and decrypt(need.contact) == NUMBER
    assert need.cell is not None and (need.place_text, need.text) == (ADDRESS, WORDS)
    page.wait_for_function("(text) => !JSON.stringify({...sessionStorage}).includes(text)", arg=NUMBER)
    assert (keys.controls, keys.characters) == (18, len(NUMBER + ADDRESS + WORDS))
    shot(page, f"call_saved-1440-{language}")
    assert serious(page, axe) == []


def fits_phones(page: Page, name: str) -> None:
    """Assert that the page is not wider than the phones. Afterwards the window has the size of the smaller phone."""
    for size in (PHONE, SMALL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        no_sideways(page)
        lang = page.locator("html").get_attribute("lang")
        shot(page, f"call_{name}-{size['width']}-{lang}", whole=name != "refused")


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), again("fr", "light")])
def test_danger_shows_the_numbers_while_the_caller_speaks(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, scheme: str
) -> None:
    page = enter(browser, cast.carol, SMALL, color_scheme=scheme, has_touch=True, locale=f"{language}-FR")
    page.goto(f"{live_server.url}/triage/calls/new/")
    numbers = page.locator("[data-call-danger]")
    expect(numbers).to_be_hidden()
    page.locator("[name=text]").fill("the tent is on fire")
    expect(numbers.locator("[data-danger-lines=fire]")).to_be_visible()
    page.locator("[name=text]").fill("")
    expect(numbers).to_be_hidden()
    page.locator("label", has=page.locator("[name=gate][value=minor]")).tap()
    expect(numbers.locator("[data-danger-lines=child_alone]")).to_be_visible()
    expect(page.locator("[name=urgency][value=now]")).to_be_checked()
    fits_phones(page, "danger")
    assert serious(page, axe) == []

    # The call is refused by mistake. The page asks for the reason, and keeps what was typed.
    page.locator(".intake__refuse > summary").tap()
    expect(page.locator("button[value=rejected]")).to_be_in_viewport()  # below the form, not over it
    assert page.locator(".intake__bar, .intake__why").evaluate_all(POSITIONS) == ["static", "static"]
    page.locator("button[value=rejected]").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[name=gate][value=minor]")).to_be_checked()
    fits_phones(page, "refused")
    page.locator("[name=place_text]").fill("under the bridge")
    page.locator("label", has=page.locator("[name=kinds][value=shelter]")).tap()
    page.locator("label", has=page.locator("[name=origin][value=citizen]")).tap()
    page.locator("button[value=verified]").tap()
    expect(page.locator(".danger-lane")).to_be_visible()
    fits_phones(page, "saved")
    need = Need.objects.get()
    assert need.state == NeedState.VERIFIED
    assert DangerAlarm.objects.get(need=need).flags == ["child_alone"]

    # Sign-out deletes the draft of the next call, which only this tab has.
    page.goto(f"{live_server.url}/triage/calls/new/")
    page.locator("[name=number]").fill(NUMBER)
    page.wait_for_function("(text) => JSON.stringify({...sessionStorage}).includes(text)", arg=NUMBER)
    page.goto(f"{live_server.url}/accounts/logout/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(f"{live_server.url}/$"))
    assert NUMBER not in "".join(page.evaluate(STORED))


def test_a_call_is_saved_without_javascript_and_enter_in_a_field_sends_nothing(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.carol, DESK, java_script_enabled=False)
    page.goto(f"{live_server.url}/triage/calls/new/")
    for name, value in (("gate", "none"), ("kinds", "food"), ("urgency", "soon"), ("origin", "self")):
        page.locator("label", has=page.locator(f"[name={name}][value={value}]")).click()
    page.locator("[name=place_text]").fill("under the bridge")
    page.locator("[name=place_text]").press("Enter")
    page.locator("[name=number]").fill(NUMBER)
    page.locator("[name=number]").press("Enter")
    with page.expect_navigation(url=re.compile("/triage/calls/[0-9a-f-]{36}/")):
        page.locator("button[value=verified]").click()
    need = Need.objects.get()  # pressing Enter twice sent nothing
    assert need.contact is not None and (decrypt(need.contact), need.kinds) == (NUMBER, ["food"])


def test_a_call_that_was_refused_says_that_what_was_typed_is_kept(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.carol, DESK)
    page.goto(f"{live_server.url}/triage/calls/new/")
    page.locator("[name=place_text]").fill(ADDRESS)
    page.locator("[data-call-end=verified]").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("[name=place_text]")).to_have_value(ADDRESS)
    expect(page.locator("[data-draft-state]")).to_have_text("Kept in this tab")
