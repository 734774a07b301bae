"""A coordinator in Chromium, by phone: the verdict, the plot with its table, and one tap from a cause to the form."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser_checks import serious
from tests.mapping.self_checks.synthetic_past import synthetic_past
from tests.mapping.self_checks.test_checks import checked
from tests.support import Cast, City, LogIn
from volunteers.models import Territory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_tap_leads_from_a_cause_to_the_filled_form(
    page: Page, live_server: LiveServer, log_in: LogIn, city: City, cast: Cast, axe: str, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    Territory.objects.filter(pk=city.root.pk).update(expected_persons=1000)
    past = synthetic_past(11, side=40, m0_factor=2.0)
    checked(city.nord, past.bands[:55], likelihoods=past.likelihoods)
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(color_scheme="dark")
    log_in(cast.farid)
    page.goto(f"{live_server.url}/map/t/ville/checks/")
    expect(page.get_by_role("img", name=re.compile("Help was missing"))).to_be_visible()
    expect(page.get_by_role("table", name="What the map said, and what tours found")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious(page, axe) == []
    number = re.search(r"about (\d+)", page.get_by_role("heading", name="Set expected people").inner_text())
    assert number is not None and np.isclose(int(number[1]), 500, rtol=0.25)
    page.get_by_role("link", name="Change the number").click()
    expect(page.get_by_label("People expected")).to_have_value(number[1])
