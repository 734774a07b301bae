"""Adding a place on a phone: one's position as the pin, Monday copied to the working days, then a bed with one tap."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Place, PlaceCapacity
from tests.needs.phone_queue.phone_page import HERE, PHONE
from tests.support import Cast, Enter


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_member_adds_a_place_on_a_phone_and_says_with_one_tap_that_a_bed_is_free(
    browser: Browser, enter: Enter, live_server: LiveServer, cast: Cast
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(live_server.url + reverse("needs:place_new"))
    page.get_by_label("Name of the place").fill("Halte du Nord")
    page.get_by_label("A bed for the night").check()
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("[name=latitude]")).not_to_have_value("")
    expect(page.locator("[name=hours-rules]")).to_be_hidden()
    page.get_by_label("Monday, from").first.fill("09:00")
    page.get_by_label("Monday, until").first.fill("18:00")
    page.get_by_role("button", name="Copy Monday to Friday").click()
    page.get_by_label("Telephone").fill("01 23 45 67 89")
    page.get_by_role("button", name="Add the place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Halte du Nord")
    place = Place.objects.get()
    assert place.hours == "Mo-Fr 09:00-18:00"
    assert place.association == cast.maraude

    PlaceCapacity.objects.create(place=place, kind="beds", free=0)
    page.reload()
    page.get_by_role("link", name="Say what is free").click()
    page.get_by_role("button", name="one more").click()
    expect(page.locator(".beds__number")).to_have_text("1")
    assert PlaceCapacity.objects.get().free == 1
