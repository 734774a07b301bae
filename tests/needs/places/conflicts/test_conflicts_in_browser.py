"""In Chromium, a member takes what a source says with one tap, and takes it back."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import Place
from tests.needs.places.conflicts.test_conflicts import disputed
from tests.support import Cast, LogIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_takes_a_sources_number_and_undoes_it(
    page: Page, live_server: LiveServer, cast: Cast, log_in: LogIn
) -> None:
    disputed(cast)
    log_in(cast.bob)
    page.goto(f"{live_server.url}/places/mine/")
    page.get_by_role("link", name="1 value disputed by a source").click()
    page.get_by_role("button", name="Take this").click()
    expect(page.get_by_text("The entry has the source’s value now.")).to_be_visible()
    assert Place.objects.get().phone == "+33199007777"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Both values wait for a decision again.")).to_be_visible()
    expect(page.get_by_role("button", name="Take this")).to_be_visible()
    assert Place.objects.get().phone == "+33199005555"
