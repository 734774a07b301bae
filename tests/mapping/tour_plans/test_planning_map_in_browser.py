"""In a real Chromium, the map on which a tour is drawn shows zones and open needs, and counts the needs along the
line."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Need
from solidarity.lib import grid
from tests.browser_checks import no_sideways
from tests.conftest import until
from tests.mapping.tour_plans.test_planning_map import needs
from tests.street_city import city as street_city
from tests.support import Cast, Enter
from volunteers.places.basemap import installed

__all__ = ["needs"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEND = """(cells) => {
  const form = document.querySelector("form.questions");
  form.elements.namedItem("cells").value = cells;
  const prefill = Object.assign(document.createElement("input"), { type: "hidden", name: "prefill", value: "1" });
  form.append(prefill);
  form.submit();
}"""


def open_plan(page: Page, address: str, cells: list[int]) -> None:
    """Open the form of a plan with cells already ticked, and wait until the layers are on the map."""
    page.goto(f"{address}/plans/new/")
    with page.expect_navigation():
        page.evaluate(SEND, ",".join(grid.to_text(cell) for cell in cells))
    expect(page.locator("[data-plan-layers]")).to_have_attribute("data-ready", "2", timeout=60_000)


def test_the_map_counts_open_needs_on_the_way_and_layers_can_be_switched_off(
    browser: Browser, live_server: LiveServer, cast: Cast, needs: list[Need], enter: Enter
) -> None:
    page = enter(browser, cast.bob, {"width": 390, "height": 844})
    tiles: list[str] = []
    page.on("response", lambda answer: tiles.append(answer.url) if ".mvt" in answer.url and answer.ok else None)
    first, other = needs[0].cell, needs[2].cell
    assert first is not None and other is not None
    with page.expect_response(lambda answer: ".mvt" in answer.url and answer.ok):
        open_plan(page, live_server.url, [first])
    state = page.locator("[data-line-state]")
    expect(state).to_contain_text("Open needs in these cells: 2.")
    assert tiles and all("/map/t/ville/tiles/" in each for each in tiles)
    assert not any(re.search(r"[?&](lat|lng|cell)", each) for each in tiles)
    no_sideways(page)
    legend = page.locator("[data-plan-layer-key=zones]")
    expect(legend).to_be_visible()
    page.get_by_label("Where help is missing").uncheck()
    expect(legend).to_be_hidden()
    page.locator("[data-line-undo]").click()  # nothing was drawn here, so nothing changes
    expect(state).to_contain_text("Open needs in these cells: 2.")
    open_plan(page, live_server.url, [first, other])
    expect(state).to_contain_text("Open needs in these cells: 3.")


@pytest.mark.repetition
def test_zones_are_drawn_over_the_ground_of_the_street_map(
    browser: Browser, live_server: LiveServer, cast: Cast, needs: list[Need], enter: Enter
) -> None:
    installed.root().mkdir(parents=True, exist_ok=True)
    installed.path().write_bytes(street_city(48.866, 2.350))
    try:
        page = enter(browser, cast.bob, {"width": 390, "height": 844})
        assert needs[0].cell is not None
        open_plan(page, live_server.url, [needs[0].cell])
        page.get_by_label("Open needs").uncheck()
        zones, canvas = page.get_by_label("Where help is missing"), page.locator("[data-line-map] canvas")
        seen: list[bytes] = []

        def still() -> bool:
            seen.append(canvas.screenshot())
            return seen[-2:-1] == seen[-1:]

        until(still, 60, "the map is never still")
        with_zones = seen[-1]
        zones.uncheck()
        until(lambda: canvas.screenshot() != with_zones, 60, "the ground of the street map covers the zones")
        zones.check()
        until(lambda: canvas.screenshot() == with_zones, 60, "the zones do not come back")
    finally:
        installed.path().unlink()


@pytest.mark.repetition
def test_a_failed_layer_does_not_stop_the_planning(
    browser: Browser, live_server: LiveServer, cast: Cast, needs: list[Need], enter: Enter
) -> None:
    page = enter(browser, cast.bob, {"width": 1440, "height": 900})
    page.route("**/map/planning.json", lambda route: route.abort())
    page.goto(f"{live_server.url}/plans/new/")
    expect(page.locator("[data-plan-layers-state]")).to_contain_text("You can still plan the tour", timeout=60_000)
    page.locator("[data-line-middle]").click()
    expect(page.locator("[data-line-state]")).to_contain_text("1 corner")
