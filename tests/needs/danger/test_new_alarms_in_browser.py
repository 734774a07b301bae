"""A new alarm on an open page of the queue: its row is in the list at once, and nothing moves under the mouse."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import AlarmStep
from needs.models import DangerAlarm
from needs.reports.danger import alarms
from tests.browser_checks import no_sideways, shot
from tests.needs.danger.danger_cases import FRENCH, by_form, encounter_with
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
FIRE = FRENCH["fire"]  # type: ignore[index]
TOPS = """() => Object.fromEntries(
    ['.triage-head', '[data-alarm-sound]', '.triage-tabs', '.triage-tools', '[data-alarm-words]']
    .map((each) => [each, document.querySelector(each)?.getBoundingClientRect().toJSON()]))"""


def ask(page: Page) -> None:
    """Make the page ask for alarms now instead of in 15 seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def filled(page: Page, live_server: LiveServer, number: int) -> list[Any]:
    needs = [reported(hours_ago=each + 1, text=f"report {each}") for each in range(number)]
    page.goto(f"{live_server.url}/triage/")
    none = page.locator("[data-alarm-watch]").get_attribute("data-none") or ""
    expect(page.locator("[data-alarm-words]")).to_have_text(none)  # the first answer is there
    return needs


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_an_alarm_that_comes_while_the_page_loads_is_in_the_list_at_the_first_answer(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.carol, DESK)
    reported(text="one report")
    raised: list[Any] = []

    def first_answer(route: Route) -> None:
        if not raised:
            raised.append(by_form(Client(), FIRE))
        route.continue_()

    page.route("**/desk/alarms/state/", first_answer)
    page.goto(f"{live_server.url}/triage/")
    expect(page.locator(".triage-row--alarm")).to_have_count(1)
    assert page.locator(f"#need-{raised[0]}.triage-row--alarm").count() == 1


@pytest.mark.parametrize(("number", "scrolled"), [(3, 0), again(40, 0), again(40, 500)])
def test_the_row_under_the_mouse_stays_and_the_row_of_the_alarm_is_in_the_list(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, number: int, scrolled: int
) -> None:
    page = enter(browser, cast.carol, DESK)
    filled(page, live_server, number)
    page.evaluate(f"window.scrollTo(0, {scrolled})")
    shown = [row for row in page.locator("[data-row]").all() if (box := row.bounding_box()) and 250 < box["y"] < 800]
    row = f"#{shown[1].get_attribute('id')}"
    page.locator(row).hover()
    before, head = top_of(page, row), page.evaluate(TOPS)
    need = by_form(Client(), FIRE)
    ask(page)
    expect(page.locator(f"#need-{need}.triage-row--alarm")).to_have_count(1)
    assert abs(top_of(page, row) - before) <= 1
    expect(page.locator("[data-alarm-reload]")).to_be_visible()
    if (
        not scrolled
    ):  # the head itself did not grow: everything in it has moved by the same number of pixels as the page
        after, by = page.evaluate(TOPS), page.evaluate("window.scrollY")
        assert {name: (box["y"] + by, box["x"], box["height"]) for name, box in after.items()} == {
            name: (box["y"], box["x"], box["height"]) for name, box in head.items()
        }
    page.locator("[data-alarm-reload]").click()
    expect(page.locator(f"#need-{need}")).to_be_in_viewport()
    expect(page.locator("[data-alarm-reload]")).to_be_hidden()
    shot(page, "alarm_arrived_desk")
    alarms.acknowledge(DangerAlarm.objects.get(need=need).pk, AlarmStep.CALLED, cast.bob)
    ask(page)
    expect(page.locator(f"#need-{need}.triage-row--alarm")).to_have_count(0)
    expect(page.locator(f"#need-{need}")).to_contain_text(str(cast.bob))


def test_a_note_above_the_list_moves_no_button_under_the_mouse(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.carol, DESK)
    filled(page, live_server, 5)
    page.locator(".triage-filters > summary").hover()
    before = top_of(page, ".triage-filters > summary")
    encounter_with(FIRE, cast.bob)
    ask(page)
    expect(page.locator(".danger-row--waits")).to_have_count(1)
    assert abs(top_of(page, ".triage-filters > summary") - before) <= 1


def test_on_an_empty_list_and_for_a_mouse_elsewhere_the_alarm_is_in_view(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.carol, DESK)
    filled(page, live_server, 0)
    need = by_form(Client(), FIRE)
    ask(page)
    expect(page.locator(f"#need-{need}")).to_be_in_viewport()
    page.locator(".triage-head h1").hover()
    second = by_form(Client(), FIRE)
    ask(page)
    expect(page.locator(f"#need-{second}")).to_be_in_viewport()


@pytest.mark.parametrize("locale", ["fr-FR", again("en-GB")])
def test_on_a_phone_the_head_keeps_its_height_and_the_place_comes_first(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, locale: str
) -> None:
    page = enter(browser, cast.carol, PHONE, locale=locale, has_touch=True)
    filled(page, live_server, 6)
    before = page.evaluate(TOPS)
    need = by_form(Client(), FIRE, place_text="sous le pont, derrière la gare, tente bleue")
    ask(page)
    expect(page.locator(f"#need-{need} .danger-where")).to_have_count(1)
    by = page.evaluate("window.scrollY")
    after = page.evaluate(TOPS)
    assert after[".triage-tools"]["y"] + by == before[".triage-tools"]["y"]
    assert after[".triage-head"]["height"] == before[".triage-head"]["height"]
    page.locator("[data-alarm-words]").click()
    expect(page.locator(f"#need-{need}")).to_be_in_viewport()
    shot(page, f"alarm_arrived_phone_{locale[:2]}")
    no_sideways(page)
