"""Actions of a zone in a real Chromium: forms open at the zone, and one tap shows what is to verify."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mapping.enums import Status
from mapping.models import Zone
from tests.browser_checks import no_sideways
from tests.mapping.map.test_zone_actions import INSIDE, city_with_needs, zone_at
from tests.support import Cast, City, Enter
from volunteers.enums import Audience

__all__ = ["city_with_needs"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)


@pytest.mark.repetition
def test_the_alert_form_opens_with_the_zone_drawn(
    browser: Browser, live_server: LiveServer, cast: Cast, city_with_needs: City, enter: Enter
) -> None:
    page, zone = enter(browser, cast.alice, PHONE), zone_at(INSIDE, Audience.VOLUNTEER)
    opened(page, f"{live_server.url}/map/t/nord/?zone={zone.key}")
    page.get_by_role("button", name="Alert me about new needs here").click()
    page.locator("[data-area-map][data-ready]").wait_for(timeout=60_000)
    corners = json.loads(page.locator("[name=corners]").input_value())
    assert len(corners) >= 3
    expect(page.locator("[data-area]")).to_have_attribute("data-corners", str(len(corners)))
    no_sideways(page)
    page.get_by_role("button", name="Switch the alert on").click()
    expect(page.get_by_text("The alert is on.")).to_be_visible()


def test_a_plan_from_a_zone_opens_its_map_there_and_the_address_tells_nothing(
    browser: Browser, live_server: LiveServer, cast: Cast, city_with_needs: City, enter: Enter
) -> None:
    page, zone = enter(browser, cast.bob, PHONE), zone_at(INSIDE, Audience.ASSOCIATION)
    opened(page, f"{live_server.url}/map/t/nord/?zone={zone.key}")
    page.locator("[data-start-here]", has_text="Report a need").click()
    expect(page).not_to_have_url(re.compile("/map/"))
    stored = page.evaluate("JSON.parse(window.sessionStorage.getItem('solidarity.start-here')).box")
    assert stored == [pytest.approx(degrees, abs=1e-4) for degrees in zone.shape.extent]
    assert "48." not in page.url and "2.3" not in page.url
    page.goto(f"{live_server.url}/plans/new/")
    page.locator("[data-line-map][data-ready]").wait_for(timeout=60_000)
    # The map shows cells, so its zoom is high enough, and its middle is in the zone's box with the margin.
    expect(page.locator("[data-line-map]")).not_to_have_attribute("data-cells", "0")


@pytest.mark.repetition
def test_one_tap_shows_the_zones_to_verify_and_another_shows_all(
    browser: Browser, live_server: LiveServer, cast: Cast, city_with_needs: City, enter: Enter
) -> None:
    zone = zone_at(INSIDE, None)
    Zone.objects.filter(pk=zone.pk).update(status=Status.TO_VERIFY)
    number = Zone.objects.live().filter(status=Status.TO_VERIFY, territory__path__startswith="ville").count()
    page = enter(browser, cast.diane, PHONE)
    opened(page, f"{live_server.url}/map/t/ville/")
    everything = page.locator("[data-zone-count]").get_attribute("data-zone-count")
    link = page.locator("[data-only]")
    expect(link).to_be_visible()
    link.click()
    expect(page.locator("[data-zone-count]")).to_have_attribute("data-zone-count", str(number))
    expect(link).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(f"{live_server.url}/map/t/ville/?status=to_verify")
    expect(page.locator("[name=status]:checked")).to_have_count(1)
    link.click()
    expect(page.locator("[data-zone-count]")).to_have_attribute("data-zone-count", everything or "")
    no_sideways(page)
