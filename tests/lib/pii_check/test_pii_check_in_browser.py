"""The PII check while typing in Chromium: it finds the same as the server, and its warning fits a phone."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Encounter
from solidarity.lib.pii_check.detection import Kind, find
from solidarity.ops.bench.protection.pii_corpus import corpus
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
AGREED_NAMES = 0.99


def test_browser_and_server_agree_on_the_whole_corpus(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = enter(browser, None, PHONE)
    page.goto(f"{live_server.url}/help/none/form/")
    texts = [each.text for each in corpus()]
    loader = page.locator("script[src*='pii_check/on-entry']").first.get_attribute("src")
    assert loader is not None
    module = loader.replace("on-entry", "pii-check")
    theirs = page.evaluate(
        "async ([module, texts]) => { const { find } = await import(module);"
        " return texts.map((text) => find(text).map(({ kind, words }) => [kind, words])); }",
        [module, texts],
    )
    differ: dict[str, int] = dict.fromkeys(Kind, 0)
    for text, their in zip(texts, theirs, strict=True):
        ours = find(text)
        for kind in Kind:
            mine = [each.words for each in ours if each.kind is kind]
            differ[kind] += mine != [words for other, words in their if other == kind]
    assert differ[Kind.NAME] <= (1 - AGREED_NAMES) * len(texts)
    assert {kind for kind in Kind if differ[kind]} <= {Kind.NAME}


def test_it_warns_in_french_while_typing_and_stops_when_the_text_changes(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str
) -> None:
    page = enter(browser, cast.bob, PHONE, locale="fr-FR", geolocation={"latitude": 48.8660, "longitude": 2.3500})
    page.goto(f"{live_server.url}/encounters/new/")
    note = page.locator("[name=note]")
    note.press_sequentially("Karim a froid", delay=5)
    box = page.locator(".field", has=note).locator(".pii-check")
    box.get_by_text("“Karim” ressemble à un nom").or_(box.get_by_text("ressemble à un nom")).first.wait_for()
    assert box.get_attribute("aria-live") == "polite"
    assert page.evaluate("document.activeElement.name") == "note"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    note.fill("un homme diabétique, il ne respire plus, 06 12 34 56 78")
    box.get_by_text("numéro").first.wait_for()
    assert box.get_attribute("data-kinds") == "phone"
    page.context.set_offline(True)
    note.fill("un homme diabétique")
    box.get_by_text("santé").first.wait_for()
    note.fill("un homme d’environ 40 ans a froid")
    note.blur()
    page.wait_for_function("() => document.querySelector('.pii-check')?.textContent === ''")
    page.context.set_offline(False)


def test_one_checkbox_confirms_the_text(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation={"latitude": 48.8660, "longitude": 2.3500})
    page.goto(f"{live_server.url}/encounters/new/")
    page.get_by_role("button", name=re.compile("my position|where I am", re.I)).first.click()
    page.locator("[data-place][data-chosen]").wait_for()
    page.locator("[name=note]").fill("Karim is cold")
    send = page.get_by_role("button", name=re.compile("^(save|file|log)", re.I)).last
    send.click()
    page.locator("[data-pii-held]").wait_for()
    page.wait_for_load_state()
    expect(page.locator("[name=note]")).to_have_value("Karim is cold")
    expect(page.locator(".pii-check:visible", has_text="looks like a name")).to_have_count(1)
    page.get_by_label("Send it as it is").check()
    page.get_by_role("button", name=re.compile("^(save|file|log)", re.I)).last.click()
    page.wait_for_url(re.compile("/encounters/[0-9a-f-]{36}/"))
    assert Encounter.objects.get().note == "Karim is cold"


def _note(page: Page, live_server: LiveServer) -> Locator:
    """Open the form of an encounter and return the field of the note, once the check has read its first text."""
    page.goto(f"{live_server.url}/encounters/new/")
    note = page.locator("[name=note]")
    note.fill("a man is cold")
    page.locator(".pii-check[data-kinds]").first.wait_for(state="attached")
    return note


def test_a_button_stays_under_the_mouse_that_presses_it_and_the_warning_follows(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    page = enter(browser, cast.bob, DESKTOP)
    note = _note(page, live_server)
    record = page.get_by_role("button", name="Record", exact=True)  # below the note, and not in the bar that stays
    record.evaluate(
        "(button) => window.addEventListener('click', (event) => { event.preventDefault();"
        " event.stopImmediatePropagation(); if (button.contains(event.target)) document.title = 'clicked'; }, true)"
    )
    record.hover()
    note.evaluate("(field) => { field.focus({ preventScroll: true }); field.value = 'Karim is cold'; }")  # no pause
    page.mouse.down()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.mouse.up()
    expect(page).to_have_title("clicked")
    expect(page.locator(".field", has=note).locator(".pii-check")).to_contain_text("Karim")


@pytest.mark.parametrize("button", ["left", "right"])
def test_the_warning_is_shown_though_the_page_never_learns_of_the_end_of_a_press(
    button: Literal["left", "right"], browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    page = enter(browser, cast.bob, DESKTOP)
    note = _note(page, live_server)
    page.locator("h1").hover()
    page.mouse.down(button=button)
    if button == "left":
        note.press_sequentially(" near Karim")
    else:
        note.fill("Karim is cold")  # pasted from the menu of the right button
    expect(page.locator(".field", has=note).locator(".pii-check")).to_contain_text("Karim")


def test_a_warning_waits_for_the_click_that_follows_the_finger(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    page = enter(browser, cast.bob, PHONE, has_touch=True)
    note = _note(page, live_server)
    early = note.evaluate(
        "async (field) => { const said = () => field.previousElementSibling.textContent;"
        " const tap = (kind) => document.body.dispatchEvent(new PointerEvent(kind, { bubbles: true, button: 0 }));"
        " const next = () => new Promise((done) => setTimeout(done));"
        " tap('pointerdown'); field.value = 'Karim is cold';"
        " field.dispatchEvent(new FocusEvent('focusout', { bubbles: true })); await next();"
        " tap('pointerup'); await next(); await next(); const early = said(); tap('click'); return early; }"
    )
    assert early == ""
    expect(page.locator(".field", has=note).locator(".pii-check")).to_contain_text("Karim")
