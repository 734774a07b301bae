"""An encounter written at night with one thumb: as last time, and without a place that is said later."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from needs.models import Encounter
from tests.conftest import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
HERE = {"latitude": 48.8660, "longitude": 2.3500}


def _locate(page: Any) -> None:
    page.get_by_role("button", name=re.compile("my position", re.I)).first.click()
    page.locator("[data-place][data-chosen]").wait_for()


def _save(page: Any) -> None:
    page.locator("form[data-outbox=encounter] [type=submit]").click()


def test_an_encounter_waits_for_its_place_and_is_filed_at_its_true_time_once_that_is_said(
    browser: Any, enter: Callable[..., Any], live_server: Any, cast: Any
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    page.goto(f"{live_server.url}/encounters/new/")
    assert page.locator("[data-last-time]").is_hidden()
    page.locator("label.choice:has(input[name=given][value=food])").click()
    for button in page.locator("[data-stepper] button").all():
        box = button.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 56
    before = timezone.now()
    page.locator("[data-place-later]").click()
    page.locator("[data-outbox-lacks=place]").wait_for()
    assert page.locator("[data-outbox-lacks='']").is_hidden()
    page.goto(f"{live_server.url}/encounters/")
    page.get_by_text("One encounter on this phone waits for its place.").wait_for()
    page.goto(f"{live_server.url}/outbox/")
    page.locator("[data-state=place]").wait_for()
    assert not Encounter.objects.exists()

    page.locator("[data-part=correct]").click()
    page.wait_for_timeout(1500)
    assert page.locator("input[name=given][value=food]").is_checked()
    _locate(page)
    assert page.locator("[data-place-later]").is_hidden()
    _save(page)
    until(lambda: Encounter.objects.exists(), 10, "it was not sent once its place was known")
    filed = Encounter.objects.get()
    assert filed.given == ["food"]
    assert abs(filed.at - before) < timedelta(seconds=2)

    page.goto(f"{live_server.url}/encounters/new/")
    page.locator("[data-last-time]").click()
    assert page.locator("input[name=given]:checked").evaluate_all("boxes => boxes.map((box) => box.value)") == ["food"]
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "48.86" not in kept
