"""While somebody types danger words, the page shows the numbers to call above the button of the form."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs.models import DangerAlarm, Need
from tests.browser_checks import answer, no_sideways, question, send_answers, serious, shot
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, SMALL, DESK = {"width": 390, "height": 844}, {"width": 360, "height": 640}, {"width": 1440, "height": 900}
ANSWERS = {"place_text": "devant la gare", "kinds": "blanket", "urgency": "later", "origin": "citizen"}


@pytest.mark.parametrize(
    ("size", "locale", "text"), [(SMALL, "fr-FR", "Mon bébé est gelé"), (DESK, "en-GB", "My baby is freezing")]
)
def test_the_numbers_are_above_the_button_while_somebody_types_and_nothing_is_held_back(
    browser: Browser, live_server: LiveServer, enter: Enter, cast: Cast, axe: str, size: dict[str, int], locale: str,
    text: str,
) -> None:  # fmt: skip
    page = enter(browser, None, size, locale=locale)
    page.goto(f"{live_server.url}/help/none/form/")
    answer(page, **ANSWERS)
    question(page, "text")
    shown = page.locator("[data-danger-typing]")
    expect(shown).to_be_hidden()
    page.locator("[name=text]").press_sequentially(text)
    numbers = shown.locator("a[href^='tel:']:visible")
    expect(numbers.first).to_have_attribute("href", "tel:15")
    assert "tel:112" in [each.get_attribute("href") for each in numbers.all()]
    button = page.locator(".form-bar > .btn-primary:visible")
    expect(shown).to_be_in_viewport(ratio=1)
    expect(button).to_be_in_viewport(ratio=1)
    expect(button).to_be_enabled()
    expect(page.locator("[name=text]")).to_be_in_viewport()
    above, below = shown.bounding_box(), button.bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"]
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"typing_{locale}_{size['width']}", whole=False)
    page.locator("[name=text]").fill("la soupe est froide")
    expect(shown).to_be_hidden()
    page.locator("[name=text]").fill(text)
    expect(shown).to_be_visible()
    send_answers(page)
    expect(page.locator(".call--first")).to_have_attribute("href", "tel:15")
    assert Need.objects.get().text == text
    assert DangerAlarm.objects.get().flags == ["hypothermia"]


def test_the_numbers_are_those_of_the_country_of_the_site(
    browser: Browser, live_server: LiveServer, enter: Enter, cast: Cast, settings: Settings
) -> None:
    settings.COUNTRY = "GB"
    page = enter(browser, None, DESK, locale="en-GB")
    page.goto(f"{live_server.url}/help/none/form/")
    page.locator("[name=text]").fill("my baby is freezing")
    numbers = page.locator("[data-danger-typing] a:visible")
    expect(numbers.first).to_have_attribute("href", "tel:999")
    assert "tel:15" not in [each.get_attribute("href") for each in numbers.all()]


def test_they_are_shown_on_the_page_of_an_event_and_beside_a_note_about_an_encounter(
    browser: Browser, live_server: LiveServer, enter: Enter, cast: Cast
) -> None:
    crisis = opened(cast.diane)
    for user, path, field in (
        (None, f"/crisis/{crisis.slug}/", "text"),
        (cast.bob, "/encounters/new/", "note"),
    ):
        page = enter(browser, user, PHONE, locale="fr-FR")
        page.goto(live_server.url + path)
        page.locator(f"[name={field}]").fill("les enfants sont transis de froid")
        expect(page.locator("[data-danger-typing] a:visible").first).to_have_attribute("href", "tel:15")
        expect(page.locator("[data-danger-typing]")).to_be_in_viewport(ratio=1)
        shot(page, f"typing_{field}_event" if user is None else "typing_note", whole=False)


def test_they_are_shown_in_arabic_from_right_to_left(
    browser: Browser, live_server: LiveServer, enter: Enter, cast: Cast
) -> None:
    page = enter(browser, None, SMALL, locale="ar")
    page.goto(f"{live_server.url}/help/none/form/")
    answer(page, **ANSWERS)
    question(page, "text")
    page.locator("[name=text]").fill("طفلي متجمد من البرد")
    expect(page.locator("[data-danger-typing] a:visible").first).to_have_attribute("href", "tel:15")
    no_sideways(page)
    shot(page, "typing_ar", whole=False)
