"""Events in Chromium: a member makes one on a phone, somebody without an account finds it, on the list and on the map."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Response, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from needs.models import LocalEvent
from needs.neighbours.local_events.recurrence import DAY_CODES
from tests.browser_checks import no_sideways, serious
from tests.needs.local_events.event_cases import at, event_of
from tests.needs.phone_queue.phone_page import HERE, PHONE
from tests.support import Cast, City, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_makes_a_weekly_meal_on_a_phone_and_people_without_account_find_it(
    browser: Browser, enter: Enter, live_server: LiveServer, cast: Cast, city: City, axe: str
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(live_server.url + reverse("needs:events"))
    page.get_by_role("link", name="New event").click()
    page.locator("[data-event-form][data-ready]").wait_for()
    expect(page.get_by_text("What does the round bring?")).to_be_hidden()
    page.get_by_role("radio", name="Meal", exact=True).check()
    page.get_by_label("Title").fill("Soupe du soir")
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("[name=latitude]")).not_to_have_value("")
    page.locator("[name=place_text]").fill("12 rue du Pont")
    page.get_by_label("Day", exact=True).fill(f"{at(1, 12):%Y-%m-%d}")
    page.get_by_label("Begins at").fill("18:00")
    page.get_by_label("Ends at").fill("20:00")
    page.get_by_label("How often?").select_option("weekly")
    expect(page.get_by_text("On which days of the week?")).to_be_visible()
    page.get_by_label("Everybody, people just come").check()
    no_sideways(page)
    page.get_by_role("button", name="Save the event").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Soupe du soir")
    assert LocalEvent.objects.get().repeats == f"FREQ=WEEKLY;BYDAY={DAY_CODES[at(1, 12).weekday()]}"
    assert serious(page, axe) == []

    visitor = enter(browser, None, PHONE, geolocation=HERE)
    visitor.goto(live_server.url + reverse("needs:events"))
    visitor.locator("[data-events][data-ready]").wait_for()
    visitor.get_by_role("button", name="Use my position").click()
    expect(visitor.locator(".event-line__what strong")).to_have_text(["Soupe du soir"])
    assert "48." not in visitor.url
    no_sideways(visitor)
    assert serious(visitor, axe) == []
    visitor.goto(live_server.url + reverse("needs:find_help"))
    visitor.locator("[data-find][data-ready]").wait_for()
    visitor.locator(".find-kind[value=food]").click()
    row = visitor.locator(".find-row:visible")
    expect(row.locator(".find-row__name")).to_have_text("Soupe du soir")
    expect(row.locator("[data-place-state]")).to_have_text("Opens tomorrow at 18:00")


def test_events_of_today_are_a_layer_of_the_map(
    browser: Browser, enter: Enter, live_server: LiveServer, cast: Cast, city: City, seen: Seen
) -> None:
    for step in range(9):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 3 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    now = timezone.now()
    event_of(cast, title="Soupe de ce soir", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=2))
    page = enter(browser, cast.bob, {"width": 1440, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{live_server.url}/map/t/ville/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    if not page.locator("[data-map-events]").is_visible():
        page.locator(".map-legend summary").click()

    def has_event(answer: Response) -> bool:
        return "/events/tiles/" in answer.url and b"Soupe de ce soir" in answer.body()

    with page.expect_response(has_event):
        page.get_by_label("Events today").check()
    expect(page.get_by_label("Events today")).to_be_checked()
    assert wrong == []
