"""The page of parameters in Chromium: a preview, and a version that the worker puts in force."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.forked_workers import Worker
from tests.mapping.parameters.test_parameter_pages import url
from tests.support import Cast, City, LogIn


@pytest.mark.browser
@pytest.mark.repetition
@pytest.mark.django_db(transaction=True)
def test_a_coordinator_previews_and_saves(
    worker: Worker,
    cast: Cast,
    city: City,
    live_server: LiveServer,
    page: Page,
    log_in: LogIn,
    settings: Settings,
) -> None:
    settings.MFA_REQUIRED = False
    log_in(cast.diane)
    page.goto(live_server.url + url())
    page.get_by_label("Half-life of sightings").fill("7")
    page.get_by_label("Why?", exact=True).fill("people move on quickly here")
    page.get_by_role("button", name="Preview what would change").click()
    expect(page.locator("[data-preview]")).to_contain_text("7 days")
    with page.expect_navigation():  # the page before also has [data-settled]
        page.get_by_role("button", name="Save as a new version").click()
    page.locator("[data-settled]").wait_for(timeout=90_000)
    expect(page.locator(".parameters-versions > li")).to_have_count(1)
    expect(page.locator(".parameters-versions")).to_contain_text("people move on quickly here")
