"""Matching in a real browser, in both languages: an offer, a proposal, and a yes."""

from datetime import time

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from needs.enums import Category, NeedState, Urgency
from needs.models import Commitment, Need, Proposal
from solidarity.lib import grid
from tests.browser_checks import serious, unfold
from tests.conftest import until
from tests.repetitions import again
from tests.support import Cast, Enter
from volunteers.models import Profile

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
HERE = (48.866, 2.350)


def need_here() -> Need:
    return Need.objects.create(
        kinds=[Category.FOOD], urgency=Urgency.SOON, state=NeedState.OPEN, at=timezone.now(), content_hash="0" * 64,
        cell=grid.cell_of(*HERE), place_text="behind the station",
    )  # fmt: skip


@pytest.mark.parametrize("language", [again("en"), "fr"])
def test_an_offer_leads_to_a_proposal_and_a_commitment(
    transactional_db: None,
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    enter: Enter,
    axe: str,
    language: str,
) -> None:
    need = need_here()
    problems: list[str] = []
    here = {"latitude": HERE[0], "longitude": HERE[1]}
    phone = enter(browser, cast.alice, PHONE, geolocation=here, locale=language)
    phone.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    phone.on("pageerror", lambda error: problems.append(str(error)))

    # Alice enters her offer: her position, and a row for every day of the week.
    phone.goto(live_server.url + reverse("volunteers:offer"))
    assert phone.locator("html").get_attribute("lang") == language
    phone.locator("[data-place-locate]").click()
    expect(phone.locator("[data-place][data-chosen]")).to_have_count(1)
    for day in range(7):
        if day:
            phone.locator("[data-times-add]").click()
        phone.locator(f"[name=times-{day}-weekday]").select_option(str(day))
        phone.locator(f"[name=times-{day}-start]").fill("20:00")
        phone.locator(f"[name=times-{day}-end]").fill("01:30")
    phone.locator("label.choice:has(input[value=cooking])").click()
    phone.locator("label.choice:has(input[value=ar])").click()
    phone.locator(".form-bar button[type=submit]").click()
    expect(phone.locator(".alert-success")).to_be_visible()
    own = Profile.objects.get(user=cast.alice)
    assert own.base is not None
    assert grid.centre(grid.cell_of(*HERE)) == pytest.approx((own.base.y, own.base.x))
    assert {(w.start, w.end) for w in own.windows.all()} == {(time(20), time(1, 30))}
    assert own.windows.count() == 7

    # The dispatcher asks Alice. The page shows why she fits, but not who she is.
    desk = enter(browser, cast.carol, DESK, locale=language)
    desk.goto(live_server.url + reverse("needs:triage_need", args=[need.pk]))
    fitting = desk.locator(f"a[href$='{reverse('needs:whom_to_ask', args=[need.pk])}']")
    unfold(fitting)
    fitting.click()
    expect(desk.locator(".asking .reasons")).to_be_visible()
    assert "Alice" not in desk.locator("main").inner_text()
    desk.locator(".asking input[type=checkbox]").check()
    desk.locator("main form button.btn-primary").click()
    expect(desk.locator(".alert-success")).to_be_visible()
    assert Proposal.objects.get().volunteer == cast.alice

    # Alice reads the reasons, but not the place. She accepts the safety rules and says yes.
    phone.goto(live_server.url + reverse("needs:proposals"))
    expect(phone.locator(".reasons").first).to_be_visible()
    assert "behind the station" not in phone.content()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(phone, axe) == []
    phone.locator(".proposal__yes > summary").click()
    phone.locator(".proposal__yes input[name=safe]").check()
    phone.locator(".proposal__yes button[value=yes]").click()
    until(Commitment.objects.exists, message="the promise was not stored")
    expect(phone).to_have_url(live_server.url + reverse("needs:commitment", args=[Commitment.objects.get().pk]))
    assert Commitment.objects.get().volunteer == cast.alice
    assert problems == []
