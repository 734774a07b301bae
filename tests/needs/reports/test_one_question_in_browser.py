"""The need form on a phone: one question in view, a page to check the answers, and nothing lost on the way."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Need
from tests.browser_checks import answer, no_sideways, question, send_answers, serious
from tests.repetitions import again
from tests.support import City, Enter
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 360, "height": 640}
DESKTOP = {"width": 1440, "height": 900}
FORM = "/help/none/form/"
ORDER = ("latitude", "kinds", "urgency", "origin", "persons", "text", "photo", "contact")


def opened(
    browser: Browser, live_server: LiveServer, enter: Enter, size: dict[str, int] = SMALL, **options: str
) -> Page:
    page = enter(browser, None, size, **options)
    page.goto(f"{live_server.url}{FORM}")
    page.locator("form[data-steps-ready]").wait_for()
    return page


def shown(page: Page) -> list[str]:
    """Return the first field of each question in view."""
    fields: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.question')].filter((each) => each.checkVisibility())
            .map((each) => each.querySelector('[name]:not([type=search], button)').name)"""
    )
    return fields


@pytest.mark.parametrize("language", ["ar", again("en"), again("fr"), again("ti")])
@pytest.mark.repetition
def test_the_first_field_is_on_the_first_screen_and_the_focus_stays_where_it_was(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, axe: str, language: str
) -> None:
    page = opened(browser, live_server, enter, locale=language)
    assert shown(page) == ["latitude"]
    field, bar = page.locator("[data-place-locate]").bounding_box(), page.locator(".form-bar").bounding_box()
    assert field is not None and bar is not None
    assert field["y"] + field["height"] <= bar["y"]
    assert bar["y"] + bar["height"] <= SMALL["height"]
    assert page.evaluate("document.activeElement === document.body")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator(".form-bar button[type=submit]")).to_be_hidden()
    assert serious(page, axe) == []
    no_sideways(page)


def test_each_question_has_its_screen_and_the_back_button_leads_to_the_one_before(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    answer(page, place_text="by the fountain", kinds="water", urgency="soon", origin="self")
    assert shown(page) == ["origin"]
    page.go_back()
    expect(page.locator("[name=urgency][value=soon]")).to_be_checked()
    assert shown(page) == ["urgency"]
    assert page.evaluate("document.activeElement.tagName") == "LEGEND"
    page.locator("[data-steps-back]").click()
    expect(page.locator("#div_id_kinds")).to_be_visible()
    page.go_back()
    expect(page.locator("[name=place_text]")).to_have_value("by the fountain")
    page.locator("[data-steps-back]").click()
    page.wait_for_url(re.compile("/help/$"))


@pytest.mark.repetition
def test_the_last_page_shows_every_answer_with_a_way_to_change_it(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, axe: str
) -> None:
    page = opened(browser, live_server, enter)
    answer(page, place_text="by the fountain", kinds="water", urgency="soon", origin="self", text="two bottles")
    page.locator("[data-steps-to-check]").click()
    rows = page.locator(".check-answers__row")
    expect(rows).to_have_count(len(ORDER))
    for words in (
        "by the fountain",
        "Water",
        "In the next days",
        "I need this myself",
        "1",
        "two bottles",
        "not given",
    ):
        expect(page.locator(".check-answers__list")).to_contain_text(words)
    assert serious(page, axe) == []
    no_sideways(page)
    rows.nth(2).get_by_role("button", name=re.compile("Change.*How urgent")).click()
    assert shown(page) == ["urgency"]
    page.locator("label.choice:has([name=urgency][value=now])").click()
    page.locator("[data-steps-next]").click()
    expect(page.locator(".check-answers__list")).to_contain_text("Today")
    page.locator(".form-bar button[type=submit]").click()
    page.wait_for_url(re.compile("/follow/"))
    need = Need.objects.get()
    assert (need.kinds, need.urgency, need.place_text, need.text) == (
        ["water"],
        "now",
        "by the fountain",
        "two bottles",
    )


@pytest.mark.parametrize("language", ["fr", again("ar"), again("ti")])
@pytest.mark.repetition
def test_on_each_question_an_answer_is_on_the_first_screen(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, language: str
) -> None:
    page = opened(browser, live_server, enter, locale=language)
    page.locator("[name=place_text]").fill("12")
    hidden = []
    for name, value in (("kinds", "water"), ("urgency", "soon"), ("origin", "self"), ("persons", ""), ("text", "")):
        question(page, name)
        bar = page.locator(".form-bar").bounding_box()
        field = page.locator(".question:visible :is(.choice__face, .stepper, textarea)").first.bounding_box()
        assert bar is not None and field is not None
        if field["y"] + min(field["height"], 96) > bar["y"] or field["y"] < 0:
            hidden.append(name)
        if value:
            page.locator(f"label.choice:has(input[name={name}][value={value}])").click()
    assert hidden == []


@pytest.mark.repetition
def test_the_answers_repeat_the_street_of_the_chosen_place(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    name_storing.replace("test", rows())
    page = enter(browser, None, SMALL, geolocation={"latitude": 48.86412, "longitude": 2.3515}, locale="ar")
    page.goto(f"{live_server.url}{FORM}")
    page.locator("[data-place-locate]").click()
    expect(page.locator("[data-pin-street]")).to_contain_text("12 rue de Crimée")
    answer(page, kinds="water", urgency="soon", origin="self")
    page.locator("[data-steps-to-check]").click()
    expect(page.locator(".check-answers__row").first).to_contain_text("12 rue de Crimée")
    # A number is at the edge at which its question begins, on the right.
    edges = (
        page.locator(".check-answers__row")
        .nth(4)
        .evaluate(
            """(row) => ["dt", "dd bdi"].map((part) => {
            const range = document.createRange();
            range.selectNodeContents(row.querySelector(part));
            return Math.round(range.getBoundingClientRect().right);
        })"""
        )
    )
    assert abs(edges[0] - edges[1]) <= 2


def test_a_question_that_needs_an_answer_says_so_and_the_return_key_sends_nothing(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    page.locator("[data-steps-next]").click()
    expect(page.locator("[data-steps-error]")).to_have_text("Say where: in words, with your position, or on the map.")
    assert shown(page) == ["latitude"]
    page.locator("[name=place_text]").fill("by the fountain")
    expect(page.locator("[data-steps-error]")).to_have_count(0)
    page.locator("[name=place_text]").press("Enter")
    expect(page.locator("#div_id_kinds")).to_be_visible()
    page.locator("[data-steps-next]").click()
    expect(page.locator("[data-steps-error]")).to_contain_text("Choose at least one.")
    assert not Need.objects.exists()


def test_a_reload_comes_back_to_the_question_with_everything_that_was_typed(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    answer(page, place_text="by the fountain", kinds="water", urgency="soon", origin="self", text="two bottles")
    expect(page.locator("[data-draft-state]")).to_have_attribute("data-state", "saved")
    page.reload()
    page.locator("form[data-steps-ready]").wait_for()
    expect(page.locator("[name=text]")).to_have_value("two bottles")
    assert shown(page) == ["text"]
    page.locator("[data-draft-clear]").click()  # loads the page again
    expect(page.locator("form[data-steps-ready] [name=place_text]")).to_have_value("")
    assert shown(page) == ["latitude"]


def test_an_answer_that_the_server_refuses_comes_back_on_its_own_screen(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    answer(page, place_text="by the fountain", kinds="water", urgency="later", origin="self")
    answer(page, text="Karim waits, 06 12 34 56 78")
    send_answers(page)
    held = page.locator("form[data-steps-ready] [data-pii-held] [type=checkbox]")
    expect(held).to_be_visible()
    assert shown(page) == ["text"]
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=text]")).to_have_value("Karim waits, 06 12 34 56 78")
    page.locator("[name=text]").fill("somebody waits")
    send_answers(page)
    page.wait_for_url(re.compile("/follow/"))
    assert Need.objects.get().text == "somebody waits"


@pytest.mark.repetition
def test_a_link_of_the_summary_shows_the_question_with_the_error(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    # As if an old page had sent the form without answers: the server explains what is missing.
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form[data-steps]'))")
    page.locator(".error-summary").wait_for()
    page.locator("form[data-steps-ready]").wait_for()
    assert shown(page) == ["latitude"]
    page.locator(".error-summary a[href='#div_id_urgency']").click()
    expect(page.locator("#div_id_urgency")).to_be_visible()
    assert shown(page) == ["urgency"]


@pytest.mark.repetition
def test_on_a_desktop_all_questions_are_on_one_page_and_send_appears_with_the_first_answer(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter, DESKTOP)
    assert shown(page) == list(ORDER)
    send = page.locator(".form-bar button[type=submit]")
    expect(send).to_be_hidden()
    answer(page, kinds="water")
    expect(send).to_be_visible()
    expect(page.locator("[data-steps-next]")).to_be_hidden()
    page.set_viewport_size({"width": SMALL["width"], "height": SMALL["height"]})
    expect(page.locator("[data-steps-next]")).to_be_visible()
    expect(page.locator(".question").last).to_be_hidden()
    assert shown(page) == ["latitude"]
    page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    expect(page.locator("[data-steps-next]")).to_be_hidden()
    expect(page.locator(".question").last).to_be_visible()
    assert shown(page) == list(ORDER)
    expect(page.locator("[name=kinds][value=water]")).to_be_checked()


def test_without_scripts_the_form_is_one_page_with_a_button_to_send(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = enter(browser, None, SMALL, java_script_enabled=False)
    page.goto(f"{live_server.url}{FORM}")
    for name in ("place_text", "text", "contact"):
        expect(page.locator(f"[name={name}]")).to_be_visible()
    expect(page.locator(".form-bar button[type=submit]")).to_be_visible()
    expect(page.locator("[data-steps-next]")).to_be_hidden()


@pytest.mark.repetition
def test_a_photo_is_named_on_the_page_of_answers_and_markup_stays_text(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    page = opened(browser, live_server, enter)
    answer(page, place_text="<img src=x onerror=alert(1)>", kinds="water", urgency="soon", origin="self")
    question(page, "photo")
    page.locator("[name=photo]").set_input_files({"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    page.locator("[data-steps-to-check]").click()
    expect(page.locator(".check-answers__list")).to_contain_text("wall.jpg")
    expect(page.locator(".check-answers__list")).to_contain_text("<img src=x")
    expect(page.locator(".check-answers__list img")).to_have_count(0)
