"""“Find help now” in Chromium: two taps lead to a list, which also works without a network; and “I told them” on a
tour."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import PlaceCapacity, Signposting, Tour
from needs.reports import filing
from solidarity.lib import grid
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.browser_checks import no_sideways, serious
from tests.conftest import until
from tests.needs.find_help.help_places import place
from tests.needs.phone_queue.phone_page import HERE, PHONE, READY, set_offline
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEPT = """async () => {
  const cache = await caches.open('solidarity-places');
  const files = ['find-help.js', 'places-list.js'].map((name) => caches.match(`/static/solidarity/find_help/${name}`));
  return Boolean(await cache.match('/find/') && await cache.match('/find/near/')) && (await Promise.all(files)).every(Boolean);
}"""


def kind(page: Page, code: str) -> None:
    page.locator(f".find-kind[value={code}]").click()


def test_two_taps_from_the_home_page_show_what_is_open_and_the_list_goes_on_without_network(
    browser: Browser, city: City, enter: Enter, network: NetworkProxy, axe: str
) -> None:
    now = timezone.localtime()
    hours = f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    place("Soupe", HERE["latitude"] + 0.002, HERE["longitude"], hours=hours)
    place("Cantine", HERE["latitude"] + 0.004, HERE["longitude"])
    place("Refuge", address_hidden=True)
    sent: list[Request] = []
    page = enter(browser, None, PHONE, geolocation={**HERE, "latitude": 48.866049}, service_workers="allow")
    page.on("request", lambda each: sent.append(each))
    page.goto(network.url)
    page.wait_for_function(READY)
    page.locator(".door").first.click()
    page.locator("[data-find][data-ready]").wait_for()
    assert not [each for each in sent if each.method == "POST"]
    kind(page, "food")
    shown = page.locator(".find-row:visible .find-row__name")
    expect(shown).to_have_text(["Soupe", "Cantine", "Refuge"])
    expect(page.locator("[data-place-minutes]:visible").first).to_have_text("about 4 min on foot")
    no_sideways(page)
    assert serious(page, axe) == []
    [asked] = [each for each in sent if each.method == "POST"]
    assert asked.post_data == "latitude=48.866&longitude=2.350"
    assert not [each.url for each in sent if re.search(r"48[.]8|2[.]35", each.url)]

    until(lambda: page.evaluate(KEPT), 20, "the list was not kept")
    set_offline(page, network)
    page.goto(f"{network.url}/find/")
    page.clock.set_fixed_time(now + timedelta(hours=3))
    kind(page, "food")
    expect(shown).to_have_text(["Cantine", "Soupe", "Refuge"])
    expect(page.locator(".find-row[data-state=later]:visible")).to_contain_text("Opens")
    expect(page.locator("[data-find-state]")).to_contain_text("kept on this phone")
    page.locator("[data-find-forget]").click()
    until(lambda: not page.evaluate("caches.has('solidarity-places')"), 10, "the list was not deleted")


def test_the_choice_stays_when_the_position_is_refused_and_the_list_of_a_district_goes_on_without_network(
    browser: Browser, city: City, enter: Enter, network: NetworkProxy
) -> None:
    place("Nuit", kinds=["shelter"])
    place("Soupe")
    full = place("Complet", kinds=["shelter"])
    PlaceCapacity.objects.create(place=full, kind="beds", free=0, set_at=timezone.now())
    page = enter(browser, None, PHONE, permissions=[], service_workers="allow")
    page.goto(f"{network.url}/find/")
    page.locator("[data-find][data-ready]").wait_for()
    kind(page, "shelter")
    expect(page.locator("[data-find-state]")).to_contain_text("Your position is not available")
    assert page.url.endswith("/find/?kind=shelter")
    page.get_by_role("link", name="Nord").click()
    page.wait_for_url("**/find/in/nord/?kind=shelter")
    shown = page.locator(".find-row:visible .find-row__name")
    expect(shown).to_have_text(["Nuit"])
    expect(page.locator("[data-place-minutes]:visible")).to_contain_text("min on foot")
    page.get_by_text("Full places: 1").click()
    expect(shown).to_have_text(["Nuit", "Complet"])
    kind(page, "food")
    expect(shown).to_have_text(["Soupe"])
    expect(page.get_by_text("Full places")).to_be_hidden()
    assert page.url.endswith("/find/in/nord/?kind=food")
    until(lambda: page.evaluate(KEPT), 20, "the list was not kept")
    page.wait_for_function("async () => Boolean((await navigator.serviceWorker.ready).active)")
    set_offline(page, network)
    page.goto(f"{network.url}/find/in/sud/?kind=shelter")
    expect(page.locator("[data-find-state]")).to_contain_text("kept on this phone")
    expect(shown).to_have_text(["Nuit"])


@pytest.mark.repetition
def test_on_a_tour_two_taps_show_where_somebody_can_go_and_a_third_notes_that_they_were_told(
    browser: Browser, cast: Cast, enter: Enter, live_server: LiveServer
) -> None:
    place("Soupe", HERE["latitude"] + 0.002, HERE["longitude"])
    began = timezone.now() - timedelta(minutes=5)
    tour = Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(f"{live_server.url}/tours/tour-mode/")
    page.locator("[data-tour-mode][data-ready]").wait_for()
    page.locator("[data-where-to-go] > summary").click()
    page.locator("[data-where-kind=food]").click()
    row = page.locator(".find-row:visible")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="I told them").click()
    expect(row.get_by_role("button", name="Noted")).to_be_disabled()
    until(Signposting.objects.exists, 20, "nothing was recorded")
    stored = Signposting.objects.get()
    assert (stored.tour, stored.kind, stored.author) == (tour, "food", cast.bob)
    assert stored.cell in (None, grid.cell_of(HERE["latitude"], HERE["longitude"]))
