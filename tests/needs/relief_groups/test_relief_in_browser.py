"""In Chromium on a phone: an association accepts a need that the desk assigned to it, and reports back."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Need
from tests.browser_checks import no_sideways, serious
from tests.needs.relief_groups.relief_cases import FileNeed, assigned
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}


def test_a_member_accepts_with_one_tap_and_reports_back(
    browser: Browser, live_server: LiveServer, cast: Cast, city: City, enter: Enter, axe: str, file_need: FileNeed
) -> None:
    need = file_need("open")
    assigned(need, cast.maraude, cast.carol)
    bob = enter(browser, cast.bob, PHONE)
    bob.goto(f"{live_server.url}/relief/")
    no_sideways(bob)
    assert serious(bob, axe) == []
    bob.get_by_role("button", name="I take it").click()
    expect(bob.get_by_role("link", name="See the place")).to_be_visible()
    bob.goto(f"{live_server.url}/relief/")
    bob.locator("summary", has_text="Report back").click()
    bob.locator("label.choice:has(input[name=outcome])").first.click()
    assert serious(bob, axe) == []
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("link", name="My commitment, with the place")).to_have_count(0)
    assert Need.objects.get(pk=need.pk).state == "met"
