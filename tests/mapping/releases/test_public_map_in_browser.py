"""The public map in a real Chromium is drawn from one frozen archive. Without JavaScript, a list shows the same."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mapping.map.releases.public import publishing
from mapping.models import Release
from tests.mapping.map.test_map_in_browser import canvas_colours, complaints, requests, serious
from tests.street_city import city as street_city
from tests.support import Cast, LogIn
from volunteers.places.basemap import installed

__all__ = ["complaints", "requests"]

pytestmark = pytest.mark.browser

COLOURS = {1: (0x1F, 0x7A, 0x6D), 2: (0xD9, 0x8A, 0x00), 3: (0xB3, 0x36, 0x1F)}


@pytest.fixture
def published(transactional_db: None, told: Callable[..., None]) -> Release:
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    return release


def test_everybody_sees_the_map_from_its_archive_alone(
    page: Page, live_server: LiveServer, published: Release, requests: list[str], complaints: list[str]
) -> None:
    page.goto(live_server.url + "/map/public/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    assert all(re.match(r"(blob:)?" + re.escape(live_server.url), url) for url in requests)
    assert any(published.folder in url for url in requests)
    assert not any("/tiles/" in url for url in requests)
    drawn = page.locator("[data-public-map]").get_attribute("data-places")
    assert drawn is not None
    assert int(drawn) >= published.places.count()
    statuses = set(published.places.values_list("status", flat=True))
    colours = canvas_colours(page)
    assert statuses & set(COLOURS)
    for status in statuses & set(COLOURS):
        assert colours.get(COLOURS[status], 0) > 20
    assert complaints == []
    assert serious(page) == []


@pytest.mark.repetition
def test_the_public_map_has_streets_under_its_places(
    page: Page, live_server: LiveServer, published: Release, requests: list[str], complaints: list[str]
) -> None:
    installed.root().mkdir(parents=True, exist_ok=True)
    installed.path().write_bytes(street_city(48.86, 2.348))
    try:
        page.goto(live_server.url + "/map/public/")
        page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
        colours = canvas_colours(page)
        notes = page.locator("[data-note]:visible").count()
    finally:
        installed.path().unlink()
    assert f"{live_server.url}/map/basemap.pmtiles" in requests
    assert all(re.match(r"(blob:)?" + re.escape(live_server.url), url) for url in requests)
    assert colours.get((0xA9, 0xC6, 0xD8), 0) > 500  # water
    assert notes == 0
    assert complaints == []


@pytest.mark.repetition
def test_places_have_the_same_number_in_list_and_map(page: Page, live_server: LiveServer, published: Release) -> None:
    page.goto(live_server.url + "/map/public/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    listed = page.eval_on_selector_all("[data-place][data-number]", "rows => rows.map(row => row.dataset.number)")
    assert listed
    drawn = json.loads(page.locator("[data-public-map]").get_attribute("data-numbers") or "[]")
    assert drawn  # numbers that would overlap are left out
    assert set(map(str, drawn)) <= set(listed)


@pytest.mark.repetition
def test_a_place_of_the_list_is_found_on_the_map(page: Page, live_server: LiveServer, published: Release) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + "/map/public/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    link = page.locator("[data-place-link]").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-place][aria-current=true]")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_javascript_the_list_says_the_same(
    browser: Browser, live_server: LiveServer, published: Release
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr")
    page = context.new_page()
    page.goto(live_server.url + "/map/public/")
    assert page.locator("[data-place]").count() == published.places.count()
    assert "chaque lundi à six heures" in page.content()
    assert page.locator("[data-place] .status").first.is_visible()
    context.close()


def test_a_volunteers_map_is_drawn_from_the_archive(
    page: Page,
    live_server: LiveServer,
    log_in: LogIn,
    published: Release,
    cast: Cast,
    requests: list[str],
    complaints: list[str],
) -> None:
    from mapping.coverage.folding import fold
    from mapping.map.releases import release_filter
    from mapping.models import Zone

    fold.refresh_all()
    frozen = release_filter.publish_all()[0]
    log_in(cast.alice)
    page.goto(live_server.url + "/map/t/nord/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    assert any("/map/t/nord/release/" in url for url in requests)
    assert not any("/tiles/" in url for url in requests)
    statuses = set(Zone.objects.filter(release=frozen, territory__slug="nord").values_list("status", flat=True))
    colours = canvas_colours(page)
    assert statuses & set(COLOURS)
    for status in statuses & set(COLOURS):
        assert colours.get(COLOURS[status], 0) > 20
    assert complaints == []
