"""Pictures instead of words: from the first question to the receipt, with errors and alarms on the way."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import DangerAlarm, Need
from tests.browser_checks import answer, question, send_answers, shot
from tests.repetitions import again
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}
# Texts with letters that can be seen in the main part of the page. Typed text is the reader's own.
WORDS = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        const holder = node.parentElement;
        if (!/\\p{L}{2,}/u.test(node.textContent) || !holder.checkVisibility()) continue;
        if (holder.closest('details:not([open]) > :not(summary), noscript, script, template, option, .maplibregl-map')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const hidden = (each) => each && each.tagName !== 'BODY'
            && (each.getBoundingClientRect().width <= 2 || hidden(each.parentElement));
        if (!hidden(holder)) found.push(node.textContent.trim().slice(0, 60));
    }
    return found;
}"""


def with_pictures(browser: Browser, live_server: LiveServer, enter: Enter, *, scripts: bool = True) -> Page:
    here = {"latitude": 48.86412, "longitude": 2.3515}
    page = enter(browser, None, PHONE, here, locale="fr-FR", java_script_enabled=scripts)
    page.context.add_cookies([{"name": "pictures", "value": "1", "url": live_server.url}])
    return page


def wordless(page: Page) -> None:
    page.wait_for_load_state()
    expect(page.locator("body.pictures")).to_have_count(1)
    assert page.evaluate(WORDS) == []


def test_pictures_last_from_the_gate_to_the_receipt(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = with_pictures(browser, live_server, enter)
    page.goto(f"{live_server.url}/help/none/form/")
    page.locator("form[data-steps-ready]").wait_for()
    page.locator("[data-place-locate]").click()
    expect(page.locator("[data-pin-street]")).not_to_be_empty()
    wordless(page)
    for name, value in (("kinds", "water"), ("urgency", "soon"), ("origin", "self")):
        answer(page, **{name: value})
        wordless(page)
    page.locator("[data-steps-to-check]").click()
    expect(page.locator(".check-answers__row")).to_have_count(8)
    wordless(page)
    shot(page, "pictures_check")
    send_answers(page)
    page.wait_for_url(re.compile("/follow/"))
    expect(page.locator(".done-mark")).to_be_visible()
    wordless(page)
    shot(page, "pictures_receipt")
    page.locator("button[name=say][value=still_needed]").click()
    page.locator(".messages").wait_for()
    wordless(page)
    with page.expect_navigation():
        page.locator("button[name=say][value=solved]").click()
    expect(page.locator("button[name=say][value=solved]")).to_have_count(0)
    wordless(page)


def test_a_danger_in_pictures_shows_whom_to_call_and_the_answers_without_words(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = with_pictures(browser, live_server, enter)
    page.goto(f"{live_server.url}/help/")
    with page.expect_navigation():
        page.locator("a[href='/help/minor/']").click()
    wordless(page)
    page.locator("a[href='/help/minor/form/']").click()
    answer(page, place_text="12", kinds="shelter", origin="citizen")
    send_answers(page)
    page.wait_for_url(re.compile("/follow/"))
    expect(page.locator(".call--first")).to_have_attribute("href", "tel:119")
    wordless(page)
    shot(page, "pictures_danger")
    with page.expect_navigation():
        page.locator("[name=say][value=cannot_call]").click()
    expect(page.locator(".danger-banner .call-row__call").first).to_be_visible()
    wordless(page)
    shot(page, "pictures_alarm")
    assert DangerAlarm.objects.get().reporter_answer == "cannot_call"


@pytest.mark.parametrize("scripts", [True, again(False)], ids=["scripts", "plain"])
def test_an_error_in_pictures_leads_to_the_missing_answer(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, scripts: bool
) -> None:
    page = with_pictures(browser, live_server, enter, scripts=scripts)
    page.goto(f"{live_server.url}/help/none/form/")
    if scripts:
        page.locator("form[data-steps-ready]").wait_for()
        page.locator("[data-steps-next]").click()
        wrong = page.locator("#div_id_place.field--invalid")
        expect(wrong).to_be_visible()
        assert wrong.evaluate("(each) => getComputedStyle(each).outlineStyle") == "solid"
        wordless(page)
        page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form[data-steps]'))")
    else:
        page.locator(".form-bar button[type=submit]").click()
    links = page.locator(".error-pictures a")
    expect(links).to_have_count(4)
    expect(links.locator(".icon")).to_have_count(4)
    if scripts:
        page.locator("form[data-steps-ready]").wait_for()  # from now on, a link shows its question
    page.locator(".error-pictures a[href='#div_id_urgency']").click()
    expect(page.locator("#div_id_urgency")).to_be_in_viewport()
    if scripts:
        question(page, "urgency")
        wordless(page)
    assert not Need.objects.exists()
