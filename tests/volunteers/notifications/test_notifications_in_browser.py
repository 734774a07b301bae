"""The pages of notifications and alerts in a real Chromium, in both languages."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from needs.models import SavedSearch
from solidarity.local.settings_file import push_key
from tests.browser_checks import serious, shot
from tests.conftest import until
from tests.repetitions import again
from tests.support import Cast, Enter
from tests.volunteers.services import Web, web_server
from volunteers.enums import Medium, Topic
from volunteers.models import NotificationSettings, PushSubscription
from volunteers.people.notifications import preferences
from volunteers.people.notifications.notifying import Message, notify

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}

# Chromium cannot subscribe without Google's push service. This script replaces only that service's answer.
SUBSCRIBES = """
  let kept = null;
  const keys = { p256dh: "%(p256dh)s", auth: "%(auth)s" };
  PushManager.prototype.getSubscription = async () => kept;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    kept = { endpoint: "%(endpoint)s", options: { applicationServerKey: applicationServerKey.buffer },
             toJSON: () => ({ endpoint: "%(endpoint)s", keys }), unsubscribe: async () => { kept = null; return true; } };
    return kept;
  };
"""


NOTIFICATIONS = """async () => {
  const found = await (await navigator.serviceWorker.ready).getNotifications();
  return found.map(({title, body, data}) => [title, body, data.path]);
}"""


@pytest.fixture
def push_service(settings: Settings) -> Iterator[Web]:
    with web_server() as web:
        settings.PUSH_SERVICES = settings.OUTGOING_PRIVATE = [web.origin]
        settings.VAPID_PRIVATE_KEY = push_key()
        settings.VAPID_CONTACT = "mailto:somebody@example.org"
        settings.SMS_URL = web.origin + "/sms"
        yield web


@pytest.fixture
def keys(push_service: Web) -> tuple[dict[str, str], Any]:
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.volunteers.conftest import Browser

    browser = Browser(push_service.origin + "/one", ec.generate_private_key(ec.SECP256R1()), os.urandom(16))
    return browser.fields, browser


@pytest.mark.parametrize(
    ("locale", "save", "size"), [again("en-GB", "Save", DESK), ("fr-FR", "Enregistrer", PHONE)], ids=["en", "fr"]
)
def test_a_person_chooses_their_notifications(
    transactional_db: None, cast: Cast, push_service: Web, browser: Browser, live_server: LiveServer, enter: Enter,
    axe: str, locale: str, save: str, size: dict[str, int],
) -> None:  # fmt: skip
    notify(
        [cast.carol], Topic.ALERT, "k", lambda: Message("3 new reports in one of your searches", "Look.", "/alerts/")
    )
    page = enter(browser, cast.carol, size, locale=locale)
    page.goto(live_server.url + "/me/notifications/")
    page.locator('[name="triage:email"]').uncheck()
    page.locator('[name="alert:push"]').check()
    page.fill("[name=quiet_from]", "22:00")
    page.fill("[name=quiet_until]", "07:00")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page, axe) == []
    shot(page, f"notifications-{locale}-{size['width']}")
    with page.expect_navigation():
        page.get_by_role("button", name=save, exact=True).click()
    own = NotificationSettings.objects.get(user=cast.carol)
    assert "alert:push" in own.wanted and "triage:email" not in own.wanted and "proposal:email" in own.wanted
    assert own.quiet_from is not None and own.quiet_from.hour == 22
    assert own.language == locale[:2]
    expect(page.locator('[name="triage:email"]')).not_to_be_checked()


def test_the_page_works_without_javascript(
    transactional_db: None, cast: Cast, push_service: Web, browser: Browser, live_server: LiveServer, enter: Enter
) -> None:
    page = enter(browser, cast.alice, PHONE, java_script_enabled=False)
    page.goto(live_server.url + "/me/notifications/")
    page.locator('[name="tour:email"]').uncheck()
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert "tour:email" not in NotificationSettings.objects.get(user=cast.alice).wanted
    page.goto(live_server.url + "/alerts/new/")
    page.fill("[name=name]", "Nord")
    page.get_by_role("button", name="Switch the alert on").click()
    page.wait_for_url("**/alerts/")
    assert SavedSearch.objects.get().query == {"area": "nord"}


def test_push_is_switched_on_tested_and_switched_off(
    transactional_db: None, cast: Cast, push_service: Web, keys: Any, whole_browser: Browser, live_server: LiveServer,
    enter: Enter,
) -> None:  # fmt: skip
    fields, reader = keys
    page = enter(whole_browser, cast.alice, PHONE, permissions=["notifications"], service_workers="allow")
    page.add_init_script("Notification.requestPermission = async () => 'granted';" + SUBSCRIBES % fields)
    page.goto(live_server.url + "/me/notifications/")
    page.wait_for_selector('[data-push][data-state="off"]')
    page.locator("[data-push-turn-on]").click()
    page.wait_for_selector('[data-push][data-state="on"]')
    assert PushSubscription.objects.get().user == cast.alice
    assert preferences.send_test(cast.alice)[Medium.PUSH] == ""
    assert json.loads(reader.read(push_service.asked[-1].body))["path"] == "/me/notifications/"
    page.locator("[data-push-turn-off]").click()
    page.wait_for_selector('[data-push][data-state="off"]')
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ("Object.defineProperty(Notification, 'permission', {get: () => 'denied'});", "denied", "blocks messages"),
        ("delete window.PushManager;", "unsupported", "cannot show messages"),
    ],
)
def test_the_page_explains_why_push_is_unavailable(
    transactional_db: None, cast: Cast, push_service: Web, browser: Browser, live_server: LiveServer, enter: Enter,
    script: str, state: str, words: str,
) -> None:  # fmt: skip
    page = enter(browser, cast.alice, PHONE)
    page.add_init_script(script)
    page.goto(live_server.url + "/me/notifications/")
    page.wait_for_selector(f'[data-push][data-state="{state}"]')
    expect(page.locator(f'[data-push-state="{state}"]')).to_contain_text(words)
    expect(page.locator("[data-push-turn-on]")).to_be_hidden()


def test_the_worker_shows_what_is_pushed(
    transactional_db: None,
    cast: Cast,
    push_service: Web,
    whole_browser: Browser,
    live_server: LiveServer,
    enter: Enter,
) -> None:
    page = enter(whole_browser, cast.alice, PHONE, permissions=["notifications"], service_workers="allow")
    page.goto(live_server.url + "/me/notifications/")
    scope = page.evaluate(
        """async () => {
          const {scope} = await navigator.serviceWorker.ready;  // every page registers it
          while (!navigator.serviceWorker.controller) await new Promise((next) => setTimeout(next, 50));
          return scope;
        }"""
    )
    assert scope == live_server.url + "/"
    devtools = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    message = {"title": "A need is proposed to you", "body": "Look.", "path": "/open/"}

    def known() -> list[dict[str, Any]]:
        page.evaluate("0")  # gives events time to arrive
        return [one for one in registrations if one["scopeURL"] == scope and not one["isDeleted"]]

    def deliver() -> None:
        for one in known()[-1:]:
            devtools.send(
                "ServiceWorker.deliverPushMessage",
                {"origin": live_server.url, "registrationId": one["registrationId"], "data": json.dumps(message)},
            )

    until(known)
    deliver()
    # A worker that has just started may miss an event.
    shown = until(lambda: page.evaluate(NOTIFICATIONS), again=deliver, every=15)
    assert shown == [list(message.values())]


@pytest.mark.parametrize(("locale", "size"), [again("en-GB", DESK), ("fr-FR", PHONE)], ids=["en", "fr"])
@pytest.mark.repetition
def test_an_area_is_drawn_by_hand(
    transactional_db: None, cast: Cast, browser: Browser, live_server: LiveServer, enter: Enter, axe: str,
    locale: str, size: dict[str, int],
) -> None:  # fmt: skip
    page = enter(browser, cast.carol, size, locale=locale)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url + "/alerts/new/")
    page.fill("[name=name]", "Around the station")
    page.locator('[name=kinds][value="tent"]').check(force=True)
    page.locator('[name=where][value="drawn"]').check(force=True)
    page.wait_for_selector("[data-area-map][data-ready]")
    canvas = page.locator("[data-area-map] canvas")
    canvas.scroll_into_view_if_needed()
    for x, y in ((90, 60), (280, 70), (270, 230), (100, 220)):
        canvas.click(position={"x": x, "y": y})
    page.wait_for_selector('[data-area][data-corners="4"]')
    shot(page, f"alert-drawn-{locale}-{size['width']}")
    page.locator("[data-area-undo]").click()
    page.wait_for_selector('[data-area][data-corners="3"]')
    assert serious(page, axe) == []
    page.locator("form[data-alert] [type=submit]").click()
    page.wait_for_url("**/alerts/")
    search = SavedSearch.objects.get()
    assert search.area is not None and search.area.num_points == 4
    assert search.query == {"kinds": ["tent"]}
    assert serious(page, axe) == []
    shot(page, f"alerts-{locale}-{size['width']}")
    page.goto(live_server.url + f"/alerts/{search.pk}/")
    page.wait_for_selector("[data-plan-map][data-ready]")
    shot(page, f"alert-{locale}-{size['width']}")
    assert complaints == []


def test_an_area_is_chosen_by_keyboard_alone(
    transactional_db: None, cast: Cast, browser: Browser, live_server: LiveServer, enter: Enter
) -> None:
    page = enter(browser, cast.alice, DESK)
    page.goto(live_server.url + "/alerts/new/")
    page.fill("[name=name]", "Around me")
    page.locator('[name=where][value="territory"]').focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-area-map][data-ready]")
    page.locator("[data-area-map] canvas").focus()
    page.keyboard.press("ArrowUp")
    page.locator("[data-area-middle]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-area][data-corners="1"]')
    page.locator("form[data-alert] [type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/")
    search = SavedSearch.objects.get()
    assert search.area is not None and search.area.num_points > 20
    assert search.alerted_until <= timezone.now()
