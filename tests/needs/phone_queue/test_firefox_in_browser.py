"""The phone queue in Firefox, which has no Background Sync."""

import logging
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from marionette_driver.by import By
from marionette_driver.marionette import Marionette
from pytest_django.live_server_helper import LiveServer

from needs.models import Encounter
from solidarity.lib import grid
from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from tests.conftest import PASSWORD, until
from tests.support import Cast
from volunteers.models import User
from volunteers.site.web_app import views

PROGRAM = os.environ.get("SOLIDARITY_FIREFOX") or shutil.which("firefox-esr")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("firefox"),
    pytest.mark.repetition,  # the phone queue again, in another browser
    pytest.mark.skipif(PROGRAM is None, reason="no firefox-esr on this machine, and SOLIDARITY_FIREFOX names none"),
]

HERE = 'data:application/json,{"location":{"lat":48.866,"lng":2.35},"accuracy":10}'
PREFERENCES = {
    "geo.prompt.testing": True,
    "geo.prompt.testing.allow": True,
    "geo.provider.network.url": HERE,
    "geo.provider.use_geoclue": False,
    "intl.accept_languages": "en-GB,en",
}
IN_QUEUE = """const done = arguments[arguments.length - 1];
(async (given) => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  %s
})(arguments[0]).then(done, (error) => done(String(error)));"""
CACHED = "await navigator.serviceWorker.ready; return (await q.store.recall('pages'))?.account === q.account();"
WAITING = "return (await q.pending()).length;"
WRITE = """for (let each = 0; each < given; each += 1) await q.enqueue({kind: 'encounter', edit: '/encounters/new/', fields: {
  latitude: '48.86', longitude: '2.35', persons: '2', when: 'now', note: `report ${each}`, association: 'maraude-du-nord'}});"""
LOADED = "document.readyState === 'complete' && location.pathname === '/encounters/new/'"
PHONE_SIZE = """const browser = gBrowser.selectedBrowser;
for (const [side, size] of [['width', 390], ['height', 844]])
  for (const bound of ['', 'min-', 'max-']) browser.style.setProperty(bound + side, `${size}px`);"""

OPEN_AGAIN = """const done = arguments[arguments.length - 1];
const open = () => {
  if (SessionStore.getClosedTabCountForWindow(window) === 0) setTimeout(open, 50); // Firefox records a closed tab a little later
  else SessionStore.undoCloseTab(window, 0).addEventListener('SSTabRestored', () => done(true), { once: true });
};
open();"""


class Fox:
    """Firefox with one tab the size of a phone, behind the network proxy."""

    def __init__(self, browser: Marionette, network: NetworkProxy) -> None:
        self.browser = browser
        self.network = network
        browser.delete_all_cookies()  # each test has its own port, but cookies are shared by all ports
        with browser.using_context("chrome"):
            browser.execute_script(PHONE_SIZE)

    def go(self, path: str) -> None:
        self.browser.navigate(f"{self.network.url}{path}")

    def find(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def press(self, selector: str) -> None:
        self.js(f"document.querySelector({selector!r}).click()")

    def js(self, script: str) -> Any:
        return self.browser.execute_script(script, sandbox=None)

    def shown(self, selector: str) -> bool:
        script = f"const it = document.querySelector({selector!r}); return Boolean(it && it.checkVisibility());"
        return bool(self.js(script))

    def queue(self, script: str, given: int | None = None) -> Any:
        return self.browser.execute_async_script(IN_QUEUE % script, script_args=[given], sandbox=None)

    def online(self, yes: bool) -> None:
        self.network.down = not yes
        with self.browser.using_context("chrome"):
            self.browser.execute_script(f"Services.io.offline = {str(not yes).lower()};")

    def sign_in(self, user: User) -> None:
        self.go("/accounts/login/")
        self.find("[name=login]").send_keys(user.email)
        self.find("[name=password]").send_keys(PASSWORD)
        self.press("form[action*=login] [type=submit]")
        until(lambda: "/login" not in self.browser.get_url(), 60, "signing in failed")
        until(lambda: self.queue(CACHED) is True, 60, "the pages were not cached")

    def write(self, note: str) -> None:
        self.press("form[data-encounter] [data-place-locate]")
        until(lambda: self.shown("form[data-encounter] [data-place][data-chosen]"), 60, "no position")
        self.find("form[data-encounter] [name=note]").send_keys(note)

    def save(self) -> None:
        self.press("form[data-encounter] [type=submit]")
        until(lambda: self.shown("[data-queue-saved]"), 60, "it was not saved")

    def written(self) -> str:
        return str(self.js("return document.querySelector('form[data-encounter] [name=note]').value"))

    def reload(self, press: str = "") -> None:
        self.js("window.before = true")
        if press:
            self.press(press)
        else:
            self.js("location.reload()")
        until(
            lambda: self.js("return !window.before && document.readyState === 'complete'"),
            60,
            "it was not reloaded",
        )

    def reopen_closed_tab(self) -> None:
        """Close the tab and restore it, as after a crash."""
        old = self.browser.current_window_handle
        spare = self.browser.open(type="tab")["handle"]
        self.browser.switch_to_window(old)
        self.browser.close()
        self.browser.switch_to_window(spare)
        with self.browser.using_context("chrome"):
            self.browser.execute_async_script(OPEN_AGAIN)
        (again,) = {*self.browser.window_handles} - {spare}
        self.browser.close()
        self.browser.switch_to_window(again)
        until(lambda: self.js(f"return {LOADED}"), 60, "the tab was not loaded again")


@pytest.fixture(scope="module")
def browser_of_mozilla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marionette]:
    logging.getLogger("mozversion").setLevel(logging.WARNING)
    logs = str(tmp_path_factory.mktemp("firefox"))
    browser = Marionette(port=0, bin=PROGRAM, headless=True, prefs=PREFERENCES, gecko_log=logs)
    try:
        browser.start_session()
        browser.timeout.script = 60
        yield browser
    finally:
        browser.cleanup()


@pytest.fixture
def fox(live_server: LiveServer, browser_of_mozilla: Marionette) -> Iterator[Fox]:
    with network_proxy(live_server.url) as network:
        phone = Fox(browser_of_mozilla, network)
        yield phone
        phone.online(True)


def test_offline_reports_survive_a_closed_tab_and_are_stored_once(cast: Cast, fox: Fox) -> None:
    fox.sign_in(cast.bob)
    fox.online(False)
    fox.go("/encounters/new/")
    assert fox.js("return Boolean(navigator.serviceWorker.controller)")
    fox.write("two dogs")
    until(lambda: fox.shown("form[data-encounter] [data-draft-state][data-state=saved]"), 60, "no draft was saved")
    fox.reopen_closed_tab()
    assert fox.written() == "two dogs"
    fox.save()
    fox.reopen_closed_tab()
    assert fox.written() == ""  # a saved report is not shown as a new one
    fox.write("three cats")
    fox.save()
    fox.reload()
    assert fox.written() == ""
    fox.go("/queue/")
    assert fox.queue(WAITING) == 2
    until(lambda: "2 reports wait" in fox.find("[data-queue-band]").text, 60, "the band does not count them")
    assert "Firefox on a computer cannot" in fox.find("[data-install]").text
    assert not Encounter.objects.exists()

    fox.online(True)
    until(lambda: fox.queue(WAITING) == 0, 60, "it was not sent by itself when the network came back")
    filed = Encounter.objects.values_list("note", "author", "cell").order_by("note")
    cell = grid.cell_of(48.866, 2.35)
    assert list(filed) == [("three cats", cast.bob.pk, cell), ("two dogs", cast.bob.pk, cell)]


def test_a_new_version_keeps_the_queue_and_a_half_written_form(
    cast: Cast, fox: Fox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fox.sign_in(cast.bob)
    fox.go("/encounters/new/")
    fox.find("form[data-encounter] [name=note]").send_keys("half written")
    fox.network.loss = 1.0
    fox.queue(WRITE, 30)
    text = views._worker_text()
    monkeypatch.setattr(views, "_worker_text", lambda: f"{text}\n// next")
    fox.queue("await (await navigator.serviceWorker.getRegistration('/')).update();")
    until(lambda: fox.shown("[data-update]"), 60, "the new version was not offered")
    assert fox.written() == "half written"
    fox.reload(press="[data-update] button")
    until(lambda: fox.written() == "half written", 60, "the draft did not come back")
    assert fox.queue(WAITING) == 30
    fox.network.loss, fox.network.cut = 0.3, 0.3

    def drained() -> bool:
        fox.js("document.dispatchEvent(new CustomEvent('queue:send'))")
        return bool(fox.queue(WAITING) == 0)

    until(drained, 180, "the queue did not run empty")
    notes = Encounter.objects.values_list("note", flat=True)
    assert sorted(notes) == sorted(f"report {number}" for number in range(30))
