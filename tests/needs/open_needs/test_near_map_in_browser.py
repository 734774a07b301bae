"""Needs near me in a real Chromium: the map and the list mark each other, and filters fetch both."""

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.base.records.declarations import DraftPlace
from needs.models import Need
from solidarity.lib import grid
from tests.browser_checks import no_sideways, serious
from tests.needs.commitments.commitment_pages import ReportNeed
from tests.repetitions import again
from tests.support import Cast, Enter
from volunteers.models import Profile

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NEAR, FAR = grid.centre(grid.cell_of(48.8700, 2.3500)), grid.centre(grid.cell_of(48.8630, 2.3320))


@pytest.fixture
def needs(cast: Cast, secret_need: ReportNeed) -> list[Need]:
    """A need of food near the volunteer's base, and one for a pet farther away."""
    Profile.objects.create(user=cast.alice, base=Point(NEAR[1], NEAR[0], srid=4326))
    return [secret_need(place=DraftPlace(*NEAR), kinds=["food"]), secret_need(place=DraftPlace(*FAR), kinds=["pet"])]


def opened(page: Page, address: str, ready: int = 2) -> None:
    page.goto(address)
    expect(page.locator("[data-near-map]")).to_have_attribute("data-ready", str(ready), timeout=60_000)


@pytest.mark.parametrize("size", [PHONE, again(DESKTOP)])
def test_a_number_in_the_list_shows_the_cell_and_a_tap_on_the_map_marks_the_place(
    size: dict[str, int],
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    needs: list[Need],
    enter: Enter,
    axe: str,
) -> None:
    page = enter(browser, cast.alice, size)
    opened(page, f"{live_server.url}/open/")
    no_sideways(page)
    assert serious(page, axe) == []
    page.locator("[data-near-show='2']").click()
    expect(page.locator("[data-near-place='2']")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-near-map]")).to_have_attribute("data-chosen", "2")
    # The map now shows cell 2 in its middle; a tap beside the cell unmarks it, a tap on it marks it again.
    page.locator("[data-near-map]").scroll_into_view_if_needed()
    box = page.locator("[data-near-map]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 6, box["y"] + box["height"] - 40)
    expect(page.locator("[data-near-map]")).to_have_attribute("data-chosen", "0")
    page.mouse.click(box["x"] + (box["width"] - 40) / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-near-place='2']")).to_have_attribute("aria-current", "true")
    assert "lat" not in page.url and "cell" not in page.url


@pytest.mark.repetition
def test_a_tap_on_a_filter_changes_list_map_and_count_and_leaves_the_sheet_open(
    browser: Browser, live_server: LiveServer, cast: Cast, needs: list[Need], enter: Enter
) -> None:
    page = enter(browser, cast.alice, {"width": 360, "height": 640})
    opened(page, f"{live_server.url}/open/")
    page.locator(".near-filter summary").click()
    page.locator(".chip", has_text="pet").click()
    expect(page.locator("[data-near-hits]")).to_have_text("1 need")
    expect(page.locator("[data-near-map]")).to_have_attribute("data-ready", "1")
    expect(page.locator("a.near")).to_have_count(1)
    expect(page.locator(".near-sheet")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/open/?kind=pet")
    page.locator(".chip", has_text="1 km").first.click()
    expect(page.locator("[data-near-hits]")).to_have_text("0 needs")
    expect(page.locator("[data-near-map]")).to_be_hidden()
    expect(page.get_by_text("No open need matches")).to_be_visible()
    no_sideways(page)
    page.reload()
    expect(page.locator("[data-near-hits]")).to_have_text("0 needs")  # the address keeps the filters


def test_without_scripts_the_list_and_the_filters_work(
    browser: Browser, live_server: LiveServer, cast: Cast, needs: list[Need], enter: Enter
) -> None:
    page = enter(browser, cast.alice, PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/open/")
    expect(page.locator("a.near")).to_have_count(2)
    page.locator(".near-filter summary").click()
    page.locator(".chip", has_text="pet").click()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("a.near")).to_have_count(1)
