"""Public pages in other scripts in Chromium: layout from right to left, weight with fonts, and a need told in pictures."""

import gzip
import re

import pytest
from playwright.sync_api import Browser, Locator, Response, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Need
from tests.browser_checks import question, send_answers
from tests.needs.crises.crisis_cases import opened
from tests.needs.reports.test_need_form import URL
from tests.repetitions import again
from tests.support import Cast, City, Enter


def _left(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["x"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.repetition
def test_arabic_on_a_phone_is_laid_out_from_right_to_left(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str
) -> None:
    crisis = opened(cast.diane)
    page = enter(browser, None, {"width": 390, "height": 844}, locale="ar-MA")
    for address in ("/", "/help/", URL, "/queue/", "/offline/", f"/crisis/{crisis.slug}/"):
        page.goto(live_server.url + address, wait_until="networkidle")
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (address, wide)
        assert _left(page.locator(".brand")) > _left(page.locator(".site-tools"))
        page.evaluate(axe)
        found = page.evaluate("() => axe.run({resultTypes: ['violations']})")["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"][:120]) for each in found if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], address
    page.goto(live_server.url + URL)
    page.locator("[data-place-open]").click()
    page.locator("[data-place-map][data-ready]").wait_for()
    zoom = page.locator(".maplibregl-ctrl-group")
    assert _left(zoom) < 195
    page.locator(".language-menu > summary").click()
    page.locator(".language-menu button[value=uk]").click()
    expect(page.locator("html")).to_have_attribute("lang", "uk")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["ti", again("ar")])
def test_an_event_s_page_with_its_fonts_is_below_50_kilobytes(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, language: str
) -> None:
    page = enter(browser, None, {"width": 390, "height": 844}, locale=language)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{live_server.url}/crisis/{opened(cast.diane).slug}/", wait_until="networkidle")
    names = [answer.url.rpartition("/")[2] for answer in answers]
    assert {"arabic.css", "ethiopic.css"} & set(names)
    weight = 0
    for answer in answers:
        body = answer.body()
        weight += 400 + len(body if answer.url.endswith(".woff2") else gzip.compress(body, 6))
    print(f"public page in {language}: {weight} bytes, {[name for name in names if name.endswith('.woff2')]}")
    assert weight <= 50 * 1024


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [again(True), False])
def test_a_need_is_filed_with_pictures_only(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, axe: str, scripts: bool
) -> None:
    where = {"latitude": 48.866, "longitude": 2.35}
    page = enter(browser, None, {"width": 390, "height": 844}, where, locale="ti-ER", java_script_enabled=scripts)
    page.goto(f"{live_server.url}/help/")
    with page.expect_navigation():
        page.locator(".ways-in button[name=pictures]").click()
    for words_ in page.locator("main .said").all():
        box = words_.bounding_box()
        assert box is None or box["width"] <= 1.5
    with page.expect_navigation():
        page.locator(".gate__none").click()
    if scripts:
        page.evaluate(axe)
        found = page.evaluate("() => axe.run({resultTypes: ['violations']})")["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
        page.locator("[data-place-locate]").click()
        expect(page.locator(".place__done")).to_be_visible()
    else:
        page.locator("[name=place_text]").fill("x")
    for name, value in (("kinds", "water"), ("kinds", "blanket"), ("urgency", "now"), ("origin", "self")):
        if scripts:
            question(page, name)
        page.locator(".choice", has=page.locator(f"[name={name}][value={value}]")).click()
    if scripts:
        question(page, "persons")
        page.locator("[data-step='1']").click()
        send_answers(page)
    else:
        page.locator(".form-bar button[type=submit]").click()
    page.wait_for_url(re.compile("/follow/"))
    expect(page.locator(".done-mark")).to_be_visible()
    need = Need.objects.get()
    assert (need.kinds, need.urgency, need.origin) == (["water", "blanket"], "now", "self")
    assert need.persons == (2 if scripts else 1)
    assert (need.point is not None) == scripts
