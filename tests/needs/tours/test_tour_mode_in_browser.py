"""Tour mode in Chromium: the phone sends cells and minutes, but the track stays on the phone."""

import re
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Geolocation, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Encounter, PlannedTour, Tour
from needs.reports import filing
from solidarity.lib import grid
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.conftest import until
from tests.needs.phone_queue.phone_page import READY
from tests.request_bodies import body_of
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
LAT, LNG, STEP = 48.8661, 2.3413, 0.0012
CACHED = """async () => Boolean(await caches.match('/tours/tour-mode/') && await caches.match('/tours/start/')
  && await caches.match('/static/vendor/h3/h3-js.es.js'))"""
STATE = """async () => {
  const db = await idb.openDB('solidarity-tour-mode');
  const latest = await db.get('tour', 'now');
  const state = latest && await db.get('tour', latest);
  db.close();
  return state ?? null;
}"""


def _place(step: int) -> Geolocation:
    return {"latitude": LAT, "longitude": LNG + STEP * step}


def _cell_at(step: int) -> int:
    return grid.cell_of(_place(step)["latitude"], _place(step)["longitude"])


def _state(page: Page) -> dict[str, Any]:
    """The stored state of tour mode; empty without a tour."""
    state: dict[str, Any] | None = page.evaluate(STATE)
    return state or {}


def _tour(cast: Cast, ago: timedelta) -> Tour:
    began = timezone.now() - ago
    return Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)


def _tap(page: Page, name: str) -> None:
    page.locator(f"[data-tour-{name}]").click()


def _open(page: Page, site: str, tour: str = "") -> None:
    """Open tour mode and wait for its scripts."""
    page.goto(f"{site}/tours/tour-mode/{tour}")
    page.locator("[data-tour-mode][data-ready]").wait_for()


def _move_to(page: Page, step: int) -> float:
    """Move the phone. Return the time at which the page recorded the new position, in minutes of the page's clock."""

    def there() -> float | None:
        legs = _state(page).get("legs") or [[]]
        if not legs[-1] or abs(legs[-1][-1]["lng"] - _place(step)["longitude"]) >= 1e-9:
            return None
        return float(legs[-1][-1]["t"]) / 60_000

    def again() -> None:
        """Send the position again, as a phone does, because an older position may have arrived after it."""
        page.context.set_geolocation(_place(step))

    return float(until(there, 60, "the position was not recorded", again=again))


def test_a_tour_of_three_hours_sends_cells_and_minutes_but_no_place(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    tour = _tour(cast, timedelta(hours=3))
    page = enter(browser, cast.bob, PHONE, geolocation=_place(0))
    context = page.context
    sent: list[str] = []
    context.on("request", lambda request: sent.append(f"{request.url} {body_of(request)}"))
    context.clock.install(time=timezone.now() - timedelta(hours=3))
    _open(page, live_server.url, f"#{tour.pk}")
    last, longest = _move_to(page, 0), 0.0
    expected: dict[int, float] = defaultdict(float)
    for step in range(88):
        if step == 30:
            _tap(page, "pause")
            page.locator("[data-tour-pause][aria-pressed=true]").wait_for()
        if step == 35:
            _tap(page, "pause")
            page.locator("[data-tour-pause][aria-pressed=false]").wait_for()
            last = _move_to(page, step)
        if step == 20:
            _tap(page, "met")
            _tap(page, "more")
            _tap(page, "gave")
            page.locator("[data-tour-kind=food]").click()
        if step == 40:
            context.set_offline(True)
            _tap(page, "nobody")
        if step == 45:
            _tap(page, "met")
            _tap(page, "undo")  # the tap is still on the phone
        if step == 60:
            context.set_offline(False)
            page.close()  # the tab is closed
            page = context.new_page()
            _open(page, live_server.url)
            _move_to(page, step)
        context.clock.fast_forward(120_000)
        context.set_geolocation(_place(step + 1))
        if not 30 <= step < 35:
            now = _move_to(page, step + 1)  # two minutes plus the computing time of this machine
            expected[_cell_at(step)] += now - last
            last, longest = now, max(longest, now - last)
    assert not page.locator("[data-tour-over]").is_visible()
    until(lambda: Encounter.objects.live().count() == 2, 60, "the taps did not arrive")
    _tap(page, "nobody")
    until(lambda: Encounter.objects.live().count() == 3, 60, "the last tap did not arrive")
    _tap(page, "undo")  # the tap was sent, so undo retracts it
    until(lambda: Encounter.objects.live().count() == 2, 60, "it was not retracted")
    _tap(page, "end")
    _tap(page, "finish")
    page.locator("[data-tour-done]").wait_for()
    until(lambda: not Tour.objects.get(pk=tour.pk).is_open, 60, "the tour was not ended")

    stored = {each.cell: each.minutes or 0.0 for each in tour.cells.all()}
    assert len(expected) > 15
    for cell in expected.keys() | stored.keys():
        # The phone crosses the border of a cell at an unknown time within a step of two minutes.
        assert abs(stored.get(cell, 0.0) - expected[cell]) <= longest + 0.05, f"{cell:x}"
    assert abs(sum(stored.values()) - sum(expected.values())) <= 4
    assert sum(expected.values()) >= 166
    tour.refresh_from_db()
    assert tour.line is None
    assert sorted(Encounter.objects.live().values_list("persons", "given")) == [(0, []), (2, ["food"])]
    summary = page.locator("[data-tour-summary]").inner_text()
    assert "People met: 2" in summary and "saw nobody: 1" in summary
    assert not re.search(r"\d\.\d{2}|8[0-9a-f]{14}", summary)
    posted = re.sub(r'"ago":[\d.]+', "", "\n".join(sent))  # ages are removed, because seconds can look like degrees
    assert "tour-minutes" in posted
    assert not re.search(r"48\.8|2\.3[4-9]|2\.4[0-9]|latitude|longitude|\"lat\"", posted)
    assert "legs" not in _state(page)
    expect(page.locator("[data-tour-summary]")).to_contain_text("Tour of")  # the server's summary


@pytest.mark.repetition
def test_without_a_position_planned_cells_are_ticked_and_their_minutes_corrected(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer, axe: str
) -> None:
    tour = _tour(cast, timedelta(minutes=90))
    cells = [grid.cell_of(LAT, LNG), grid.cell_of(LAT, LNG + 0.01)]
    PlannedTour.objects.create(association=cast.maraude, start=tour.at, minutes=60, cells=cells, tour=tour)
    page = enter(browser, cast.bob, PHONE)
    page.context.clock.install(time=tour.at)
    _open(page, live_server.url)
    _tap(page, "met")
    expect(page.locator("[data-tour-said]")).to_have_text("First choose where you are, then tap again.")
    for cell, minutes in zip(cells, (20, 45), strict=True):
        page.locator(f"[data-tour-cell='{grid.to_text(cell)}']").click()
        page.locator(f"[data-tour-cell='{grid.to_text(cell)}'][aria-pressed=true]").wait_for()
        expect(page.locator("[data-tour-over]")).to_be_hidden()
        page.context.clock.fast_forward(minutes * 60_000)
    page.locator("[data-tour-over]").wait_for()
    expect(page).to_have_title(re.compile("Time to end the tour"))
    _tap(page, "black")
    expect(page.locator("body")).to_have_css("background-color", "rgb(0, 0, 0)")
    for box in page.locator(
        ".tour-mode-buttons .btn:visible, .tour-mode-tools .btn:visible, .tour-mode-row .btn:visible"
    ).all():
        bounds = box.bounding_box()
        assert bounds and bounds["height"] >= 56
    _tap(page, "end")
    first, second = (page.locator(f"[data-tour-minutes='{grid.to_text(cell)}']") for cell in cells)
    expect(first).to_have_value("20")
    expect(second).to_have_value("45")
    _tap(page, "back")
    before = page.evaluate("document.documentElement.dataset.bsTheme")
    _tap(page, "black")
    assert before == "dark" != page.evaluate("document.documentElement.dataset.bsTheme")
    _tap(page, "end")
    page.evaluate(axe)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
        for button in ("back", "end"):  # checks the page “End the tour?”, then the page of the tour
            found = page.evaluate("axe.run(document.querySelector('main'))")["violations"]
            assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
            _tap(page, button)
    second.fill("90")
    page.locator("[data-tour-wrong]", has_text="Remove").wait_for()
    _tap(page, "finish")
    expect(page.locator("[data-tour-wrong]")).to_contain_text("The cells add up to 110 minutes")
    assert Tour.objects.get(pk=tour.pk).is_open
    page.locator(".tour-mode-correct", has=second).get_by_role("button", name="5 minutes less").click()
    expect(second).to_have_value("85")
    second.fill("40")
    page.locator("[data-tour-wrong]").wait_for(state="hidden")
    _tap(page, "finish")
    until(lambda: not Tour.objects.get(pk=tour.pk).is_open, 60, "the tour was not ended")
    assert [round(tour.cells.get(cell=cell).minutes or 0) for cell in cells] == [20, 40]
    expect(page.locator("[data-tour-summary]")).to_contain_text("Cells searched: 2")


def test_a_whole_tour_works_offline_from_a_cold_start(
    cast: Cast, browser: Browser, enter: Enter, network: NetworkProxy
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=_place(0), service_workers="allow")
    page.goto(network.url)
    page.wait_for_function(READY)
    until(lambda: page.evaluate(CACHED), 60, "the pages and the grid were not cached")
    context = page.context
    network.down = True
    context.set_offline(True)
    page.close()

    page = context.new_page()
    _open(page, network.url)
    page.locator("[data-tour-none] a").click()
    page.locator("form[data-queue=tour-start] [type=submit]").click()
    page.locator("[data-queue-saved] a[href='/tours/tour-mode/']").click()
    page.locator("[data-tour-mode][data-ready]").wait_for()
    _move_to(page, 0)
    _tap(page, "met")
    _tap(page, "gave")
    page.locator("[data-tour-kind=blanket]").click()
    _tap(page, "nobody")
    page.locator("[data-tour-looked]", has_text="1").wait_for()
    page.close()  # the tab is closed again
    page = context.new_page()
    _open(page, network.url)
    _tap(page, "end")
    _tap(page, "finish")
    page.locator("[data-tour-done]").wait_for()
    summary = page.locator("[data-tour-summary]")
    expect(summary).to_contain_text("From this phone so far")
    expect(summary).to_contain_text("People met: 1")
    expect(page.locator("[data-tour-done-state]")).to_contain_text("4 reports wait on this phone.")
    _open(page, network.url)  # the summary stays until the server has everything
    expect(summary).to_contain_text("From this phone so far")
    assert not Tour.objects.exists()

    network.down = False
    context.set_offline(False)
    until(lambda: Tour.objects.exclude(ended_at=None).exists(), 60, "the tour was not stored")
    tour = Tour.objects.get()
    assert (tour.author, tour.association) == (cast.bob, cast.maraude)
    assert set(tour.cells.values_list("cell", flat=True)) == {_cell_at(0)}
    filed = Encounter.objects.live().filter(tour=tour)
    assert sorted(filed.values_list("persons", "given")) == [(0, []), (1, ["blanket"])]
    expect(summary).to_contain_text("Tour of")
    expect(page.locator("[data-tour-done-state]")).to_contain_text("Everything from this phone has arrived.")
    _open(page, network.url)  # the server's summary is shown once more; the next time it is gone
    expect(summary).to_contain_text("Tour of")
    _open(page, network.url)
    page.locator("[data-tour-none]").wait_for()
