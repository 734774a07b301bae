"""An API token in Chromium: created, shown once, used by another program, revoked."""

import pytest
import requests
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser_checks import no_sideways
from tests.repetitions import again
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("locale", [again("en-GB"), "fr-FR"])
def test_a_token_is_made_used_and_revoked(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, locale: str
) -> None:
    page = enter(browser, cast.alice, PHONE, locale=locale)
    page.goto(f"{live_server.url}/me/")
    page.locator("a[href='/me/tokens/']").click()
    page.locator("[name=name]").fill("liste du soir")
    page.locator("label", has=page.locator("[name=scope][value=write]")).click()
    page.locator("form.questions button[type=submit]").click()
    token = page.locator(".token-made__text").inner_text()
    no_sideways(page)

    def me() -> requests.Response:
        bearer = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{live_server.url}/api/v1/me/", headers=bearer, timeout=30)

    assert me().json()["may_write"]
    page.reload()  # posts the form again: this creates another token, and the first is not shown again
    assert token not in page.content()
    page.goto(f"{live_server.url}/me/tokens/")
    buttons = page.locator(".token button")
    for left in reversed(range(buttons.count())):
        with page.expect_navigation():
            buttons.first.click()
        expect(buttons).to_have_count(left)
    refused = me()
    assert refused.status_code == 401
    assert refused.json()["code"] == "authentication_failed"
    page.goto(f"{live_server.url}/api/docs/")
    page.locator("#open_needs_list > summary").click()
    page.locator("#open_needs_list").get_by_text("west,south,east,north").wait_for()
