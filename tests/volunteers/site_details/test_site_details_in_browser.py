"""Choices about the site in Chromium."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.support import Cast, LogIn


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_choosing_another_country_shows_its_numbers(
    page: Page, log_in: LogIn, cast: Cast, live_server: LiveServer
) -> None:
    log_in(cast.farid)
    page.goto(f"{live_server.url}/set-up/country/")
    expect(page.locator("#country-numbers")).to_contain_text("115")
    page.locator("#id_country").select_option("CH")
    expect(page.locator("#country-numbers")).to_contain_text("144")
