"""A coordinator in Chromium: the unseen estimate and its table, needs that come back, the zone around such a need."""

import re
from datetime import timedelta
from typing import Literal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.coverage.unseen import unseen_estimate
from mapping.models import MonthlyNeed
from mapping.plans.recurring_needs import monthly_counts
from solidarity.lib import grid
from tests.browser_checks import serious
from tests.repetitions import again
from tests.support import Cast, City, LogIn, Seen
from volunteers.models import Cell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def with_history(city: City, seen: Seen) -> City:
    """A city with sixty days of unseen estimates, and blankets asked for in five months."""
    seen(persons=3, minutes=30, hours_ago=24 * 20)
    fold.fold_outbox()
    fold.refresh_all()
    unseen_estimate.fill(unseen_estimate.last_day(timezone.now()) - timedelta(days=back) for back in range(60))
    months = monthly_counts.months_until(timezone.localtime().date(), monthly_counts.MONTHS)
    place = Cell.objects.filter(territory=city.nord).order_by("-lat")[5].parent8
    MonthlyNeed.objects.bulk_create(
        MonthlyNeed(territory=city.nord, cell=place, month=month, kind="blanket", count=7) for month in months[1:]
    )
    assert grid.resolution_of(place) == 8
    return city


@pytest.mark.parametrize(("width", "height", "theme"), [(390, 844, "dark"), again(1440, 900, "light")])
def test_from_the_unseen_estimate_to_the_zone_around_a_need_that_comes_back(
    page: Page,
    live_server: LiveServer,
    log_in: LogIn,
    with_history: City,
    cast: Cast,
    axe: str,
    width: int,
    height: int,
    theme: Literal["light", "dark"],
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    log_in(cast.diane)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{live_server.url}/map/t/ville/dashboard/")
    expect(
        page.get_by_role("img", name=re.compile("People likely in places not searched recently, over time: Ville"))
    ).to_be_visible()
    table = page.get_by_role("region", name="The same figures week by week")
    expect(table).to_be_hidden()
    page.get_by_text("The same figures week by week").click()
    expect(table.get_by_role("row")).to_have_count(10)
    assert serious(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_text("Needs that come back").first.click()
    page.get_by_role("link", name="All needs that come back, with a map").click()
    expect(
        page.get_by_text("People asked for blankets in 5 of the last 6 months around place 1 (Nord, ")
    ).to_be_visible()
    assert serious(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Zone around place 1 on the map").click()
    page.wait_for_url(re.compile(r"/map/t/ville/\?zone=[0-9a-f-]{36}$"))
    assert said == []
