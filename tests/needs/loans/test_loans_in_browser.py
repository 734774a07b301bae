"""In a real Chromium, two people go through a loan: question, answer, hand-over with a note, return."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.models import ConditionNote, Loan
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.attachments.hostile_uploads import picture
from tests.needs.loans.loan_cases import HERE, day, item_of, place_at
from tests.support import Cast, City, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL, DESK = {"width": 360, "height": 640}, {"width": 1440, "height": 900}


def fine(page: Page, axe: str, name: str) -> None:
    no_sideways(page)
    assert serious(page, axe) == []
    shot(page, name)


def test_two_people_lend_and_bring_back_a_stroller(
    browser: Browser, city: City, cast: Cast, enter: Enter, live_server: LiveServer, axe: str
) -> None:
    item = item_of(cast.greta, name="Poussette pliante")
    place_at(HERE, "Café du Nord")
    borrower, owner = enter(browser, cast.alice, SMALL), enter(browser, cast.greta, DESK)
    borrower.goto(f"{live_server.url}/loans/ask/{item.pk}/")
    fine(borrower, axe, "loan-ask-360")
    borrower.locator("[name=first]").fill(str(day(0)))
    borrower.locator("[name=last]").fill(str(day(4)))
    borrower.locator("[name=place]").select_option(label="Café du Nord")
    borrower.get_by_role("button", name="Ask for it").click()
    expect(borrower.get_by_role("heading", level=1)).to_have_text("Poussette pliante")
    loan = Loan.objects.get()

    owner.goto(f"{live_server.url}/loans/")
    owner.get_by_role("link", name="Poussette pliante").click()
    fine(owner, axe, "loan-asked-1440")
    owner.get_by_role("link", name="Yes, I lend it").click()
    owner.get_by_role("button", name="Yes, I lend it").click()
    expect(owner.get_by_text("The days are reserved.")).to_be_visible()

    borrower.goto(f"{live_server.url}/loans/{loan.pk}/")
    borrower.get_by_role("link", name="I have it now").click()
    borrower.locator("label.choice", has_text="good").click()
    borrower.locator("[name=photo]").set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    fine(borrower, axe, "loan-hand-over-360")
    borrower.get_by_role("button", name="I have it now").click()
    expect(borrower.get_by_role("img", name="Photo of the thing")).to_be_visible()
    borrower.locator("[name=text]").fill("Thank you!")
    borrower.get_by_role("button", name="Send").click()
    expect(borrower.locator(".talk")).to_contain_text("Thank you!")
    fine(borrower, axe, "loan-running-360")

    owner.goto(f"{live_server.url}/loans/{loan.pk}/")
    owner.get_by_role("link", name="I have it back").click()
    owner.locator("label.choice", has_text="worn").click()
    owner.get_by_role("button", name="I have it back").click()
    expect(owner.get_by_text("It is back. Thank you both.")).to_be_visible()
    fine(owner, axe, "loan-over-1440")
    assert ConditionNote.objects.count() == 2
