"""A coordinator on Monday, on a phone: what changed, with one button each."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from needs.enums import NeedState
from needs.models import TourRequest
from tests.browser_checks import no_sideways, serious, shot
from tests.mapping.home.evening import cells_of, figures, overridden, planned
from tests.mapping.home.test_territory_changes import BOARD, past
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_on_monday_each_change_has_one_button(
    browser: Browser, live_server: LiveServer, city: City, cast: Cast, seen: Seen, enter: Enter, axe: str, locale: str
) -> None:
    seen(persons=30, minutes=5, hours_ago=30)
    fold.fold_outbox()
    fold.refresh_all()
    for territory in (city.root, city.nord, city.sud):
        figures(territory)
    past(planned(city.nord, cast.maraude), 2)
    overridden(cast, cells_of(city.nord, 1)[0])
    reported(state=NeedState.OPEN)
    TourRequest.objects.create(
        territory=city.nord, association=cast.maraude, author=cast.diane, start=timezone.now() + timedelta(days=1),
        cells=cells_of(city.nord),
    )  # fmt: skip
    page = enter(browser, cast.diane, {"width": 390, "height": 844}, locale=locale)
    page.goto(live_server.url + BOARD)
    parts = page.locator("[data-change]")
    names = [part.get_attribute("data-change") for part in parts.all()]
    assert names == ["unseen", "zones", "tours", "answers", "needs", "contested"]
    for part in parts.all():
        expect(part.locator(".btn")).to_have_count(1)
    first = parts.first.bounding_box()
    assert first and first["y"] < 844  # the first change is on the first screen
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, f"monday_{locale}")
    page.locator(".changes > form button").click()
    expect(page.locator("[data-change=tours] li")).to_have_count(0)
    parts.nth(1).locator(".btn").click()
    expect(page.locator(".zone-table tbody tr").first).to_be_in_viewport()
