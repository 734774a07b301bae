"""The search box in a real Chromium: by keyboard, on forms and maps, without network, found in every part."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from solidarity.ops.demo import demo_places
from solidarity.ops.demo.arrondissements import arrondissements
from tests.repetitions import again
from tests.support import Cast, City, LogIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

pytestmark = pytest.mark.browser
FORM = "/help/none/form/"
AXE = settings.ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(autouse=True)
def names(transactional_db: None, city: City) -> None:
    name_storing.replace("test", rows())


def box(page: Page) -> Locator:
    return page.get_by_label("Find an address or a place")


def type_in(page: Page, text: str) -> None:
    """Type like a person: the first focus loads the search."""
    box(page).click()
    page.wait_for_selector("[data-place-search][data-ready]")
    box(page).press_sequentially(text)


def test_an_address_found_by_keyboard_sets_the_pin_and_moves_the_map(page: Page, live_server: LiveServer) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(live_server.url + FORM)
    type_in(page, "12 r crimee")
    option = page.get_by_role("option")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("12 rue de Crimée")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert page.get_by_role("combobox").get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("[name=latitude]")).to_have_value("48.864100")
    expect(page.locator("[name=longitude]")).to_have_value("2.351500")
    expect(box(page)).to_have_value("12 rue de Crimée")
    expect(page.locator("[data-place-state]")).to_contain_text("Tap elsewhere to move it.")
    expect(page.locator(".map-pin")).to_be_visible()
    assert page.url == live_server.url + FORM  # Enter did not send the form
    assert not [url for url in sent if "crim" in url.lower() or "48." in url]


@pytest.mark.repetition
def test_what_is_not_known_is_said(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + FORM)
    type_in(page, "zanzibar")
    state = page.locator("[data-place-search-state]")
    expect(state).to_contain_text("Nothing has this name")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")
    box(page).fill("99 rue de crimee")
    expect(page.get_by_role("option")).to_contain_text("99 is not known; 14 is the nearest number known")
    page.get_by_role("option").click()
    expect(state).to_contain_text("99 is not known")


def test_a_wrong_place_is_never_first_and_the_words_stay(page: Page, live_server: LiveServer) -> None:
    name_storing.replace("test", [NameRow("c", PlaceKind.STATION, "Crimée", 48.8641, 2.3515, "Paris")])
    page.goto(live_server.url + FORM)
    type_in(page, "12 rue de crimee")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("12 rue de crimee")
    expect(options.first).to_contain_text("This site does not know the streets here yet. What you typed stays.")
    expect(options.last).to_contain_text("perhaps")
    page.keyboard.press("Enter")  # takes the first one
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("[data-place-search-state]")).to_contain_text("What you typed stays.")
    expect(page.locator("[name=latitude]")).to_have_value("")
    expect(page.locator("[name=place_text]")).to_have_value("12 rue de crimee")
    # What somebody wrote about the place is not replaced; a place that is surely meant needs no words.
    box(page).fill("crimee")
    expect(options).to_have_count(1)
    expect(page.locator("[name=place_text]")).to_have_value("crimee")
    options.click()
    expect(page.locator("[name=place_text]")).to_have_value("")
    page.locator("[name=place_text]").fill("under the stairs")
    box(page).fill("zanzibar")
    expect(page.locator("[data-place-search-state]")).to_contain_text("does not know the streets here")
    expect(page.locator("[name=place_text]")).to_have_value("under the stairs")


@pytest.mark.repetition
def test_escape_closes_the_list_and_what_was_typed_stays(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + FORM)
    type_in(page, "gare")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_value("gare")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_be_visible()


def test_without_network_the_search_says_so_and_the_form_works(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + FORM)
    type_in(page, "ga")
    expect(page.get_by_role("option")).to_have_count(1)
    page.context.set_offline(True)
    box(page).press_sequentially("re")
    expect(page.locator("[data-place-search-state]")).to_contain_text("The search needs the network")
    page.context.set_offline(False)
    box(page).press_sequentially(" du nord")
    expect(page.get_by_role("option")).to_contain_text("Gare du Nord")


@pytest.mark.repetition
def test_a_search_that_was_never_loaded_says_that_it_needs_the_network(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + FORM)
    page.context.set_offline(True)
    box(page).click()
    expect(page.locator("[data-place-search-state]")).to_contain_text("The search needs the network")


def test_the_results_of_an_older_text_never_replace_those_of_a_newer_one(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + FORM)
    page.route(
        re.compile(r"/places/find/$"),
        lambda route: route.abort() if "gare du n" in (route.request.post_data or "") else route.continue_(),
    )
    type_in(page, "gare du n")
    expect(page.locator("[data-place-search-state]")).to_contain_text("The search does not answer")
    box(page).fill("place de la republique")
    expect(page.get_by_role("option")).to_contain_text("Place de la République")


@pytest.mark.parametrize("size", [(360, 640), again((1440, 900))])
@pytest.mark.repetition
def test_options_are_large_enough_and_inside_the_screen(
    page: Page, live_server: LiveServer, size: tuple[int, int]
) -> None:
    demo_places.enter(arrondissements())
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live_server.url + FORM)
    type_in(page, "porte de")
    expect(page.get_by_role("option")).to_have_count(8)
    boxes = [option.bounding_box() for option in page.get_by_role("option").all()]
    assert all(each and each["height"] >= 48 and each["x"] >= 0 for each in boxes)
    assert all(each and each["x"] + each["width"] <= size[0] for each in boxes)
    field = box(page).bounding_box()
    assert field is not None and field["height"] >= 48
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('[data-place-search]')")
    assert [each["id"] for each in found["violations"]] == []


def test_a_place_and_a_territory_are_found_on_the_map_of_coverage(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast
) -> None:
    log_in(cast.diane)
    page.goto(live_server.url + "/map/t/ville/")
    page.wait_for_selector("[data-drawn=yes]")
    before = page.locator("[data-map]").get_attribute("data-drawings")
    options = page.locator("[data-place-search]").get_by_role("option")
    type_in(page, "gare du nord")
    options.click()
    page.wait_for_function("(before) => document.querySelector('[data-map]').dataset.drawings !== before", arg=before)
    expect(page.locator("[data-place-search-state]")).to_contain_text("Shown on the map: Gare du Nord.")
    expect(page.locator(".found-mark")).to_be_visible()
    box(page).fill("nord")
    expect(options.first).to_contain_text("Nord")
    options.first.click()
    page.wait_for_url("**/map/t/nord/")


@pytest.mark.repetition
def test_maps_that_open_in_a_page_have_the_search_too(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast
) -> None:
    log_in(cast.carol)
    page.goto(live_server.url + "/alerts/new/")
    page.locator("[name=where][value=circle]").check(force=True)
    page.wait_for_selector("[data-area-map][data-ready]")
    type_in(page, "gare du nord")
    page.locator("[data-place-search]").get_by_role("option").click()
    expect(page.locator(".map-dot")).to_be_visible()


def test_without_scripts_the_form_itself_searches(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url + FORM)
    box(page).fill("12 bis crimee")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("12 bis rue de Crimée").check(force=True)
    expect(box(page)).to_have_value("12 bis crimee")
    context.close()
