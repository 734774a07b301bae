"""The pages used in the street, in a real browser on a phone, in both languages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, Route, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import NeedState
from needs.models import Encounter, Need, Tour
from needs.reports import filing
from tests import filing_verbs
from tests.browser_checks import answer, send_answers
from tests.conftest import until
from tests.repetitions import again
from tests.support import Cast, City, LogIn

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
HERE: Geolocation = {"latitude": 48.8661, "longitude": 2.3502}
MAP_TIMEOUT = 60_000


@pytest.fixture
def language(request: pytest.FixtureRequest) -> str:
    """The reader's language: English, unless a test asks for another language."""
    return str(getattr(request, "param", "en"))


@pytest.fixture
def browser_context_args(
    browser_context_args: dict[str, Any], live_server: LiveServer, language: str
) -> dict[str, Any]:
    return {
        **browser_context_args, "base_url": live_server.url, "viewport": PHONE, "has_touch": True, "locale": language,
    }  # fmt: skip


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    """A page on a phone. The test fails if a script or style fails or is blocked by the content security policy."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield page
    assert problems == []


def tap_map(page: Page, x: int = 150, y: int = 110) -> None:
    """Tap the map twice: the first tap zooms in to the streets, the second sets the pin."""
    page.locator("[data-place-map][data-ready]").wait_for(timeout=MAP_TIMEOUT)
    page.locator("[data-place-map] canvas").click(position={"x": x, "y": y})
    expect(page.locator("[data-place][data-zoomed]")).to_be_visible()
    expect(page.locator("[data-place][data-chosen]")).to_have_count(0)
    page.locator("[data-place-map][data-still]").wait_for()
    page.locator("[data-place-map] canvas").click(position={"x": x, "y": y})


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"label.choice:has(input[name={name}][value={value}])").click()


def send(page: Page) -> None:
    page.locator(".form-bar button[type=submit]").click()


@pytest.mark.parametrize("language", [again("en"), "fr"], indirect=True)
def test_a_member_files_an_encounter_by_a_tap_on_the_map(phone: Page, cast: Cast, log_in: LogIn, language: str) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    assert phone.locator("html").get_attribute("lang") == language
    tap_map(phone)
    expect(phone.locator("[data-place][data-chosen]")).to_be_visible()
    expect(phone.locator("[data-place-state]")).to_contain_text("Nord")
    phone.locator("#div_id_persons [data-step='1']").click()
    choose(phone, "asked", "food")
    choose(phone, "given", "blanket")
    send(phone)
    phone.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    filed = Encounter.objects.get()
    assert (filed.persons, filed.contacts, filed.asked, filed.given) == (2, 2, ["food"], ["blanket"])
    assert filed.point is not None
    assert cast.maraude == filed.association
    assert str(filed.pk) in phone.url
    assert phone.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft')).length") == 0


def test_saw_nobody_takes_one_tap_where_the_position_is_known(
    phone: Page, context: BrowserContext, cast: Cast, log_in: LogIn
) -> None:
    log_in(cast.bob)
    context.grant_permissions(["geolocation"])
    context.set_geolocation(HERE)
    phone.goto("/encounters/new/")
    phone.locator("[data-nobody] button").click()
    phone.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    filed = Encounter.objects.get()
    assert filed.persons == 0
    assert filed.point is not None
    assert (filed.point.y, filed.point.x) == pytest.approx((48.8661, 2.3502))


def test_saw_nobody_without_a_position_asks_the_map(phone: Page, cast: Cast, log_in: LogIn) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    phone.locator("[data-nobody] button").click()
    expect(phone.locator("input[name=persons]")).to_have_value("0")
    expect(phone.locator("[data-when-met]").first).to_be_hidden()
    tap_map(phone)
    send(phone)
    phone.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    assert Encounter.objects.get().persons == 0


def test_what_was_typed_survives_a_reload_and_a_session_s_end(
    phone: Page, context: BrowserContext, cast: Cast, log_in: LogIn
) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    tap_map(phone)
    phone.locator("textarea[name=note]").fill("two are new here")
    choose(phone, "asked", "tent")
    expect(phone.locator("[data-draft-state]")).to_have_attribute("data-state", "saved")
    phone.reload()
    expect(phone.locator("textarea[name=note]")).to_have_value("two are new here")
    expect(phone.locator("[data-draft-found]")).to_be_visible()
    expect(phone.locator("[data-place][data-chosen]")).to_be_visible()
    context.clear_cookies(name="sessionid")
    send(phone)
    expect(phone.locator("[data-queue-sign-in]")).to_be_visible()
    assert not Encounter.objects.exists()
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    until(Encounter.objects.exists, 60, "it was not sent after signing in")
    filed = Encounter.objects.get()
    assert (filed.note, filed.asked) == ("two are new here", ["tent"])
    phone.goto("/encounters/new/")
    expect(phone.locator("textarea[name=note]")).to_have_value("")


def test_an_answer_lost_on_the_way_and_a_second_try_are_one_report(phone: Page, cast: Cast, log_in: LogIn) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    tap_map(phone)
    phone.locator("textarea[name=note]").fill("two are new here")

    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch(max_redirects=0)
        route.abort()

    phone.route("**/queue/send/", lose_the_answer)
    send(phone)
    phone.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    assert len(lost) == 1
    assert phone.url.endswith(f"/encounters/{Encounter.objects.get().pk}/")


def test_two_taps_on_save_are_one_report(phone: Page, cast: Cast, log_in: LogIn) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    tap_map(phone)
    phone.locator(".form-bar button[type=submit]").dblclick()
    phone.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    assert Encounter.objects.count() == 1


def test_without_network_nothing_is_sent_and_nothing_is_lost(
    phone: Page, context: BrowserContext, cast: Cast, log_in: LogIn
) -> None:
    log_in(cast.bob)
    phone.goto("/encounters/new/")
    tap_map(phone)
    phone.locator("textarea[name=note]").fill("in the tunnel")
    context.set_offline(True)
    send(phone)
    expect(phone.locator("[data-queue-saved]")).to_be_visible()
    assert not Encounter.objects.exists()
    context.set_offline(False)
    until(Encounter.objects.exists, 60, "it was not sent when the network came back")
    assert Encounter.objects.get().note == "in the tunnel"


@pytest.mark.parametrize("language", [again("en"), "fr"], indirect=True)
def test_a_need_is_filed_without_javascript(
    browser: Browser, live_server: LiveServer, city: City, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, locale=language, reduced_motion="reduce")
    page = context.new_page()
    page.goto(live_server.url + "/help/")
    assert page.locator("html").get_attribute("lang") == language
    page.locator("a[href='/help/minor/']").click()
    expect(page.locator("a[href='tel:119']").first).to_be_visible()
    page.locator("a[href='/help/minor/form/']").click()
    page.locator("input[name=place_text]").fill("gare du Nord, exit 3")
    choose(page, "kinds", "shelter")
    choose(page, "origin", "citizen")
    page.locator("input[name=contact]").fill("neighbour@example.org")
    page.locator("input[name=persons]").fill("0")
    send(page)
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("input[name=place_text]")).to_have_value("gare du Nord, exit 3")
    page.locator("input[name=persons]").fill("1")
    send(page)
    page.wait_for_url(re.compile("/follow/"))
    need = Need.objects.get()
    assert (need.kinds, need.urgency, need.place_text) == (["shelter"], "now", "gare du Nord, exit 3")
    assert need.danger_alarm.flags == ["child_alone"]
    with page.expect_navigation():  # the emergency gate: this address first shows the emergency numbers
        page.locator("button[name=say][value=called]").click()
    with page.expect_navigation():
        page.locator("button[value=solved]").click()
    need.refresh_from_db()
    assert need.state == NeedState.MET
    context.close()


@pytest.mark.repetition
def test_an_anonymous_need_loads_the_map_only_when_asked(phone: Page, live_server: LiveServer, city: City) -> None:
    loaded: list[str] = []
    phone.on("request", lambda request: loaded.append(request.url))
    phone.goto("/help/none/form/")
    phone.wait_for_load_state("networkidle")
    assert not [address for address in loaded if "maplibre" in address]
    phone.locator("[data-place-open]").click()
    tap_map(phone)
    answer(phone, kinds="food", urgency="soon", origin="self")
    send_answers(phone)
    phone.wait_for_url(re.compile("/follow/"))
    assert Need.objects.get().point is not None
    assert all(address.startswith((live_server.url, "blob:", "data:")) for address in loaded)
    assert not [address for address in loaded if "48.8" in address]


@pytest.mark.repetition
def test_a_tour_is_drawn_and_ticked(phone: Page, cast: Cast, log_in: LogIn) -> None:
    began = timezone.now() - timedelta(hours=1)
    filed = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began)
    log_in(cast.bob)
    phone.goto(f"/tours/{filed.id}/stop/")
    phone.locator("[data-line-map][data-ready]").wait_for(timeout=MAP_TIMEOUT)
    expect(phone.locator("[data-line-map]")).to_have_attribute("data-cells", re.compile("[1-9]"))
    canvas = phone.locator("[data-line-map] canvas")
    canvas.click(position={"x": 120, "y": 120})
    canvas.click(position={"x": 220, "y": 160})
    phone.locator("[data-line-mode=tick]").click()
    canvas.click(position={"x": 60, "y": 250})
    expect(phone.locator("input[name=cells]")).to_have_value(re.compile("^[0-9a-f]{15}$"))
    send(phone)
    phone.wait_for_url(re.compile(f"/tours/{filed.id}/$"))
    tour = Tour.objects.get()
    assert not tour.is_open
    assert tour.line is not None
    minutes = [cell.minutes for cell in tour.cells.all() if cell.minutes is not None]
    assert len(minutes) == tour.cells.count()
    assert sum(minutes) == pytest.approx(60, abs=2)
    expect(phone.locator("#summary-text")).to_be_visible()


def test_a_dispatcher_sees_the_place_and_the_contact_on_a_click(phone: Page, cast: Cast, log_in: LogIn) -> None:
    draft = NeedDraft(
        at=timezone.now(), place=DraftPlace(48.8661, 2.3502), kinds=["food"], contact="06 12 34 56 78", source="x"
    )
    filing_verbs.report_need(draft)
    log_in(cast.carol)
    phone.goto(f"/triage/{draft.id}/")
    phone.locator("[data-show-place]").click()
    expect(phone.locator(".map-pin")).to_be_visible(timeout=MAP_TIMEOUT)
    phone.locator("form[action$='/contact/'] button").click()
    expect(phone.get_by_text("06 12 34 56 78")).to_be_visible()
