"""Tour mode in Chromium: the first tap puts an encounter in the phone queue. Each tap arrives, however people leave the
page."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pytest_django.live_server_helper import LiveServer

from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.models import Encounter, Tour
from needs.reports import filing, intake
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.browser_checks import no_sideways
from tests.conftest import until
from tests.needs.phone_queue.phone_page import HERE, PHONE, OpenPhone, fill_form, set_offline, waiting
from tests.repetitions import again
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 360, "height": 640}
FOUR_MINUTES_LATER = "const now = Date.now.bind(Date); Date.now = () => now() + 240000;"
TAP = "[data-tour-{}]"


def tour_of(cast: Cast, ago: timedelta = timedelta(minutes=30)) -> Tour:
    """A tour of Bob's under way."""
    began = timezone.now() - ago
    return Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)


def tap(page: Page, *names: str) -> None:
    for name in names:
        page.locator(TAP.format(name)).click()


def open_tour(page: Page, site: str, tour: Tour | None = None, then: str = "") -> None:
    """Open tour mode with a known position."""
    page.goto(f"{site}/tours/tour-mode/" + (f"#{tour.pk}{then}" if tour else ""))
    page.locator("[data-tour-mode][data-ready]").wait_for()
    if not then:
        expect(page.locator("[data-tour-state]")).to_contain_text("records your track")


def met_two(page: Page) -> None:
    """Enter two people who got food: four taps make one encounter."""
    tap(page, "met", "more", "gave")
    page.locator("[data-tour-kind=food]").click()
    page.locator("[data-tour-kind=food][aria-pressed=true]").wait_for()


def filed(*, persons: int = 2) -> bool:
    """Return whether the tour's only encounter arrived as it was entered."""
    rows = list(Encounter.objects.live().values_list("persons", "given"))
    assert len(rows) <= 1
    return rows == [(persons, ["food"])]


def test_each_tap_is_in_the_queue_and_listed_there(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    tour_of(cast)
    page = phone(cast.bob, "/tours/tour-mode/")
    set_offline(page, network)
    open_tour(page, network.url)
    tap(page, "met")
    expect(page.locator("[data-tour-persons]")).to_have_text("1")
    [first] = waiting(page)
    assert first["summary"]["persons"] == 1
    tap(page, "more", "gave")
    page.locator("[data-tour-kind=food]").click()
    page.locator("[data-tour-kind=food][aria-pressed=true]").wait_for()
    [second] = waiting(page)
    assert (second["id"], second["summary"]["persons"]) == (first["id"], 2)
    expect(page.locator("[data-tour-waits]")).to_have_text("One report waits on this phone.")

    queue = page.context.new_page()
    queue.goto(f"{network.url}/queue/")
    row = queue.locator("[data-queue-list] [data-state=held]")
    expect(row).to_contain_text("2 people")
    expect(row).to_contain_text("more taps may be added")
    expect(queue.locator("[data-when-empty]")).to_be_hidden()
    set_offline(page, network, False)
    queue.locator("[data-queue-send]").click()
    until(filed, message="it did not arrive")
    tap(page, "more")  # the first encounter is sent, so this tap belongs to another
    expect(page.locator("[data-tour-persons]")).to_have_text("3")
    assert len(waiting(page)) == 1


def _close(page: Page, _network: NetworkProxy) -> None:
    page.close(run_before_unload=False)


def _follow_a_link(page: Page, _network: NetworkProxy) -> None:
    page.locator(".tour-mode-leave").click()
    page.wait_for_url("**/tours/")


def _reload(page: Page, _network: NetworkProxy) -> None:
    page.reload()
    page.locator("[data-tour-mode][data-ready]").wait_for()
    expect(page.locator("[data-tour-persons]")).to_have_text("2")


def _end(page: Page, _network: NetworkProxy) -> None:
    tap(page, "end", "finish")
    expect(page.locator("[data-tour-done-state]")).to_contain_text("Everything from this phone has arrived.")


def _go_offline(page: Page, network: NetworkProxy) -> None:
    set_offline(page, network)
    page.goto(f"{network.url}/queue/")
    expect(page.locator("[data-queue-list] [data-id]")).to_have_count(1)
    set_offline(page, network, False)


def _kill(page: Page, network: NetworkProxy) -> None:
    """Kill the tab, so that nothing runs in it. The next page lists the encounter, and sends it when the hold has
    ended."""
    with contextlib.suppress(PlaywrightError):
        page.goto("chrome://crash")
    soon = page.context.new_page()
    for _attempt in range(2):
        with contextlib.suppress(PlaywrightTimeout):
            # The service worker may have run in the killed process; until the browser notices, a page waits for it.
            soon.goto(f"{network.url}/queue/", timeout=15_000)
            break
    else:
        soon.goto(f"{network.url}/queue/")
    soon.locator("[data-queue-list] [data-state=held]").wait_for()
    assert not Encounter.objects.exists()
    later = page.context.new_page()
    later.add_init_script(FOUR_MINUTES_LATER)
    later.goto(f"{network.url}/about/")


type Leave = Callable[[Page, NetworkProxy], None]


@pytest.mark.parametrize(
    "leave", [again(_close), again(_follow_a_link), _kill, again(_go_offline), again(_reload), again(_end)]
)
def test_an_encounter_arrives_once_and_whole_however_the_page_is_left(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, leave: Leave
) -> None:
    tour_of(cast)
    page = phone(cast.bob, "/tours/tour-mode/")
    open_tour(page, network.url)
    page.context.new_page()  # keeps the browser's context when the tab is closed
    met_two(page)
    assert not Encounter.objects.exists()  # the encounter is held back for more taps
    leave(page, network)
    until(filed, 60, "it did not arrive, or not whole")


RACE = """async (numbers) => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  const said = {};
  await Promise.all(numbers.map(async (number) => {
    const id = q.newId();
    const content = (persons) => ({
      fields: {tour: TOUR, cell: '891fb466257ffff', persons: String(persons), asked: [], given: []},
      summary: {tour: TOUR, persons, given: false},
    });
    await q.enqueue({kind: 'tour-tap', id, heldUntil: Date.now() + 60000, ...content(1)});
    let persons = 1;
    const release = new Promise((done) => setTimeout(() => q.release([id]).then(done), number * 7));
    while (await q.amend(id, {...content(persons + 1), heldUntil: Date.now() + 60000})) persons += 1;
    await release;
    said[id] = persons;
  }));
  return said;
}"""


def test_what_is_added_while_the_queue_is_sending_is_in_what_arrives(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    """Twelve encounters get taps, as fast as the phone can write, until each encounter is released. Meanwhile two tabs
    send."""
    tour = tour_of(cast)
    page = phone(cast.bob, "/queue/")
    second = page.context.new_page()
    second.goto(f"{network.url}/queue/")
    second.evaluate(
        "() => { window.pushing = setInterval(() => document.dispatchEvent(new CustomEvent('queue:send')), 20); }"
    )
    said: dict[str, int] = page.evaluate(RACE.replace("TOUR", f"'{tour.pk}'"), list(range(12)))
    until(lambda: Encounter.objects.count() == 12, 60, "they did not arrive")
    assert {str(pk): persons for pk, persons in Encounter.objects.values_list("pk", "persons")} == said
    assert max(said.values()) > 1


@pytest.mark.repetition
def test_two_tabs_of_one_tour_count_and_undo_together(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    tour_of(cast)
    page = phone(cast.bob, "/tours/tour-mode/")
    open_tour(page, network.url)
    other = page.context.new_page()
    open_tour(other, network.url)
    tap(page, "met")
    expect(other.locator("[data-tour-persons]")).to_have_text("1")
    tap(other, "more")
    expect(page.locator("[data-tour-persons]")).to_have_text("2")
    tap(page, "nobody")
    expect(other.locator("[data-tour-looked]")).to_have_text("1")
    tap(other, "undo")
    expect(page.locator("[data-tour-looked]")).to_have_text("0")
    until(lambda: list(Encounter.objects.live().values_list("persons", flat=True)) == [2], message="one of two people")


@pytest.mark.repetition
def test_a_second_phone_continues_the_count_and_the_summary_is_that_of_all(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    tour = tour_of(cast, timedelta(hours=2))
    by_form = EncounterDraft(
        at=timezone.now(), place=DraftPlace(48.866, 2.35), persons=4, given=["water"], tour=tour.pk
    )
    intake.file_encounter(by_form, association=cast.maraude.pk, author=cast.carol.pk)
    first = enter(browser, cast.bob, PHONE, geolocation=HERE)
    open_tour(first, live_server.url, tour)
    expect(first.locator("[data-tour-persons]")).to_have_text("4")
    expect(first.locator("[data-tour-scope]")).to_have_text("From all phones and forms")
    met_two(first)
    tap(first, "nobody")  # this tap sends the encounter before it
    until(lambda: Encounter.objects.count() == 3, message="they did not arrive")

    second = enter(browser, cast.carol, PHONE, geolocation=HERE)
    open_tour(second, live_server.url, tour)
    expect(second.locator("[data-tour-persons]")).to_have_text("6")
    expect(second.locator("[data-tour-looked]")).to_have_text("1")
    expect(second.locator("[data-tour-given]")).to_have_text("6")
    second.context.set_offline(True)
    tap(second, "met")
    expect(second.locator("[data-tour-persons]")).to_have_text("7")
    tap(second, "end", "finish")
    summary = second.locator("[data-tour-summary]")
    expect(summary).to_contain_text("From this phone so far")
    expect(summary).to_contain_text("People met: 1")
    expect(second.locator("[data-tour-done-state]")).to_contain_text("2 reports wait on this phone.")
    second.context.set_offline(False)
    expect(summary).to_contain_text("People met: 7")
    expect(summary).to_contain_text("Times you saw nobody: 1")
    expect(summary).to_contain_text("(2 h 0")
    assert "so far" not in summary.inner_text()

    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(first.locator("[data-tour-done-state]")).to_contain_text("ended on another phone")
    expect(first.locator("[data-tour-summary]")).to_contain_text("People met: 7")


@pytest.mark.repetition
def test_a_second_tour_is_started_only_on_purpose_even_without_network(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/tours/")
    until(lambda: page.evaluate("async () => Boolean(await caches.match('/tours/start/'))"), message="not cached")
    set_offline(page, network)

    def start() -> None:
        page.locator("form[data-queue=tour-start] [type=submit]").click()
        page.locator("[data-queue-saved]").wait_for()

    page.goto(f"{network.url}/tours/start/")
    start()
    page.goto(f"{network.url}/tours/start/")
    panel = page.locator("[data-running]")
    panel.wait_for()
    expect(page.locator("form[data-tour-start]")).to_be_hidden()
    panel.get_by_role("link", name="Continue it").click()
    page.locator("[data-tour-mode][data-ready]").wait_for()
    expect(page.locator("[data-tour-on]")).to_be_visible()

    page.goto(f"{network.url}/tours/start/")
    panel.get_by_role("link", name="Start another tour").click()
    start()
    page.goto(f"{network.url}/tours/start/")
    expect(panel.get_by_role("link", name="End it")).to_have_count(2)
    panel.get_by_role("link", name="End it").first.click()
    page.locator("[data-tour-ending]:not([hidden])").wait_for()
    tap(page, "finish")
    page.locator("[data-tour-done]").wait_for()
    page.goto(f"{network.url}/tours/start/")
    expect(panel.get_by_role("link", name="End it")).to_have_count(1)
    set_offline(page, network, False)
    until(lambda: Tour.objects.count() == 2 and Tour.objects.open().count() == 1, message="not as on the phone")


@pytest.mark.parametrize("size", [SMALL, again(PHONE), again({"width": 1440, "height": 900})])
def test_end_is_always_in_view_and_all_kinds_are_two_taps_away(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer, size: dict[str, int]
) -> None:
    tour_of(cast)
    page = enter(browser, cast.bob, size, geolocation=HERE)
    open_tour(page, live_server.url)
    for part in (".site-nav", ".bottom-bar", ".site-head", ".site-foot"):
        expect(page.locator(part)).to_be_hidden()

    def is_in_view(name: str) -> bool:
        box = page.locator(TAP.format(name)).bounding_box()
        assert box
        return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] and box["height"] >= 48

    assert all(is_in_view(name) for name in ("end", "met", "nobody", "more", "gave", "asked", "undo"))
    tap(page, "gave")
    page.locator("[data-tour-kind=food]").wait_for()
    assert is_in_view("end")
    kinds = page.locator("[data-tour-kind]:visible")
    expect(kinds).to_have_count(8)
    tap(page, "more-kinds")
    expect(kinds).to_have_count(14)
    page.locator("[data-tour-kind=pet]").click()
    page.locator("[data-tour-kind=pet][aria-pressed=true]").wait_for()
    no_sideways(page)
    page.mouse.wheel(0, 2000)
    assert is_in_view("end")
    tap(page, "end")
    expect(page.locator(TAP.format("finish"))).to_be_in_viewport()


def test_a_gift_after_nobody_counts_no_person_and_twenty_soups_count_twenty(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    tour_of(cast)
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    open_tour(page, live_server.url)
    tap(page, "nobody")
    expect(page.locator("[data-tour-looked]")).to_have_text("1")
    tap(page, "gave")
    expect(page.locator("[data-tour-said]")).to_contain_text("You saw nobody here.")
    expect(page.locator("[data-tour-persons]")).to_have_text("0")
    expect(page.locator("[data-tour-kinds]")).to_be_hidden()
    tap(page, "met")
    for number in range(2, 21):
        tap(page, "more")
        expect(page.locator("[data-tour-said]")).to_have_text(f"Met: {number}")
    tap(page, "gave")
    page.locator("[data-tour-kind=food]").click()
    expect(page.locator("[data-tour-given]")).to_have_text("20")
    expect(page.locator("[data-tour-persons]")).to_have_text("20")


@pytest.mark.repetition
def test_on_a_tour_the_form_has_the_position_by_itself_and_warns_while_typing(
    cast: Cast, browser: Browser, enter: Enter, live_server: LiveServer
) -> None:
    tour_of(cast)
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(f"{live_server.url}/encounters/new/")
    expect(page.locator("[data-place-state]")).to_contain_text("Your position")
    expect(page.locator("#id_latitude")).to_have_value(f"{HERE['latitude']:.6f}")
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('solidarity.draft.'))") == []
    note = page.locator("[name=note]")
    warning = page.locator(".field:has([name=note]) .pii-check")
    note.press_sequentially("Met Martin Dupont ", delay=20)
    for _ in range(60):
        note.press_sequentially("and so on ", delay=30)  # never a pause of more than 30 ms
        if warning.count() and "Dupont" in warning.inner_text():
            break
    expect(warning).to_contain_text("“Martin”, “Dupont” looks like a name")
    expect(warning).to_be_in_viewport()

    page.context.clear_permissions()
    page.evaluate("localStorage.clear()")
    page.goto(f"{live_server.url}/tours/")
    page.evaluate("localStorage.clear()")
    page.goto(f"{live_server.url}/encounters/new/")
    expect(page.locator("[data-place-state]")).to_contain_text("position")
    assert page.locator("#id_latitude").input_value() == ""


@pytest.mark.repetition
def test_the_numbers_to_call_follow_into_tour_mode_without_network(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    tour_of(cast)
    page = phone(cast.bob, "/tours/tour-mode/")
    open_tour(page, network.url)
    page.goto(f"{network.url}/encounters/new/")
    set_offline(page, network)
    page.goto(f"{network.url}/encounters/new/")
    fill_form(page)
    page.locator("[name=note]").fill("il y a le feu à la tente")
    page.locator("form[data-queue=encounter] [type=submit]").click()
    page.locator("[data-danger-saved]").wait_for()
    page.locator("[data-queue-saved] [data-when-on-tour]").click()
    page.locator("[data-tour-mode][data-ready]").wait_for()
    banner = page.locator("[data-danger-banner]")
    expect(banner.locator("[data-danger-lines=fire] a").first).to_have_attribute("href", "tel:18")
    expect(banner.locator("[data-danger-lines=medical]")).to_be_hidden()
    expect(banner.locator("[data-danger-lines=fire] a").first).to_be_in_viewport()
    expect(page.locator(TAP.format("end"))).to_be_in_viewport()
    expect(page.locator("[data-tour-persons]")).to_have_text("3")  # the encounter from the form is included
    banner.locator("[data-danger-close]").click()
    page.reload()
    page.locator("[data-tour-mode][data-ready]").wait_for()
    expect(banner).to_be_hidden()
    set_offline(page, network, False)
    until(lambda: Encounter.objects.count() == 1, message="the encounter did not arrive")
