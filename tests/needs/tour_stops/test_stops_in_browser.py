"""The stops of a tour on a phone: needs are added, their outcomes wait offline, and the places are deleted at the end
of the tour."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from needs.models import Encounter, Need, Tour, TourStop
from needs.reports import filing
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.conftest import until
from tests.needs.phone_queue.phone_page import QUEUE, OpenPhone, set_offline, stored_text, waiting
from tests.needs.tour_stops.stop_cases import WORDS, a_need, a_plan, on_tour
from tests.needs.tours.test_tour_queue_in_browser import FOUR_MINUTES_LATER
from tests.support import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOUR_TEXT = """async () => {
  const db = await idb.openDB('solidarity-tour-mode');
  const all = db.objectStoreNames.length ? await db.getAll('tour') : [];
  db.close();
  return JSON.stringify(all);
}"""
CACHED_TEXT = """async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const {url} of await cache.keys()) {
      if (!url.includes('/static/')) texts.push(await (await cache.match(url))?.text()); // may just be replaced
    }
  }
  return texts.join();
}"""
CARD = "[data-tour-stop] .tour-mode-stop"


def _open(page: Page, site: str, tour: Tour) -> None:
    page.goto(f"{site}/tours/tour-mode/#{tour.pk}")
    page.locator("[data-tour-mode][data-ready]").wait_for()


def _on_phone(page: Page) -> str:
    """Everything that the phone stores about the tour and in its caches."""
    return str(page.evaluate(TOUR_TEXT)) + str(page.evaluate(CACHED_TEXT)) + stored_text(page)


def test_a_need_is_added_visited_offline_and_its_place_forgotten_at_the_end(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    first, second = a_need(kinds=["food", "blanket"]), a_need(2, place_text="behind the second pillar")
    plan = a_plan(cast)
    page = phone(cast.bob, f"/stops/{plan.pk}/")
    page.get_by_role("button", name="Add all").click()
    expect(page.locator("[data-stop]")).to_have_count(2)
    page.get_by_role("link", name="The planned tour").click()
    page.get_by_role("button", name="Start this tour now").click()
    page.wait_for_url("**/tours/*/")
    tour = Tour.objects.get()
    _open(page, network.url, tour)
    expect(page.locator(CARD)).to_contain_text(WORDS)
    set_offline(page, network)
    page.reload()
    expect(page.locator(CARD)).to_contain_text(WORDS)

    page.locator(f"{CARD} [data-stop-outcome=helped]").click()
    expect(page.locator(CARD)).to_contain_text("behind the second pillar")
    page.locator(".undo-bar button").click()
    expect(page.locator(CARD)).to_contain_text(WORDS)
    assert waiting(page) == []
    page.locator(f"{CARD} [data-stop-more] summary").click()
    page.locator(f"{CARD} [data-kind=food]").click()
    page.locator(f"{CARD} [data-stop-outcome=helped]").click()
    expect(page.locator(CARD)).to_contain_text("behind the second pillar")
    assert [each["kind"] for each in waiting(page)] == ["stop-outcome"]
    page.locator(f"{CARD} [data-stop-outcome=not_found]").click()
    expect(page.locator("[data-tour-stops]")).to_be_hidden()
    page.locator("[data-tour-end]").click()
    page.locator("[data-tour-finish]").click()
    page.locator("[data-tour-done]").wait_for()
    assert not any(words in _on_phone(page) for words in (WORDS, "second pillar", "geo:"))

    page.evaluate(FOUR_MINUTES_LATER)
    set_offline(page, network, False)
    until(lambda: not Tour.objects.get().is_open, 60, "the tour was not ended")
    assert list(TourStop.objects.values_list("outcome", flat=True)) == ["helped", "not_found"]
    assert (Need.objects.get(pk=first.pk).state, Need.objects.get(pk=second.pk).state) == ("partly_met", "open")
    assert Encounter.objects.get().given == ["blanket"]


def test_the_phone_forgets_the_places_of_a_tour_that_ended_elsewhere(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    tour, _stops = on_tour(cast, a_need())
    page = phone(cast.bob, "/queue/")
    _open(page, network.url, tour)
    expect(page.locator(CARD)).to_contain_text(WORDS)
    page.goto(f"{network.url}/queue/")
    assert WORDS in _on_phone(page)
    filing.close_tour(tour, ended_at=timezone.now())
    page.evaluate(f"async () => {{ {QUEUE} await q.store.note('pages', null); }}")  # half an hour later
    page.reload()
    until(lambda: WORDS not in _on_phone(page), 60, "the place is still on the phone")
