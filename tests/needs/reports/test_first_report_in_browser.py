"""The main flow in Chromium: a member files a report, a worker folds it, a coordinator sees it. A need gets a link."""

import re

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from mapping.models import CellState, CellTouch
from needs.models import Encounter, Need
from tests.browser_checks import send_answers, serious
from tests.conftest import until
from tests.repetitions import again
from tests.support import Cast, City, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.mark.worker
@pytest.mark.usefixtures("worker")
def test_a_member_files_and_a_worker_moves_the_zone_that_the_coordinator_sees(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter
) -> None:
    street = enter(browser, cast.bob, PHONE, geolocation={"latitude": 48.8660, "longitude": 2.3500})
    street.goto(f"{live_server.url}/encounters/new/")
    street.get_by_role("button", name=re.compile("my position|where I am", re.I)).first.click()
    street.locator("[data-place][data-chosen]").wait_for()
    plus = street.get_by_role("button", name=re.compile("more|one more|plus|add", re.I)).first
    for _ in range(5):
        plus.click()
    street.get_by_role("button", name=re.compile("^(save|file|log)", re.I)).last.click()
    until(lambda: Encounter.objects.exists(), 60, "the encounter was not filed")
    assert Encounter.objects.get().persons >= 5
    until(lambda: CellState.objects.filter(a__gt=1).exists(), 90, "the worker did not fold it")
    until(lambda: not CellTouch.objects.exists(), 90, "the worker did not finish")

    desk = enter(browser, cast.diane, DESK)
    desk.goto(f"{live_server.url}/map/t/ville/zones/?page=1")
    state = CellState.objects.get(a__gt=1)
    assert desk.locator(f"[data-zone='{state.zone}'], [href*='{state.zone}']").count() >= 1


def test_a_need_without_account_gets_its_private_link(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = enter(browser, None, PHONE, locale="fr-FR")
    page.goto(f"{live_server.url}/help/")
    page.get_by_role("link", name=re.compile("rien de tout cela|aucun", re.I)).or_(
        page.get_by_role("button", name=re.compile("rien de tout cela|aucun", re.I))
    ).first.click()
    going_on = page.get_by_role("button", name="Continuer")
    page.locator("[name=place_text]").first.fill("devant la gare, côté taxis")
    going_on.click()
    page.locator("label", has_text=re.compile("nourriture|manger", re.I)).first.click()
    going_on.click()
    page.locator("label", has_text="aujourd").first.click()
    going_on.click()
    page.locator("label", has_text=re.compile("vu quelqu", re.I)).first.click()
    send_answers(page)
    page.wait_for_url(re.compile("/follow/"))
    assert Need.objects.get().kinds == ["food"]
    again = enter(browser, None, PHONE, locale="fr-FR")
    again.goto(page.url)
    expect(again.get_by_text(re.compile("nourriture", re.I))).not_to_have_count(0)


PAGES = {
    "nobody": [
        "/",
        "/about/",
        "/help/",
        "/help/none/form/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
    ],
    "bob": ["/", "/encounters/new/", "/encounters/", "/tours/", "/me/", "/map/t/ville/", "/map/t/ville/zones/"],
    "alice": ["/", "/map/t/nord/", "/map/t/nord/zones/", "/me/"],
    "carol": ["/", "/triage/"],
    "diane": [
        "/",
        "/map/t/ville/",
        "/map/t/ville/zones/",
        "/map/dashboard/",
        "/map/t/ville/dashboard/",
        "/map/reports/",
    ],
}


@pytest.mark.parametrize(("language", "theme"), [again("en", "light"), ("fr", "dark")])
@pytest.mark.parametrize("who", [who if who == "nobody" else again(who) for who in PAGES])
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, enter: Enter, who: str,
    language: str, theme: str, axe: str,
) -> None:  # fmt: skip
    seen(persons=5, minutes=30)
    seen(persons=0, minutes=60, lat=48.856)
    fold.fold_outbox()
    release_filter.publish_all()
    page = enter(browser, getattr(cast, who, None), PHONE, locale=f"{language}-{language.upper()}", color_scheme=theme)
    found = []
    for path in PAGES[who]:
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None, path
        assert answer.status == 200, (path, answer.status)
        assert page.locator("html").get_attribute("lang") == language, path
        found += [f"{path} {each}" for each in serious(page, axe)]
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways by {wide} px"
    assert found == []
