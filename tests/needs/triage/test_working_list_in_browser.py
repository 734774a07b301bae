"""The dispatchers' list in Chromium: table and map in step, search, rectangle, new reports without reloading."""

import re
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.models import Need
from solidarity.lib import grid
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, Enter, dispatches
from volunteers.models import AuditEntry
from volunteers.places.territories import duties

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 640}
DESK = {"width": 1440, "height": 900}
KINDS = ("blanket", "food", "tent", "shelter", "clothes", "papers", "pet", "phone")
BAND = "document.querySelector('.band--demo')?.getBoundingClientRect().height ?? 0"


TOO_SMALL = """() => [...document.querySelectorAll("main :is(a, button, select, summary, label.triage-row__pick)")]
    .filter((each) => each.checkVisibility() && !each.matches(".triage-row__link, .visually-hidden"))
    .map((each) => [each.textContent.trim(), each.getBoundingClientRect(), getComputedStyle(each).clipPath])
    .filter(([, box, clip]) => clip === "none" && box.top < innerHeight && (box.width < 44 || box.height < 44))
    .map(([words, box]) => [words, box.width, box.height])"""
"""Targets on the first screen that are smaller than 44 px. The link of a card covers the whole card."""


def several(count: int) -> list[Need]:
    """Report needs in different cells, the newest first."""
    return [
        reported(
            (48.8600 + each % 5 * 0.003, 2.3460 + each // 5 * 0.004), kinds=[KINDS[each % 8]], hours_ago=each + 1,
            urgency=("now", "soon", "later")[each % 3], text=f"report {each} about a person at the corner",
        )
        for each in range(count)
    ]  # fmt: skip


def visible_rows(page: Page, bottom: float) -> int:
    """Return how many needs are completely above the given line of the first screen."""
    boxes = [row.bounding_box() for row in page.locator("[data-row]").all()]
    return sum(1 for box in boxes if box and box["y"] + box["height"] <= bottom)


def look(page: Page) -> None:
    """Make the page ask for changes now instead of in 20 seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def centre_on_screen(page: Page, need: Need) -> tuple[float, float]:
    lat, lng = grid.centre(need.cell or 0)
    box = page.locator("[data-triage-map] canvas").bounding_box()
    at = page.evaluate(
        "([lng, lat]) => { const p = document.querySelector('[data-triage-map]').map.project([lng, lat]);"
        " return [p.x, p.y]; }",
        [lng, lat],
    )
    assert box
    return box["x"] + at[0], box["y"] + at[1]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), again("fr", "dark")])
def test_twelve_needs_and_their_map_are_on_the_first_screen_and_in_step(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, scheme: str
) -> None:
    needs = several(15)
    page = enter(browser, cast.carol, DESK, locale=f"{language}-{language.upper()}", color_scheme=scheme)
    page.goto(f"{live_server.url}/triage/")
    chart = page.locator("[data-triage-map]")
    expect(chart).to_have_attribute("data-ready", "1")
    own = [need.cell for need in needs]
    expect(chart).to_have_attribute("data-cells", str(len(set(own))))
    assert visible_rows(page, DESK["height"]) >= 12
    assert page.locator(".site-head").evaluate("head => head.clientHeight") < 100
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"triage_list_desk-{language}", whole=False)

    # A row under the pointer, or with the focus, marks its cell.
    one, other = [need for need in needs[3:12] if own.count(need.cell) == 1][:2]
    page.locator(f"#need-{one.pk}").hover()
    expect(chart).to_have_attribute("data-marked", grid.to_text(one.cell or 0))
    page.locator(f"#need-{other.pk} [data-row-link]").focus()
    expect(chart).to_have_attribute("data-marked", grid.to_text(other.cell or 0))

    # A tap on a cell goes to its row.
    page.mouse.click(*centre_on_screen(page, one))
    expect(page.locator(f"#need-{one.pk}")).to_have_attribute("data-picked", "")
    expect(page.locator(f"#need-{one.pk} [data-row-link]")).to_be_focused()

    # A rectangle on the map filters the list. No address contains it.
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.locator("[data-draw]").click()
    x, y = centre_on_screen(page, one)
    page.mouse.move(x - 15, y - 15)
    page.mouse.down()
    page.mouse.move(x + 15, y + 15, steps=3)
    page.mouse.up()
    page.wait_for_url(re.compile(r"find="))
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator(f"#need-{one.pk}")).to_be_visible()
    expect(page.locator("[data-triage-map]")).to_have_attribute("data-cells", "1")
    assert not [each for each in addresses if re.search(r"48[.,%]|2[.,]3\d", urlparse(each).query)]
    shot(page, f"triage_list_rectangle-{language}", whole=False)

    # Search words are entered by keyboard alone. The rectangle stays until it is cleared.
    page.locator("[data-find-clear]").click()
    expect(page.locator("html[data-keys] [data-row]")).to_have_count(15)  # the scripts of the new page have run
    page.keyboard.press("s")
    expect(page.locator("[data-find] input[type=search]")).to_be_focused()
    page.keyboard.type("report 11")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator(".triage-chosen")).to_contain_text("“report 11”")
    assert "report" not in page.url

    # The order is chosen above the list, and the URL contains it.
    page.locator("[data-find-clear]").click()
    expect(page.locator("html[data-keys] [data-row]")).to_have_count(15)  # the scripts of the new page have run
    page.locator("select[name=sort]").select_option("newest")
    page.wait_for_url(re.compile("sort=newest"))
    expect(page.locator("[data-row]").first).to_have_attribute("id", f"need-{needs[0].pk}")


@pytest.mark.repetition
def test_new_reports_appear_without_reloading_and_nothing_jumps(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    dispatches(cast.edith)
    needs = several(30)
    page = enter(browser, cast.carol, DESK)
    page.goto(f"{live_server.url}/triage/?sort=newest")
    expect(page.locator("[data-triage-map]")).to_have_attribute("data-ready", "1")
    page.evaluate("window.loaded = true")
    read = page.locator(f"#need-{needs[20].pk}")
    read.locator("input[type=checkbox]").check()
    read.locator("[data-row-link]").focus()
    place = read.bounding_box()
    entries = AuditEntry.objects.count()

    # If nothing is new, the page says nothing and nothing is logged.
    with page.expect_response(re.compile(r"/triage/changes/")) as answer:
        look(page)
    assert answer.value.status == 304
    expect(page.locator("[data-news-show]")).to_be_hidden()
    assert AuditEntry.objects.count() == entries

    # A hidden page does not ask for changes.
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look(page)
    page.evaluate("new Promise(requestAnimationFrame)")
    assert not [each for each in asked if "/triage/changes/" in each]
    page.evaluate("delete document.hidden")

    fresh = [reported(hours_ago=0, kinds=["water"]) for _each in range(3)]
    look(page)
    expect(page.locator("[data-news-words]")).to_have_text("3 new reports")
    assert read.bounding_box() == place
    shot(page, "triage_list_new", whole=False)
    assert AuditEntry.objects.count() == entries
    page.keyboard.press("n")
    expect(page.locator("[data-row][data-fresh]")).to_have_count(3)
    expect(page.locator(f"#need-{fresh[0].pk}")).to_be_attached()
    assert AuditEntry.objects.count() == entries + 1
    now = read.bounding_box()
    assert place and now and abs(now["y"] - place["y"]) <= 2
    expect(read.locator("input[type=checkbox]")).to_be_checked()
    expect(read.locator("[data-row-link]")).to_be_focused()
    expect(page.locator("#bulk button[value=verify]")).to_be_enabled()
    expect(page.locator(".triage-tabs [aria-current=page] .tag")).to_have_text("33")
    assert page.evaluate("window.loaded") is True

    # The keys still work on the new list.
    page.keyboard.press("k")
    expect(page.locator(f"#need-{needs[19].pk} [data-row-link]")).to_be_focused()


@pytest.mark.parametrize(("language", "size"), [("en", SMALL_PHONE), again("fr", SMALL_PHONE), again("fr", PHONE)])
@pytest.mark.repetition
def test_three_needs_are_on_the_first_screen_of_a_phone_and_the_map_is_one_tap_away(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str, size: dict[str, int]
) -> None:
    needs = several(8)
    transitions.move(needs[6].pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    taking.take(needs[6], cast.alice)
    if language == "fr":
        duties.go_on_duty(cast.carol)
    page = enter(browser, cast.carol, size, locale=f"{language}-{language.upper()}")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{live_server.url}/triage/")
    bar = page.locator(".bottom-bar").bounding_box()
    assert bar
    assert visible_rows(page, bar["y"] + page.evaluate(BAND)) >= 3
    assert page.evaluate(TOO_SMALL) == []
    assert not [each for each in loaded if "maplibre" in each]
    no_sideways(page)
    shot(page, f"triage_list_phone-{size['width']}-{language}", whole=False)
    page.locator("[data-show-map]").click()
    expect(page.locator("[data-triage-map]")).to_have_attribute("data-ready", "1")
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"triage_list_phone-map-{size['width']}-{language}", whole=False)


@pytest.mark.repetition
def test_search_and_order_work_without_javascript(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    needs = several(3)
    page = enter(browser, cast.carol, DESK, java_script_enabled=False)
    page.goto(f"{live_server.url}/triage/")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.locator("input[type=search]").fill("report 2")
    page.locator("input[type=search]").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("[data-find-clear]").click()
    page.locator("select[name=sort]").select_option("oldest")
    page.locator("#filter > summary").click()
    page.locator("#filter-form button").click()
    expect(page.locator("[data-row]").first).to_have_attribute("id", f"need-{needs[2].pk}")
