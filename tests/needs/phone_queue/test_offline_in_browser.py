"""The phone queue in Chromium: no report is lost, stored twice, or sent under another account."""

import contextlib
import io
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from needs.models import Encounter, Need, NeedPhoto, Tour
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.browser_checks import answer, question, send_answers
from tests.conftest import until
from tests.needs.phone_queue.phone_page import (
    HERE,
    PHONE,
    QUEUE,
    WRITE,
    OpenPhone,
    fill_form,
    pages_cached,
    save_form,
    send_now,
    set_offline,
    waiting,
)
from tests.repetitions import again
from tests.support import Cast, City, Enter
from volunteers.models import User
from volunteers.site.web_app import views

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHIFT = """(() => {
  const now = Date.now.bind(Date);
  const by = %d;
  const Real = Date;
  Date.now = () => now() + by;
  window.Date = class extends Real {
    constructor(...a) { if (a.length) super(...a); else super(Date.now()); }
    static now() { return now() + by; }
  };
})()"""
HOURS = 3600e3
DAYS = 24 * HOURS


def test_200_reports_through_a_storm_arrive_once_each_at_their_true_time(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    """30 % of requests are lost, 30 % of answers are cut after the commit, one tab is killed, two clocks are days off.

    A phone forgets acknowledged items after three days. The fast clock is only two days ahead, so no item is forgotten.
    """
    page = phone(cast.bob)
    fast = page.context.new_page()
    fast.add_init_script(SHIFT % (2 * DAYS))
    slow = page.context.new_page()
    slow.add_init_script(SHIFT % (-3 * DAYS))
    set_offline(page, network)
    for tab in (fast, slow):
        tab.goto(f"{network.url}/queue/")
    began = timezone.now()
    fast.evaluate(WRITE, {"number": 70, "first": 0})
    slow.evaluate(WRITE, {"number": 130, "first": 70})
    written = timezone.now()
    slow.close()
    assert len(waiting(page)) == 200

    network.loss, network.cut = 0.3, 0.3
    set_offline(page, network, False)
    until(lambda: Encounter.objects.count() >= 20, 60, "nothing arrived", again=lambda: send_now(page), every=1)
    with contextlib.suppress(PlaywrightError):
        fast.goto("chrome://crash")  # this tab was sending the queue, or waiting for its turn to send
    second = page.context.new_page()
    second.goto(f"{network.url}/queue/")

    def drained() -> bool:
        for tab in (page, second):
            send_now(tab)
        return not waiting(second)

    until(drained, 180, "the queue did not run empty")
    assert network.lost >= 2
    assert network.cut_off >= 2
    notes = sorted(Encounter.objects.values_list("note", flat=True), key=lambda note: int(note.split()[1]))
    assert notes == [f"report {number}" for number in range(200)]
    done = second.evaluate(f"async () => {{ {QUEUE} return await q.store.arrived(); }}")
    hashes = {each["id"]: each["hash"] for each in done}
    assert hashes == {str(pk): digest for pk, digest in Encounter.objects.values_list("pk", "content_hash")}
    slack = timedelta(minutes=2)
    for at in Encounter.objects.values_list("at", flat=True):
        assert began - slack <= at <= written + slack


def test_the_worker_sends_what_waits_when_no_page_is_open(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    page = phone(cast.bob)
    set_offline(page, network)
    page.evaluate(WRITE, {"number": 30, "first": 0})
    blank = page.context.new_page()
    devtools = blank.context.new_cdp_session(blank)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")

    def registered() -> bool:
        blank.evaluate("0")  # this gives events time to arrive
        return bool(registrations)

    until(registered, message="the browser did not name its service worker")
    page.close()
    set_offline(blank, network, False)
    blank.goto(f"{network.url}/static/solidarity/favicon.svg")  # the network is back; no open page sends the queue
    assert not Encounter.objects.exists()
    blank.goto("about:blank")
    sync = {"origin": network.url, "registrationId": registrations[0], "tag": "phone-queue", "lastChance": False}

    def wake() -> None:
        devtools.send("ServiceWorker.dispatchSyncEvent", sync)

    wake()
    # A service worker that has just started may miss an event.
    until(lambda: Encounter.objects.count() == 30, 60, "the worker did not send the queue", again=wake, every=15)


@pytest.mark.parametrize("days", [3, again(-3)])
@pytest.mark.parametrize("corrected", [True, again(False)])
@pytest.mark.repetition
def test_a_clock_that_is_days_off_does_not_move_what_was_queued_five_hours_ago(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, days: int, corrected: bool
) -> None:
    """At the last contact six hours ago, the clock was days off. It is still wrong, or it was corrected before
    sending."""
    page = phone(cast.bob)
    off = days * DAYS
    set_offline(page, network)
    page.evaluate(
        f"""async ({{off}}) => {{ {QUEUE}
          const now = Date.now();
          await q.store.note('contact', {{offset: -off, server: now - 6 * {HOURS}}});
          const real = Date.now; Date.now = () => now + off - 5 * {HOURS};
          await q.enqueue({{kind: 'encounter', fields: {{latitude: '48.86', longitude: '2.35', persons: '1', when: 'now'}}}});
          Date.now = real;
        }}""",
        {"off": off},
    )
    page.close()
    page = page.context.new_page()
    if not corrected:
        page.add_init_script(SHIFT % off)
    set_offline(page, network, False)
    page.goto(f"{network.url}/queue/")
    until(lambda: Encounter.objects.exists(), 60, "it was not sent")
    assert abs(timezone.now() - timedelta(hours=5) - Encounter.objects.get().at) < timedelta(minutes=1)


def test_what_waits_survives_the_end_of_the_session_and_is_never_sent_under_another_name(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    set_offline(page, network)
    page.evaluate(WRITE, {"number": 2, "first": 0})
    cast.bob.set_password("another long passphrase")  # this ends all his sessions
    cast.bob.save()
    set_offline(page, network, False)
    page.goto(f"{network.url}/queue/")
    page.locator("[data-when-signed-out]:not([hidden])").wait_for()
    expect(page.locator("[data-queue-list] [data-state=signin]")).to_have_count(2)

    sign_in_as(page, network, cast.edith)
    page.goto(f"{network.url}/queue/")
    page.locator("[data-when-other]:not([hidden])").wait_for()
    expect(page.locator("[data-queue-list] [data-state=other]")).to_have_count(2)
    assert page.locator("[data-part=delete]:visible").count() == 0
    page.locator("[data-queue-send]").click()
    expect(page.locator("[data-queue-said]")).to_have_text("The remaining reports belong to another account.")
    assert Encounter.objects.count() == 0
    until(lambda: pages_cached(page), 60, "her pages were not cached")  # a late answer would restore her session cookie

    sign_in_as(page, network, cast.bob)
    page.goto(f"{network.url}/queue/")
    until(lambda: Encounter.objects.count() == 2, 60, "his reports were not sent once he was back")
    assert set(Encounter.objects.values_list("author", flat=True)) == {cast.bob.pk}


def sign_in_as(page: Page, network: NetworkProxy, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": network.url}])


def test_signing_out_says_what_was_not_sent_and_forgets_the_associations_forms(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/queue/")
    network.loss = 1.0
    page.evaluate(WRITE, {"number": 2, "first": 0})
    sign_out = page.locator(".bottom-bar form[data-sign-out] button")
    page.locator(".bottom-bar summary").click()
    sign_out.click()
    dialog = page.locator("[data-sign-out-dialog][open]")
    expect(dialog).to_contain_text("2 reports have not been sent yet")
    dialog.get_by_role("button", name="Stay signed in").click()
    assert Session.objects.exists()
    page.locator(".bottom-bar summary").click()
    sign_out.click()
    dialog.get_by_role("button", name="Sign out anyway").click()
    page.wait_for_url(f"{network.url}/")
    assert len(waiting(page)) == 2
    kept = page.evaluate(
        "async () => (await (await caches.open('solidarity-pages')).keys()).map(({url}) => new URL(url).pathname)"
    )
    assert "/encounters/new/" not in kept


def test_a_refused_report_says_why_and_can_be_corrected(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    page = phone(cast.bob)
    page.evaluate(
        f"""async () => {{ {QUEUE}
          await q.enqueue({{kind: 'encounter', edit: '/encounters/new/', fields: {{latitude: '48.86', longitude: '2.35',
            persons: '9000', when: 'now', note: 'kept as it was'}}}});
        }}"""
    )
    page.goto(f"{network.url}/queue/")
    row = page.locator("[data-queue-list] [data-state=refused]")
    row.wait_for()
    expect(row.locator("[data-part=reasons]")).to_contain_text("500")
    page.locator("[data-queue-band]", has_text="needs a correction").wait_for()
    row.get_by_role("link", name="Correct it").click()
    expect(page.locator("[name=note]")).to_have_value("kept as it was")
    page.locator("[name=persons]").fill("9")
    save_form(page)
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    filed = Encounter.objects.get()
    assert (filed.persons, filed.note) == (9, "kept as it was")
    assert waiting(page) == []


@pytest.mark.repetition
def test_a_new_version_of_the_app_takes_over_a_full_queue_and_a_half_written_form(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    page.locator("[name=note]").fill("half written")
    network.loss = 1.0
    page.evaluate(WRITE, {"number": 40, "first": 0})
    text = views._worker_text()
    monkeypatch.setattr(views, "_worker_text", lambda: f"{text}\n// next")
    old = page.evaluate("() => navigator.serviceWorker.controller.scriptURL")
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration('/')).update()")
    page.locator("[data-update]:not([hidden])").wait_for()
    note = page.locator("[name=note]")
    expect(note).to_have_value("half written")
    assert len(waiting(page)) == 40
    with page.expect_navigation():
        page.locator("[data-update] button").click()
    expect(page.locator("[data-draft-found]")).to_be_visible()  # only a page that was loaded again shows this
    expect(note).to_have_value("half written")
    assert page.evaluate("() => navigator.serviceWorker.controller.scriptURL") == old
    network.loss = 0.0
    send_now(page)
    until(lambda: Encounter.objects.count() == 40, 60, "the queue was not sent after the update")


FILL_UP = """async () => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  let refused = '';
  const noise = (size) => { // what cannot be made smaller
    const data = new Uint8Array(size);
    for (let start = 0; start < size; start += 65536) crypto.getRandomValues(data.subarray(start, Math.min(size, start + 65536)));
    return data.buffer;
  };
  for (let bytes = 2 ** 22; bytes >= 512; bytes /= 2) {
    for (let number = 0; number < 3; number += 1) {
      try {
        const it = {id: q.newId(), kind: 'photo', account: q.account(), wall: 0, body: '', parent: q.newId()};
        await q.store.put([{...it, data: noise(bytes)}]);
      } catch (error) { refused = error.name; break; }
    }
  }
  return refused;
}"""


def test_a_full_disk_is_said_and_nothing_typed_is_lost(
    cast: Cast, browser: Browser, enter: Enter, network: NetworkProxy
) -> None:
    page = enter(browser, cast.bob, PHONE, geolocation=HERE)
    quota = {"origin": network.url, "quotaSize": 8 * 1024 * 1024}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    page.goto(f"{network.url}/encounters/new/")
    fill_form(page)
    page.locator("[name=note]").fill("still here " * 150)
    network.loss = 1.0
    page.context.set_offline(True)
    assert page.evaluate(FILL_UP) == "QueueFull"
    save_form(page)
    expect(page.locator("[data-draft-state][data-state=error]")).to_contain_text("full")
    expect(page.locator("[name=note]")).to_have_value(re.compile("^still here"))
    assert page.locator("[data-queue-saved]").is_hidden()
    page.evaluate(
        f"async () => {{ {QUEUE} for (const item of await q.pending()) if (item.kind === 'photo') await q.store.remove(item.id); }}"
    )
    save_form(page)
    page.locator("[data-queue-saved]").wait_for()
    network.loss = 0.0
    page.context.set_offline(False)
    until(lambda: Encounter.objects.count() == 1, 60, "it was not sent")


# Each message replaces the previous message after a moment.
HEAR = """() => {
  const box = document.querySelector('[data-queue-said]');
  window.heard = [];
  new MutationObserver(() => heard.push(box.textContent)).observe(box, {childList: true});
}"""


@pytest.mark.repetition
def test_the_queue_goes_to_another_phone_in_a_file_and_counts_once(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, tmp_path: Path
) -> None:
    broken = phone(cast.bob, "/queue/")
    set_offline(broken, network)
    broken.evaluate(WRITE, {"number": 3, "first": 0})
    with broken.expect_download() as download:
        broken.locator("[data-queue-export]").click()
    file = tmp_path / "queue.json"
    download.value.save_as(file)
    assert len(json.loads(file.read_text())["items"]) == 3
    network.down = False
    other = phone(cast.bob, "/queue/")
    other.evaluate(HEAR)
    for times in (1, 2):
        other.locator("[data-queue-import]").set_input_files(file)
        other.wait_for_function(
            "(times) => heard.filter((text) => text.startsWith('3 reports were read')).length === times", arg=times
        )
    until(lambda: Encounter.objects.count() == 3, 60, "the other phone did not send it")
    until(lambda: not waiting(other), 60, "the other phone did not learn that they had arrived")
    broken.context.set_offline(False)
    until(lambda: not waiting(broken), 60, "the first phone did not learn that they had arrived")
    assert Encounter.objects.count() == 3


def test_a_need_and_its_photo_wait_without_account_and_arrive_together(
    city: City, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(None)
    set_offline(page, network)
    page.goto(f"{network.url}/help/none/form/")
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(picture, "JPEG", quality=70)
    answer(page, place_text="by the fountain", kinds="food", urgency="now", origin="citizen")
    question(page, "photo")
    page.locator("[name=photo]").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    send_answers(page)
    page.locator("[data-queue-saved]").wait_for()
    assert [item["kind"] for item in waiting(page)] == ["need", "photo"]
    network.cut = 0.5
    set_offline(page, network, False)
    until(lambda: not waiting(page), 120, "they were not acknowledged", again=lambda: send_now(page), every=1)
    need = Need.objects.get()
    assert need.author is None
    assert NeedPhoto.objects.filter(need=need).count() == 1
    page.goto(f"{network.url}/queue/")
    page.get_by_role("link", name=re.compile("see its status")).click()
    page.wait_for_url(re.compile("/follow/"))


def test_a_tour_that_began_without_network_arrives_before_what_happened_on_it(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    set_offline(page, network)
    page.goto(f"{network.url}/tours/start/")
    page.locator("form[data-queue=tour-start] [type=submit]").click()
    page.locator("[data-queue-saved]").wait_for()
    page.goto(f"{network.url}/encounters/new/")
    # The encounter belongs to the tour that waits in the queue.
    page.locator("form[data-encounter] [data-waiting-tour]").wait_for(state="attached")
    fill_form(page)
    save_form(page)
    page.locator("[data-queue-saved]").wait_for()
    network.cut = 0.4
    set_offline(page, network, False)
    until(lambda: not waiting(page), 120, "they were not acknowledged")
    assert Encounter.objects.get().tour == Tour.objects.get()
