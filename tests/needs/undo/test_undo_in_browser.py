"""The bar that offers to undo an action: online, without network, by keyboard, without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.help.matching import proposals
from needs.models import Crisis, Encounter, Proposal, Retraction
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.browser_checks import no_sideways
from tests.conftest import until
from tests.needs.crises.crisis_cases import opened
from tests.needs.matching.matching_cases import need_at, offers
from tests.needs.phone_queue.phone_page import PHONE, QUEUE, WRITE, set_offline, waiting
from tests.support import Cast, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def bar_of(page: Page, words: str) -> None:
    """Wait for the bar, a live region with a button that a keyboard reaches."""
    expect(page.locator(".undo-bar")).to_contain_text(words)
    page.wait_for_load_state()  # without its styles, the button is lower
    assert page.locator(".undo-bar").evaluate("bar => Boolean(bar.closest('[role=status]'))")
    assert page.locator(".undo-bar button").bounding_box()["height"] >= 44  # type: ignore[index]


def stop_clock(page: Page) -> None:
    """Stop the clock of the page, so that only the test uses up the ten seconds of a bar."""
    page.clock.pause_at(timezone.now() + timedelta(minutes=2))


def test_an_encounter_is_taken_back_at_once_and_can_be_undone_for_ten_seconds(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, enter: Enter, axe: str
) -> None:
    seen()
    page = enter(browser, cast.bob, PHONE)
    page.clock.install()
    page.goto(live_server.url + reverse("needs:mine"))
    page.get_by_role("button", name=re.compile("^Take back")).click()
    bar_of(page, "It no longer counts")
    page.locator(".undo-bar button").focus()
    assert Encounter.objects.exclude(retracted_at=None).exists()
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run('.messages')).violations.map((each) => each.id)")
    assert found == []
    page.clock.run_for(30_000)  # the countdown stops while the focus is on the button
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone. The encounter counts again.")).to_be_visible()
    assert not Retraction.objects.exists()
    stop_clock(page)

    # The network is lost before the person taps Undo. Undo then waits for the network.
    page.get_by_role("button", name=re.compile("^Take back")).click()
    bar_of(page, "It no longer counts")
    page.context.set_offline(True)
    page.locator(".undo-bar button").click()
    expect(page.locator(".undo-bar")).to_contain_text("Waits for the network")
    page.context.set_offline(False)
    expect(page.get_by_text("Undone. The encounter counts again.")).to_be_visible()
    assert not Retraction.objects.exists()

    page.goto(live_server.url + reverse("needs:mine"))
    page.get_by_role("button", name=re.compile("^Take back")).click()
    bar_of(page, "It no longer counts")
    page.clock.run_for(9_000)
    expect(page.locator(".undo-bar")).to_be_visible()
    page.clock.run_for(2_000)
    expect(page.locator(".undo-bar")).to_have_count(0)

    # A closed event opens again in the same way, also just before the ten seconds are over.
    crisis = opened(cast.diane)
    desk = enter(browser, cast.diane, PHONE)
    desk.clock.install()
    desk.goto(live_server.url + reverse("mapping:crises"))
    stop_clock(desk)
    desk.get_by_role("button", name="Close the event").click()
    bar_of(desk, "The event is closed.")
    expect(desk.locator(".crisis-list")).to_contain_text("over")
    assert Crisis.objects.get(pk=crisis.pk).closed_by == cast.diane
    no_sideways(desk)
    desk.clock.run_for(9_000)
    desk.locator(".undo-bar button").click()
    expect(desk.get_by_text("Undone. The event accepts reports as before.")).to_be_visible()
    expect(desk.locator(".crisis-list")).to_contain_text("open for reports")
    crisis.refresh_from_db()
    assert (crisis.closed_at, crisis.closed_by) == (None, None)

    plain = enter(browser, cast.bob, PHONE, java_script_enabled=False)
    seen()
    plain.goto(live_server.url + reverse("needs:mine"))
    plain.get_by_role("button", name=re.compile("^Take back")).click()
    plain.get_by_role("button", name="Undo", exact=True).click()
    expect(plain.get_by_text("Undone. The encounter counts again.")).to_be_visible()


def test_without_network_what_was_removed_leaves_the_queue_again(
    browser: Browser, cast: Cast, seen: Seen, enter: Enter, network: NetworkProxy
) -> None:
    filed = seen()
    offers(cast.alice)
    [row] = proposals.propose(need_at(), [cast.alice], cast.carol)
    page = enter(browser, cast.bob, PHONE)
    page.goto(network.url + reverse("needs:mine"))
    back = page.get_by_role("button", name=re.compile("^Take back"))
    set_offline(page, network)
    back.click()
    bar_of(page, "Taken back. It is sent when there is a network.")
    expect(back).to_be_hidden()
    until(lambda: [each["kind"] for each in waiting(page)] == ["take-back"], 30, "it was not queued")
    page.locator(".undo-bar button").click()
    expect(back).to_be_visible()
    assert waiting(page) == []

    # Without Undo, the removal is held until the bar is gone, and then sent.
    back.click()
    bar_of(page, "Taken back")
    set_offline(page, network, False)
    [held] = waiting(page)
    page.evaluate(f"async () => {{ {QUEUE} await q.drain(); }}")
    assert [each["id"] for each in waiting(page)] == [held["id"]]
    page.evaluate(
        f"async (id) => {{ {QUEUE} await q.store.change([id], {{heldUntil: 0}}); await q.drain(); }}", held["id"]
    )
    assert waiting(page) == []
    assert Encounter.objects.get(pk=filed.id).retracted_at is not None

    # An answer to a proposal waits in the same way.
    page = enter(browser, cast.alice, PHONE)
    page.goto(network.url + reverse("needs:proposals"))
    set_offline(page, network)
    page.get_by_role("button", name="Not this time").click()
    bar_of(page, "Thank you for the answer")
    expect(page.locator(f"#proposal-{row.pk}")).to_be_hidden()
    page.locator(".undo-bar button").click()
    expect(page.locator(f"#proposal-{row.pk}")).to_be_visible()
    assert Proposal.objects.get().answer == ""


@pytest.mark.repetition
def test_a_report_deleted_from_the_queue_comes_back_at_its_place(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    page = enter(browser, cast.bob, PHONE)
    page.goto(live_server.url + reverse("needs:phone_queue"))
    page.context.set_offline(True)
    page.evaluate(WRITE, {"number": 3, "first": 0})
    items = page.locator("[data-queue-list] > li")
    expect(items).to_have_count(3)
    before = [(each["id"], each["seq"]) for each in waiting(page)]
    items.nth(1).get_by_role("button", name="Delete").click()
    bar_of(page, "Deleted from this phone.")
    expect(items).to_have_count(2)
    page.locator(".undo-bar button").click()
    expect(items).to_have_count(3)
    assert [(each["id"], each["seq"]) for each in waiting(page)] == before
    items.nth(1).get_by_role("button", name="Delete").click()
    expect(items).to_have_count(2)
    assert len(waiting(page)) == 2
