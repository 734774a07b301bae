"""An open live map in a real Chromium: a report changes the zone on it, with a real worker."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.models import Zone
from tests.forked_workers import Worker
from tests.support import Cast, City, LogIn, Seen

pytestmark = [pytest.mark.browser, pytest.mark.worker]

WATCHED = """() => {
  window.asked = [];
  const real = window.fetch;
  window.fetch = async (...all) => {
    const answer = await real(...all);
    if (String(all[0]).includes("/tiles/version")) window.asked.push(answer.status);
    return answer;
  };
}"""


def test_a_report_changes_the_zone_on_an_open_map(
    page: Page,
    live_server: LiveServer,
    worker: Worker,
    log_in: LogIn,
    city: City,
    cast: Cast,
    seen: Seen,
) -> None:
    seen(lat=48.8655, lng=2.337, persons=2, minutes=60, hours_ago=50)
    fold.fold_outbox()
    log_in(cast.diane)
    page.add_init_script(f"({WATCHED})()")
    page.goto(f"{live_server.url}/map/t/nord/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    page.wait_for_function("() => window.asked.includes(200) && window.asked.includes(304)")
    before = set(Zone.objects.live().values_list("key", "status"))
    drawings = int(page.locator("[data-map]").get_attribute("data-drawings") or 0)
    with page.expect_response(lambda answer: ".mvt?v=" in answer.url and answer.status == 200, timeout=30_000) as found:
        seen(lat=48.8668, lng=2.3435, persons=25, minutes=60, hours_ago=1)
    assert "immutable" in found.value.headers["cache-control"] or "no-store" in found.value.headers["cache-control"]
    page.wait_for_function(
        "(before) => Number(document.querySelector('[data-map]').dataset.drawings) > before", arg=drawings
    )
    assert set(Zone.objects.live().values_list("key", "status")) != before


def test_a_phone_that_saves_data_never_asks(
    page: Page, live_server: LiveServer, transactional_db: None, log_in: LogIn, city: City, cast: Cast, seen: Seen
) -> None:
    seen(lat=48.8655, lng=2.337, persons=2, minutes=60, hours_ago=50)
    fold.fold_outbox()
    log_in(cast.diane)
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/map/t/nord/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    assert any(url.endswith(".mvt") for url in asked)
    assert not any("/tiles/version" in url or "live-tiles" in url for url in asked)
