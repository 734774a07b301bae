"""The way of a field note into an external report, walked in Chromium on a phone."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mapping.models import FieldNote, ZoneReport
from tests.mapping.zone_reports.field_words.test_quoted_notes import TEXT, note, note_in, report  # noqa: F401
from tests.support import Cast, City, Enter


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_coordinator_asks_and_a_dispatcher_agrees_with_one_tap(
    report: ZoneReport,  # noqa: F811
    note: FieldNote,  # noqa: F811
    city: City,
    cast: Cast,
    live_server: LiveServer,
    browser: Browser,
    enter: Enter,
    settings: Settings,
) -> None:
    settings.MFA_REQUIRED = False
    note_in(report, city.nord, cast.maraude, cast.bob, "Karim sleeps quai de Valmy since Monday.")
    size = {"width": 360, "height": 640}
    page = enter(browser, cast.diane, size)
    page.goto(f"{live_server.url}/map/reports/{report.pk}/")
    expect(page.locator("[data-without-words]")).to_have_text("Without a word from the field.")
    page.get_by_role("link", name="Choose field notes").click()
    expect(page.get_by_text("Cannot be quoted:")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Karim sleeps")).to_be_disabled()
    page.get_by_role("checkbox", name=TEXT).check()
    page.get_by_role("button", name="Ask the associations").click()
    expect(page.get_by_text("The associations are asked.")).to_be_visible()

    other = enter(browser, cast.carol, size)
    other.goto(f"{live_server.url}/map/words/")
    other.get_by_role("button", name="Agree").click()
    expect(other.get_by_text("You agreed.")).to_be_visible()
    page.reload()
    expect(page.get_by_text(TEXT)).to_be_visible()
    expect(page.locator("[data-without-words]")).to_have_count(0)
    other.get_by_role("button", name="Withdraw these words").click()
    expect(other.get_by_text("You refused.")).to_be_visible()
    page.reload()
    expect(page.locator("[data-without-words]")).to_be_visible()
    for each in (page, other):
        assert each.evaluate("document.documentElement.scrollWidth") <= 360
