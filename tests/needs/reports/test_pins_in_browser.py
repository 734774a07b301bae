"""Pins in Chromium: street zoom, the street below the map, moves by keyboard and by buttons."""

import math

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.needs.crises.crisis_cases import opened
from tests.needs.reports.test_report_forms_in_browser import tap_map
from tests.support import Cast, City, LogIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

METRES_PER_DEGREE = 111_320


def point(page: Page) -> tuple[float, float]:
    return tuple(float(page.locator(f"#id_{name}").input_value()) for name in ("latitude", "longitude"))  # type: ignore[return-value]


def moved(before: tuple[float, float], after: tuple[float, float]) -> tuple[int, int]:
    """Return the move in metres to the north and to the east."""
    east = (after[1] - before[1]) * METRES_PER_DEGREE * math.cos(math.radians(before[0]))
    return round((after[0] - before[0]) * METRES_PER_DEGREE), round(east)


def test_a_pin_counts_at_street_zoom_and_moves_in_metres_by_keys_and_buttons(
    page: Page, live_server: LiveServer, city: City, cast: Cast, log_in: LogIn
) -> None:
    log_in(cast.bob)
    page.goto(f"{live_server.url}/encounters/new/")
    expect(page.locator("[data-place-state]")).to_have_text("Tap near the place to zoom in, then tap the exact place.")
    tap_map(page)
    pin = page.locator(".map-pin")
    pin.focus()
    start = point(page)
    for key, way in (
        ("ArrowUp", (5, 0)),
        ("ArrowRight", (5, 5)),
        ("Shift+ArrowDown", (-20, 5)),
        ("ArrowLeft", (-20, 0)),
    ):
        page.keyboard.press(key)
        assert moved(start, point(page)) == way
    expect(page.locator("[data-place-state]")).to_have_text("Pin moved 5 m: west.")
    expect(pin).to_be_focused()
    page.locator("[data-direction=south]").click()
    assert moved(start, point(page)) == (-25, 0)


def test_the_street_under_a_pin_is_repeated_and_the_point_is_in_no_address(
    page: Page, live_server: LiveServer, city: City, cast: Cast, log_in: LogIn
) -> None:
    name_storing.replace("test", rows())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(cast.bob)
    page.goto(f"{live_server.url}/encounters/new/")
    page.evaluate(
        "() => { for (const [name, value] of [['latitude', '48.86412'], ['longitude', '2.3515']])"
        " document.getElementById(`id_${name}`).value = value;"
        " document.querySelector('[data-place]').dispatchEvent(new Event('place:show')); }"
    )
    street = page.locator("[data-pin-street]")
    expect(street).to_have_text("near 12 rue de Crimée")
    page.locator("[data-place-map][data-ready]").wait_for()
    page.locator(".map-pin").focus()
    for _step in range(10):
        page.keyboard.press("Shift+ArrowDown")
    expect(street).to_have_text("Sud, north")
    assert f"{live_server.url}/places/near/" in asked
    assert not [address for address in asked if "48.86" in address or "2.35" in address]


def test_the_position_of_the_device_is_repeated_as_a_street_on_the_event_page_too(
    page: Page, city: City, cast: Cast, live_server: LiveServer
) -> None:
    name_storing.replace("test", rows())
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 48.86412, "longitude": 2.3515})
    page.goto(f"{live_server.url}/crisis/{opened(cast.diane).slug}/")
    page.locator("[data-crisis-locate]").click()
    expect(page.locator("[data-pin-street]")).to_have_text("near 12 rue de Crimée")


def test_the_buttons_of_a_form_map_are_named_in_the_readers_language(
    page: Page, live_server: LiveServer, city: City, cast: Cast, log_in: LogIn
) -> None:
    log_in(cast.bob)
    page.set_extra_http_headers({"Accept-Language": "fr"})
    page.goto(f"{live_server.url}/encounters/new/")
    expect(page.locator(".maplibregl-ctrl-zoom-in")).to_have_attribute("aria-label", "Zoomer")
    expect(page.locator(".maplibregl-ctrl-zoom-out")).to_have_attribute("aria-label", "Dézoomer")
