"""Corrections in Chromium: a dispatcher looks up a place and corrects a need; a member corrects an encounter."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import NeedState
from needs.models import Correction, Encounter
from solidarity.lib import grid
from tests.browser_checks import no_sideways, serious, shot, unfold
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL, PHONE, DESK = ({"width": w, "height": h} for w, h in ((360, 640), (390, 844), (1440, 900)))
SIZES = [("en", DESK, "light"), again("fr", PHONE, "dark"), again("fr", SMALL, "light")]


def locale_of(language: str) -> str:
    return f"{language}-{language.upper()}"


@pytest.mark.parametrize(("language", "size", "scheme"), SIZES)
def test_a_dispatcher_puts_words_on_the_map_opens_the_need_and_corrects_it(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str,
    size: dict[str, int], scheme: str,
) -> None:  # fmt: skip
    need = reported(None, place_text="under the bridge of the canal", kinds=["blanket"], persons=2)
    name = f"{size['width']}-{language}"
    page = enter(browser, cast.carol, size, locale=locale_of(language), color_scheme=scheme)
    page.goto(f"{live_server.url}/triage/{need.pk}/")

    # “Open” asks for the place. One tap zooms in, one sets the pin, and one on the button opens the need.
    page.locator(".triage-do button[value=open]").click()
    expect(page.locator("#place-title")).to_be_in_viewport()
    panel = page.locator(".look-up")
    target = panel.locator("[data-place-map][data-ready]")
    expect(target).to_be_visible()
    shot(page, f"corr_lookup-{name}")
    no_sideways(page)
    assert serious(page, axe) == []
    panel.locator("input[value=district]").locator("xpath=..").click()
    expect(panel.locator("select[name=district]")).to_be_visible()
    expect(target).to_be_hidden()
    shot(page, f"corr_district-{name}")
    panel.locator("input[value=map]").locator("xpath=..").click()
    target.click()
    expect(panel.locator("[data-place][data-zoomed]")).to_be_visible()
    target.click()
    expect(panel.locator("[data-place][data-chosen]")).to_be_visible()
    panel.locator("button[value=open]").click()
    expect(panel).to_have_count(0)
    need.refresh_from_db()
    assert need.state == NeedState.OPEN and need.cell is not None

    # The same page corrects the number of people; the history shows who changed it.
    page.locator("#correct > summary").click()
    page.locator("#correct input[name=persons]").fill("4")
    shot(page, f"corr_correct-{name}")
    page.locator("#correct button.btn-primary").click()
    history = page.locator(".corrected")
    expect(history).to_have_count(2)
    expect(history.nth(1)).to_contain_text("4")
    unfold(history.first)
    shot(page, f"corr_corrected-{name}")
    no_sideways(page)
    assert serious(page, axe) == []


@pytest.mark.parametrize(("language", "size", "scheme"), SIZES)
def test_a_member_moves_the_pin_of_their_encounter(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, enter: Enter, axe: str, language: str,
    size: dict[str, int], scheme: str,
) -> None:  # fmt: skip
    filed = seen(persons=3, given=("food",), note="a tent")
    name = f"{size['width']}-{language}"
    page = enter(browser, cast.bob, size, locale=locale_of(language), color_scheme=scheme)
    page.goto(f"{live_server.url}/encounters/{filed.id}/")
    shot(page, f"corr_receipt-{name}")
    page.locator(f"a[href='/encounters/{filed.id}/correct/']").click()
    target = page.locator("[data-place-map][data-ready]")
    expect(target).to_be_visible()
    expect(page.locator("input[name=persons]")).to_have_value("3")
    shot(page, f"corr_form-{name}")
    no_sideways(page)
    assert serious(page, axe) == []
    box = target.bounding_box()
    assert box is not None
    target.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.3})
    expect(page.locator("input[name=latitude]")).not_to_have_value("48.866")
    page.locator("input[name=persons]").fill("0")
    expect(page.locator("[data-when-met]").first).to_be_hidden()
    page.locator("input[name=persons]").fill("5")
    page.locator("form[data-correction] button.btn-primary[type=submit]").click()
    expect(page.locator(".corrected")).to_contain_text("5")
    shot(page, f"corr_done-{name}")
    row, done = Encounter.objects.get(), Correction.objects.get()
    assert (
        row.persons == 5
        and row.note == "a tent"
        and set(done.after)
        == {"persons", "contacts", "cell"} - ({"contacts"} if "contacts" not in done.after else set())
    )
    assert row.cell is not None and done.after["cell"] == grid.to_text(row.cell)
