"""The coverage map in a real Chromium."""

import io
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy
import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold, territory_cells
from mapping.map.releases import release_filter
from mapping.models import CellState, Zone
from tests.conftest import square
from tests.repetitions import again
from tests.support import Cast, City, LogIn, Seen, SignedIn
from volunteers.enums import Level
from volunteers.places.basemap import installed

pytestmark = pytest.mark.browser

AXE = Path(settings.ROOT) / "node_modules" / "axe-core" / "axe.min.js"
EXTRACT = Path(os.environ.get("SOLIDARITY_DATA", "/nowhere")) / "osm_portland" / "portland-central-filtered.osm.pbf"
SERIOUS = {"serious", "critical"}


@pytest.fixture
def looked_at(transactional_db: None, cast: Cast, city: City, seen: Seen) -> City:
    for step in range(9):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 3 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


@pytest.fixture
def requests(page: Page) -> list[str]:
    """Every address that the page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Errors that the browser reports: scripts and content policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def open_map(page: Page, live_server: LiveServer, path: str = "/map/t/ville/") -> None:
    page.goto(live_server.url + path)
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)


def drawings(page: Page) -> int:
    """Return how many times the map has finished drawing."""
    return int(page.locator("[data-map]").get_attribute("data-drawings") or 0)


def wait_for_drawing(page: Page, before: int) -> None:
    """Wait until the map has finished more than ``before`` drawings."""
    page.wait_for_function(
        "(before) => Number(document.querySelector('[data-map]').dataset.drawings) > before", arg=before
    )


def wait_for_colours(
    page: Page, right: Callable[[Counter[tuple[int, int, int]]], bool]
) -> Counter[tuple[int, int, int]]:
    """Wait for drawings of the map until its colours are right; return them. Fails with Playwright's timeout."""
    while True:
        before = drawings(page)
        colours = canvas_colours(page)
        if right(colours):
            return colours
        wait_for_drawing(page, before)


def canvas_picture(page: Page) -> Image.Image:
    """Return a picture of what the map shows."""
    return Image.open(io.BytesIO(page.locator("[data-map-canvas]").screenshot())).convert("RGB")


def colour_at(picture: Image.Image, point: tuple[int, int]) -> tuple[int, int, int]:
    colour = picture.getpixel(point)
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return red, green, blue


def canvas_colours(page: Page) -> Counter[tuple[int, int, int]]:
    """Return, for each colour, how many sampled points of the map's picture have it."""
    picture = canvas_picture(page)
    points = ((x, y) for x in range(0, picture.width, 3) for y in range(0, picture.height, 3))
    return Counter(colour_at(picture, point) for point in points)


def click_zone(page: Page, key: str) -> None:
    """Choose a zone of one cell in the list, so that the map moves there. Go back, then click in the middle of the
    map."""
    before = drawings(page)
    page.locator(f'[data-zone="{key}"]').click()
    page.wait_for_selector(f'[data-zone-card][data-key="{key}"]')

    wait_for_drawing(page, before)
    before = drawings(page)
    page.locator("[data-zone-back]").click()
    wait_for_drawing(page, before)
    box = page.locator("[data-map-canvas]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 - 10, box["y"] + box["height"] / 2 + 10)


def serious(page: Page) -> list[str]:
    page.wait_for_load_state()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {[node['html'][:120] for node in violation['nodes']][:3]}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
    ]


def test_the_map_is_drawn_from_our_own_host_alone(
    page: Page,
    live_server: LiveServer,
    log_in: LogIn,
    looked_at: City,
    cast: Cast,
    requests: list[str],
    complaints: list[str],
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)
    assert requests
    assert all(re.match(r"(blob:)?" + re.escape(live_server.url), url) for url in requests)
    assert any("/tiles/" in url for url in requests)
    assert complaints == []
    colours = canvas_colours(page)
    total = sum(colours.values())
    assert len(colours) > 20
    assert max(colours.values()) < 0.9 * total
    statuses = set(Zone.objects.live().values_list("status", flat=True))
    exact = {1: (0x1F, 0x7A, 0x6D), 2: (0xD9, 0x8A, 0x00), 3: (0xB3, 0x36, 0x1F)}
    assert statuses & set(exact)
    for status in statuses & set(exact):
        assert colours.get(exact[status], 0) > 20


def test_a_click_on_a_zone_opens_its_panel(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast, complaints: list[str]
) -> None:
    log_in(cast.diane)
    page.set_viewport_size({"width": 1440, "height": 900})
    zone = Zone.objects.live().filter(cells=1).first()
    assert zone is not None
    open_map(page, live_server)
    click_zone(page, str(zone.key))
    page.wait_for_selector(f'[data-zone-card][data-key="{zone.key}"]')
    assert f"zone={zone.key}" in page.url
    assert page.locator("[data-zone-title]").evaluate("element => element === document.activeElement")
    page.go_back()
    page.wait_for_selector("[data-overview]:visible")
    assert complaints == []


@pytest.mark.repetition
def test_the_keyboard_goes_from_the_list_to_a_zone_and_back(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.bob)
    open_map(page, live_server)
    second = page.locator("[data-zone]").nth(1)
    key = second.get_attribute("data-zone")
    page.locator("[data-zone]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-zone-card][data-key="{key}"]')
    assert page.evaluate("document.activeElement.hasAttribute('data-zone-title')")
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-overview]:visible")
    assert page.evaluate("document.activeElement.dataset.zone") == key
    assert "zone=" not in page.url


def test_the_filter_narrows_list_and_map_and_stays_in_the_address(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)
    before = canvas_colours(page)
    status, number = "to_verify", Zone.objects.live().filter(status=4).count()
    page.locator("[data-filter] summary").click()
    page.locator(f'[data-filter] input[value="{status}"]').check()
    page.wait_for_selector(f'[data-zone-count="{number}"]')
    assert page.url.endswith(f"?status={status}")
    wait_for_colours(page, lambda colours: colours != before)
    page.reload()
    page.wait_for_selector("[data-drawn=yes]")
    expect(page.locator(f'[data-filter] input[value="{status}"]')).to_be_checked()
    expect(page.locator("[data-zone]")).to_have_count(min(number, 100))
    page.locator("[data-filter-clear]").click()
    page.wait_for_selector(f'[data-zone-count="{Zone.objects.live().count()}"]')
    assert "status=" not in page.url


def test_an_order_that_is_chosen_stays_and_the_default_is_not_in_the_address(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)
    expect(page.locator("select[name=sort]")).to_have_value("unhelped")
    page.locator("select[name=sort]").select_option("status")
    page.wait_for_url(re.compile(r"\?sort=status$"))
    page.reload()
    expect(page.locator("select[name=sort]")).to_have_value("status")
    page.locator("select[name=sort]").select_option("unhelped")
    page.wait_for_url(re.compile(r"/map/t/ville/\??$"))


@pytest.mark.repetition
def test_a_coordinator_sees_a_zone_change_after_a_fold(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast, seen: Seen
) -> None:
    from solidarity.lib import grid

    log_in(cast.diane)
    lat, lng = 48.8705, 2.3385
    cell = grid.cell_of(lat, lng)
    key = CellState.objects.get(cell=cell).zone
    open_map(page, live_server, f"/map/t/ville/?zone={key}")
    before = page.locator("[data-zone-card]").get_attribute("data-status")
    open_map(page, live_server)
    picture = canvas_colours(page)
    seen(lat=lat, lng=lng, persons=12, minutes=60, hours_ago=1)
    fold.fold_outbox()
    page.reload()
    page.wait_for_selector("[data-drawn=yes]")
    uncovered = (0xB3, 0x36, 0x1F)
    assert canvas_colours(page).get(uncovered, 0) > picture.get(uncovered, 0)
    open_map(page, live_server, f"/map/t/ville/?zone={CellState.objects.get(cell=cell).zone}")
    after = page.locator("[data-zone-card]").get_attribute("data-status")
    assert (before, after) == ("not_searched", "uncovered")


@pytest.mark.repetition
def test_the_search_finds_a_territory_by_keyboard(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)
    page.get_by_label("Find an address or a place").fill("súd")
    expect(page.locator("[role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/t/sud/")


def test_the_address_names_no_place_while_the_map_moves(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)
    page.locator(".maplibregl-canvas").focus()
    for key in ("+", "ArrowLeft", "ArrowUp"):
        before = drawings(page)
        page.keyboard.press(key)
        wait_for_drawing(page, before)
    assert page.url == live_server.url + "/map/t/ville/"


def test_without_webgl_the_list_shows_the_same_zones(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    log_in(cast.diane)
    page.goto(live_server.url + "/map/t/ville/")
    page.wait_for_selector('[data-note="error"]:visible')
    assert page.locator("[data-zone]").count() == min(Zone.objects.live().count(), 100)
    page.locator("[data-zone]").first.click()
    page.wait_for_selector("[data-zone-card]")


def test_without_javascript_list_and_zone_are_plain_pages(
    browser: Browser, live_server: LiveServer, looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    context = browser.new_context(java_script_enabled=False)
    cookie = signed_in(cast.bob).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + "/map/t/ville/")
    page.locator("[data-zone]").first.click()
    expect(page.locator("[data-zone-card]")).to_have_count(1)
    page.goto(live_server.url + "/map/t/ville/zones/")
    page.locator('input[value="to_verify"]').check(force=True)
    page.locator(".form-filters button").click()
    page.wait_for_url(re.compile(r"\?status=to_verify&sort=unhelped$"))
    context.close()


@pytest.mark.repetition
def test_a_failed_tile_is_reported_and_can_be_retried(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    failing = True

    def answer(route: Route) -> None:
        route.fulfill(status=503) if failing else route.continue_()

    page.route("**/tiles/**", answer)
    page.goto(live_server.url + "/map/t/ville/")
    page.wait_for_selector('[data-note="stale"]:visible')
    page.wait_for_selector("[data-drawn=yes]")  # all tiles have failed by now, so none fails after the click
    failing = False
    page.locator("[data-map-retry]").click()
    wait_for_colours(page, lambda colours: len(colours) > 20)
    expect(page.locator('[data-note="stale"]')).to_be_hidden()


@pytest.mark.parametrize(("language", "theme"), [again("en", "light"), ("fr", "dark")])
@pytest.mark.repetition
def test_axe_finds_nothing_serious(
    theme: Literal["light", "dark"],
    language: str,
    page: Page,
    live_server: LiveServer,
    log_in: LogIn,
    looked_at: City,
    cast: Cast,
) -> None:
    log_in(cast.diane)
    page.emulate_media(color_scheme=theme)
    page.set_extra_http_headers({"Accept-Language": language})
    zone = Zone.objects.live()[0]
    problems = {}
    for path in ("", f"?zone={zone.key}", "zones/", f"zones/{zone.key}/", "dashboard/"):
        if "/" in path:
            page.goto(f"{live_server.url}/map/t/ville/{path}")
        else:
            open_map(page, live_server, f"/map/t/ville/{path}")
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        assert page.evaluate("document.documentElement.lang") == language
        if found := serious(page):
            problems[path] = found
    assert problems == {}, json.dumps(problems, indent=1)


@pytest.mark.repetition
def test_the_map_takes_the_theme_while_it_is_open(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    page.emulate_media(color_scheme="light")
    log_in(cast.diane)
    open_map(page, live_server)
    light = canvas_colours(page)
    page.locator("[data-theme-toggle]").first.click()
    paper = (0x2E, 0x2A, 0x24)
    assert light.get(paper, 0) == 0
    wait_for_colours(page, lambda colours: colours[paper] > 500)


@pytest.mark.data
@pytest.mark.skipif(
    not EXTRACT.is_file() or not shutil.which("osmium") or not shutil.which("tippecanoe"),
    reason="the extract, osmium or tippecanoe is missing",
)
@pytest.mark.repetition
def test_the_base_map_is_drawn_over_the_zones_and_names_its_source(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, requests: list[str], complaints: list[str], transactional_db: None
) -> None:  # fmt: skip
    territory_cells.assign_cells(
        territory_cells.save_territory("Portland", square(45.50, -122.70, 45.54, -122.64), Level.CITY)
    )
    log_in(cast.farid)
    open_map(page, live_server, "/map/t/portland/")
    plain = canvas_picture(page)
    call_command("install_basemap", pbf=str(EXTRACT))
    try:
        open_map(page, live_server, "/map/t/portland/")
        streets = canvas_picture(page)
        attribution = page.locator(".maplibregl-ctrl-attrib").inner_text()
    finally:
        installed.path().unlink()
    assert attribution == "© OpenStreetMap contributors"
    assert f"{live_server.url}/map/basemap.pmtiles" in requests
    assert all(re.match(r"(blob:)?" + re.escape(live_server.url), url) for url in requests)
    assert complaints == []
    drawn_over = int((numpy.asarray(plain) != numpy.asarray(streets)).any(axis=-1).sum())
    assert drawn_over > 0.05 * plain.width * plain.height
    assert page.locator('[data-note="stale"]').is_hidden()


@pytest.mark.repetition
def test_the_map_shows_the_numbers_of_the_list_also_after_sorting_and_filtering(
    page: Page, live_server: LiveServer, log_in: LogIn, looked_at: City, cast: Cast
) -> None:
    log_in(cast.diane)
    open_map(page, live_server)

    def listed() -> dict[str, str]:
        rows = "rows => Object.fromEntries(rows.map(row => [row.dataset.zone, row.querySelector('.zone-number').textContent]))"
        return dict(page.locator("[data-zone-list] [data-zone]").evaluate_all(rows))

    def drawn() -> dict[str, str]:
        return dict(json.loads(page.locator("[data-map]").get_attribute("data-numbers") or "{}"))

    def wait_for_numbers(before: str | None) -> None:
        changed = "(before) => document.querySelector('[data-map]').dataset.numbers !== before"
        page.wait_for_function(changed, arg=before)  # the map reads them from the new list

    first = listed()
    assert first and drawn() == first
    before = page.locator("[data-map]").get_attribute("data-numbers")
    page.locator("select[name=sort]").select_option("-people")
    page.wait_for_url(re.compile(r"\?sort=-people$"))
    wait_for_numbers(before)
    people = listed()
    assert people.keys() == first.keys() and people != first
    assert drawn() == people
    before = page.locator("[data-map]").get_attribute("data-numbers")
    page.locator(".map-fold > summary").first.click()
    page.locator("label:has(input[value=to_verify])").click()
    page.wait_for_url(re.compile("status=to_verify"))
    wait_for_numbers(before)
    page.wait_for_function("() => document.querySelectorAll('[data-zone-list] [data-zone]').length < 6")
    assert drawn() == listed() and sorted(listed().values()) == [str(n) for n in range(1, len(listed()) + 1)]
    page.reload()
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    assert page.locator("select[name=sort]").input_value() == "-people"
