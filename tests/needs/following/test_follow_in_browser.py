"""The follow page in Chromium: it refreshes itself, shares its link, and tells this phone of each step."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs import tasks
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.doors.retention.erasure import erase_report
from needs.enums import NeedState, ReportKind
from needs.help.commitments import taking
from needs.help.following.follow_link import path_of
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.models import DangerAlarm, Need, ReporterAddress
from tests.browser_checks import no_sideways, serious, shot
from tests.needs.commitments.commitment_cases import set_expired
from tests.needs.following.conftest import send_all
from tests.needs.triage.triage_cases import reported
from tests.repetitions import again
from tests.support import Cast, City, Enter
from tests.volunteers.conftest import NewBrowser
from tests.volunteers.notifications.test_notifications_in_browser import SUBSCRIBES
from tests.volunteers.services import Web

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL, PHONE, DESK = {"width": 360, "height": 640}, {"width": 390, "height": 844}, {"width": 1440, "height": 900}


def heading(page: Page) -> Any:
    return page.locator("[data-follow-now]")


def test_the_page_refreshes_itself_and_keeps_what_somebody_types(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = reported(text="two people", state=NeedState.OPEN)
    page = enter(browser, None, PHONE)
    page.clock.install()
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "/state/" in answer.url else None)
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    expect(heading(page)).to_contain_text("It is open")

    with page.expect_response(re.compile("/state/")) as unchanged:
        page.clock.run_for(21_000)
    assert unchanged.value.status == 304

    own = taking.take(need, cast.alice)
    with page.expect_response(re.compile("/state/")):
        page.clock.run_for(21_000)
    expect(heading(page)).to_have_text("Somebody is taking care of it.")
    expect(page.locator("[data-follow-said]")).to_have_text("Somebody is taking care of it.")

    page.get_by_role("textbox", name="Message").fill("We wait at the")
    writing.write(AboutCommitment(own), Speaker.VOLUNTEER, cast.alice, "I come at eight")
    with page.expect_response(re.compile("/state/")):
        page.clock.run_for(21_000)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("We wait at the")
    expect(page.get_by_text("I come at eight")).to_have_count(0)
    page.get_by_role("textbox", name="Message").fill("")
    page.get_by_role("textbox", name="Message").blur()
    with page.expect_response(re.compile("/state/")):
        page.clock.run_for(21_000)
    expect(page.get_by_text("I come at eight")).to_be_visible()

    # Nobody came in time. The reporter reads this on the page that is open.
    set_expired(own)
    assert tasks.end_and_remind_commitments()["expired"] == 1
    with page.expect_response(re.compile("/state/")):
        page.clock.run_for(21_000)
    lapsed = "Somebody wanted to help, but their time ran out. Others can take it now."
    expect(heading(page)).to_have_text(lapsed)
    expect(page.locator("[data-follow-said]")).to_have_text(lapsed)
    expect(page.get_by_role("heading", name="Somebody takes care of it")).to_have_count(0)
    expect(page.get_by_role("radio", name="The person who takes care of it")).to_have_count(0)
    expect(page.get_by_role("button", name="Send to the dispatch team")).to_be_visible()


def test_without_network_the_page_stays_and_says_so_and_a_hidden_page_does_not_ask(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = reported(state=NeedState.OPEN)
    page = enter(browser, None, PHONE)
    page.clock.install()
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    fresh = page.locator("[data-follow-fresh]")
    expect(fresh).to_have_text("This page refreshes itself.")

    def fail(route: Route) -> None:
        route.abort()

    page.route("**/state/", fail)
    with page.expect_event("requestfailed"):
        page.clock.run_for(21_000)
    expect(fresh).to_have_text("No connection: the page shows what we knew last.")
    expect(heading(page)).to_contain_text("It is open")

    page.unroute("**/state/", fail)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/state/" in request.url else None)
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true });"
        " window.away = true; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    page.clock.run_for(300_000)
    assert asked == []
    transitions.move(need.pk, NeedState.MET, Cause(Actor.DISPATCHER, reason="helped"))
    page.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(heading(page)).to_have_text("It is done.")
    expect(fresh).to_have_text("This page refreshes itself.")


def test_the_share_sheet_gets_the_link_and_no_word_of_the_need(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    need = reported(text="two people behind the church")
    page = enter(browser, None, PHONE)
    page.add_init_script("navigator.share = async (data) => { window.shared = data; };")
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    page.get_by_role("button", name="Share the link").click()
    page.wait_for_function("() => window.shared")
    assert page.evaluate("window.shared") == {
        "title": "Your report · Solidarity",
        "url": f"{live_server.url}{path_of(need.pk)}",
    }
    other = enter(browser, None, PHONE)
    other.add_init_script("delete Navigator.prototype.share;")
    other.goto(f"{live_server.url}{path_of(need.pk)}")
    expect(other.get_by_role("button", name="Copy the link")).to_be_visible()
    expect(other.get_by_role("button", name="Share the link")).to_be_hidden()


def test_a_phone_is_told_of_each_step_without_an_account(
    whole_browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    enter: Enter,
    push_service: Web,
    new_browser: NewBrowser,
    settings: Settings,
) -> None:
    settings.SITE_URL = live_server.url
    need, other = reported(), reported()
    own = new_browser()
    page = enter(whole_browser, None, PHONE, permissions=["notifications"], service_workers="allow")
    page.add_init_script("Notification.requestPermission = async () => 'granted';" + SUBSCRIBES % own.fields)
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    page.get_by_role("button", name="Tell me of each step on this phone").click()
    expect(page.get_by_text("This phone is told of each step.")).to_be_visible()
    transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    assert send_all() == 1
    assert json.loads(own.read(push_service.asked[0].body))["path"] == path_of(need.pk)
    page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_role("button", name="Tell me of each step on this phone")).to_be_visible()
    assert not ReporterAddress.objects.exists()
    page.goto(f"{live_server.url}{path_of(other.pk)}")
    expect(page.locator("[data-follow-push]")).to_have_attribute("data-state", "off")


@pytest.mark.parametrize(
    ("language", "size", "theme"),
    [
        ("ar", SMALL, "light"),
        again("en", SMALL, "dark"),
        again("fr", PHONE, "light"),
        again("fr", DESK, "dark"),
        again("en", DESK, "light"),
    ],
)
@pytest.mark.repetition
def test_the_link_is_sent_from_the_page_in_every_size(
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    enter: Enter,
    axe: str,
    provider: Web,
    language: str,
    size: dict[str, int],
    theme: str,
) -> None:
    need: Need = reported(text="two people", state=NeedState.OPEN)
    page = enter(browser, None, size, locale=language, color_scheme=theme)
    page.add_init_script("navigator.share = async () => {};")
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    assert page.locator("html").get_attribute("lang") == language
    shot(page, f"follow-{language}-{size['width']}-{theme}")
    assert heading(page).bounding_box()["y"] < page.locator("#keep").bounding_box()["y"]  # type: ignore[index]
    form = page.locator("details", has=page.locator("#sms_to"))
    form.locator("summary").click()  # tap 1
    form.locator("#sms_to").fill("0612345678")
    form.locator("#sms_each_step").check()  # tap 2
    form.get_by_role("button").click()  # tap 3
    expect(page.locator(".alert-success").first).to_be_visible()
    assert provider.asked[0].json["to"] == "+33612345678"
    expect(page.locator(".follow-addresses bdi")).to_have_text("•• •• •• 78")
    page.locator("#keep details, .follow-steps").evaluate_all("all => all.forEach((each) => { each.open = true })")
    shot(page, f"follow-{language}-{size['width']}-{theme}-open")
    no_sideways(page)
    assert serious(page, axe) == []


@pytest.mark.parametrize(
    ("locale", "size"), [("en-GB", PHONE), again("fr-FR", PHONE), again("ar", SMALL), again("fr-FR", DESK)]
)
def test_the_reporter_corrects_the_place_and_the_page_opens_without_network_in_its_last_state(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter, axe: str, locale: str, size: dict[str, int]
) -> None:
    need = reported(None, text="two people", place_text="by the church")
    page = enter(browser, None, size, locale=locale, service_workers="allow")
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    page.wait_for_function("() => navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')")
    place = page.locator("[data-follow-part=place]")
    expect(place).to_contain_text("by the church")
    shot(page, f"follow_place_{locale[:2]}_{size['width']}")
    no_sideways(page)
    assert serious(page, axe) == []
    place.get_by_role("link").click()
    page.locator("[name=place_text]").fill("")
    shot(page, f"follow_place_form_{locale[:2]}_{size['width']}")
    no_sideways(page)
    assert serious(page, axe) == []
    page.locator("form button[type=submit].btn-lg").click()
    expect(page.locator(".field--invalid").first).to_be_visible()
    page.locator("[name=place_text]").fill("under the bridge")
    page.locator("form button[type=submit].btn-lg").click()
    expect(place).to_contain_text("under the bridge")
    expect(page.locator("[data-follow-live][data-kept]")).to_have_count(1)
    page.context.set_offline(True)
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    expect(place).to_contain_text("under the bridge")
    expect(page.locator("[data-follow-fresh]")).to_have_text(
        page.locator("[data-follow-fresh]").get_attribute("data-lost") or ""
    )
    page.context.set_offline(False)
    erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
    page.goto(f"{live_server.url}{path_of(need.pk)}")
    page.wait_for_function(
        "(path) => caches.open('solidarity-pages').then((all) => all.match(path)).then((kept) => !kept)",
        arg=path_of(need.pk),
    )


def test_a_page_that_may_show_violence_is_not_kept_on_the_phone(
    browser: Browser, live_server: LiveServer, city: City, enter: Enter
) -> None:
    need = reported((48.866, 2.35), text="two people")
    DangerAlarm.objects.create(need=need, flags=["violence"], source="words", reporter_answer="called")
    page = enter(browser, None, PHONE, service_workers="allow")
    with page.expect_response(re.compile("follow.js")):
        page.goto(f"{live_server.url}{path_of(need.pk)}")
    page.wait_for_load_state("networkidle")
    assert page.locator("[data-follow-keep]").count() == 0
    assert page.evaluate("(path) => caches.match(path).then((kept) => kept === undefined)", path_of(need.pk))
