"""A phone in the street: forms that open and save without network, a queue that loses nothing and files nothing twice."""

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.releases import release_filter
from needs.models import Encounter, Need, NeedPhoto, Tour
from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from tests.conftest import until
from tests.needs.crises.crisis_cases import opened
from tests.support import Cast, City, Enter, Seen
from volunteers.models import User
from volunteers.web_app import views

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
HERE = {"latitude": 48.8660, "longitude": 2.3500}
QUEUE = "const q = await import('/static/solidarity/phone_queue/queue.js');"
READY = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
  return true;
}"""
SHIFT = "(() => { const now = Date.now.bind(Date); const by = %d; const Real = Date; Date.now = () => now() + by; window.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Date.now()); } static now() { return now() + by; } }; })()"  # noqa: E501
WRITE = """async ({number, first}) => {
  const q = await import('/static/solidarity/phone_queue/queue.js');
  const took = [];
  for (let each = 0; each < number; each += 1) {
    const began = performance.now();
    await q.enqueue({kind: 'encounter', edit: '/encounters/new/', summary: {persons: 2}, fields: {
      latitude: String(48.86 + (first + each) / 1e5), longitude: '2.35', persons: '2', asked: ['food', 'blanket'], given: ['food'],
      when: 'now', note: `report ${first + each}`, place_text: 'under the bridge', association: 'maraude-du-nord'}});
    took.push(performance.now() - began);
  }
  return took;
}"""


@pytest.fixture
def network(live_server: LiveServer) -> Iterator[NetworkProxy]:
    with network_proxy(live_server.url) as between:
        yield between


@pytest.fixture
def phone(browser: Browser, enter: Enter, network: NetworkProxy) -> Callable[..., Any]:
    """A page of somebody's phone behind the network, its service worker in charge and its pages kept."""

    def open_phone(user: User, path: str = "/", **options: Any) -> Any:
        page = enter(browser, user, PHONE, geolocation=HERE, service_workers="allow", **options)
        page.goto(f"{network.url}{path}")
        page.evaluate(READY)
        until(lambda: _kept_pages(page), 20, "the pages were not kept")
        return page

    return open_phone


def _kept_pages(page: Page) -> Any:
    return page.evaluate(f"async () => {{ {QUEUE} return (await q.store.recall('pages'))?.account === q.account(); }}")


def _offline(page: Page, network: NetworkProxy, yes: bool = True) -> None:
    network.down = yes
    page.context.set_offline(yes)


def _waiting(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(f"async () => {{ {QUEUE} return await q.pending(); }}")


def _everything_kept(page: Page) -> str:
    """All that the databases and storages of this page hold, as text."""
    return page.evaluate(
        f"""async () => {{ {QUEUE}
          const db = await idb.openDB('solidarity');
          const all = {{}};
          for (const name of db.objectStoreNames) all[name] = await db.getAll(name);
          db.close();
          return JSON.stringify([all, {{...localStorage}}]);
        }}"""
    )


def _fill(page: Page, persons: int = 3) -> None:
    page.get_by_role("button", name=re.compile("my position|ma position", re.I)).first.click()
    page.locator("[data-place][data-chosen]").wait_for()
    page.locator("[name=persons]").fill(str(persons))


def _save(page: Page) -> None:
    page.locator("form[data-queue=encounter] [type=submit]").click()


def test_a_form_opens_and_saves_without_network_and_leaves_by_itself(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    _offline(page, network)
    page.goto(f"{network.url}/encounters/new/")
    _fill(page)
    page.locator("[name=note]").fill("two dogs")
    _save(page)
    page.locator("[data-queue-saved]").wait_for()
    page.locator("[name=note]").dispatch_event("change")  # as Firefox does when it hides what has the focus
    page.wait_for_timeout(400)
    assert not _drafts(page)
    saved = int(page.locator("form[data-queue=encounter]").get_attribute("data-saved-after"))
    assert saved < 1000
    page.locator("[data-queue-band]", has_text="One report waits").wait_for()
    page.locator("[data-queue-another]").click()
    assert page.locator("[name=note]").input_value() == ""
    page.goto(f"{network.url}/queue/")
    assert page.locator("[data-state=queued], [data-state=again]").count() == 1
    assert Encounter.objects.count() == 0

    _offline(page, network, False)
    until(lambda: Encounter.objects.exists(), 20, "it was not sent when the network came back")
    until(lambda: not _waiting(page), 10, "it was not acknowledged")
    page.locator("[data-when-empty]:not([hidden])").wait_for()
    filed = Encounter.objects.get()
    assert (filed.persons, filed.note, filed.author) == (3, "two dogs", cast.bob)
    kept = _everything_kept(page)
    assert filed.content_hash in kept
    assert "48.866" not in kept
    assert "two dogs" not in kept


def test_with_a_network_the_form_goes_the_same_way_and_shows_what_is_wrong_beside_the_field(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    _fill(page)
    page.locator("[name=persons]").fill("2")
    page.locator("[name=contacts]").fill("9")
    _save(page)
    page.locator(".error-summary").wait_for()
    assert page.locator("[name=contacts]").input_value() == "9"
    page.locator("[name=contacts]").fill("1")
    _save(page)
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    assert Encounter.objects.get().contacts == 1
    assert _waiting(page) == []
    page.goto(f"{network.url}/encounters/new/")
    assert page.locator("[data-draft-found]").is_hidden()


def test_what_was_corrected_before_the_scripts_came_does_not_come_back_as_a_draft(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    _fill(page, persons=2)
    page.locator("[name=contacts]").fill("9")
    _save(page)
    page.locator(".error-summary").wait_for()
    assert _drafts(page)
    page.locator("form[data-queue=encounter]").evaluate(
        "form => { form.elements.namedItem('contacts').value = '1'; HTMLFormElement.prototype.submit.call(form); }"
    )
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    until(lambda: not _drafts(page), 10, "the draft of a filed report stayed")
    assert Encounter.objects.get().contacts == 1


def _drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('solidarity.draft.'))")


def test_200_reports_through_a_storm_arrive_once_each_at_their_true_time(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    """30 % of the requests lost, 30 % of the answers cut after commit, a tab killed, two tabs, clocks ± 3 days."""
    page = phone(cast.bob)
    fast = page.context.new_page()
    fast.add_init_script(SHIFT % (3 * 24 * 3600e3))
    slow = page.context.new_page()
    slow.add_init_script(SHIFT % (-3 * 24 * 3600e3))
    _offline(page, network)
    for tab in (fast, slow):
        tab.goto(f"{network.url}/queue/")
    began = timezone.now()
    fast.evaluate(WRITE, {"number": 70, "first": 0})
    slow.evaluate(WRITE, {"number": 130, "first": 70})
    written = timezone.now()
    slow.close()
    assert len(_waiting(page)) == 200

    network.loss, network.cut = 0.3, 0.3
    _offline(page, network, False)
    until(lambda: Encounter.objects.count() >= 20, 30, "nothing arrived")
    with contextlib.suppress(PlaywrightError):
        fast.goto("chrome://crash")  # it was sending, or waiting for its turn
    second = page.context.new_page()
    second.goto(f"{network.url}/queue/")

    def drained() -> bool:
        for tab in (page, second):
            tab.evaluate("() => document.dispatchEvent(new CustomEvent('queue:send'))")
        return not _waiting(second)

    until(drained, 60, "the queue did not run empty")
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


def test_the_worker_sends_what_waits_when_no_page_is_open(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    _offline(page, network)
    page.evaluate(WRITE, {"number": 30, "first": 0})
    blank = page.context.new_page()
    devtools = blank.context.new_cdp_session(blank)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.close()
    _offline(blank, network, False)
    blank.wait_for_timeout(300)
    assert not Encounter.objects.exists()
    sync = {"origin": network.url, "registrationId": registrations[0], "tag": "phone-queue", "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", sync)
    until(lambda: Encounter.objects.count() == 30, 20, "the worker did not send the queue")


HOURS = 3600e3
DAYS = 24 * HOURS


@pytest.mark.parametrize("days", [3, -3])
@pytest.mark.parametrize("mended", [True, False])
def test_a_clock_that_is_days_off_does_not_move_what_was_queued_five_hours_ago(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy, days: int, mended: bool
) -> None:
    """The last contact was six hours ago with the clock days off; it still is, or was put right before sending."""
    page = phone(cast.bob)
    off = days * DAYS
    _offline(page, network)
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
    if not mended:
        page.add_init_script(SHIFT % off)
    _offline(page, network, False)
    page.goto(f"{network.url}/queue/")
    until(lambda: Encounter.objects.exists(), 20, "it was not sent")
    assert abs(timezone.now() - timedelta(hours=5) - Encounter.objects.get().at) < timedelta(minutes=1)


def test_what_waits_survives_the_end_of_the_session_and_is_never_sent_under_another_name(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    _offline(page, network)
    page.evaluate(WRITE, {"number": 2, "first": 0})
    cast.bob.set_password("another long passphrase")  # ends every session of his
    cast.bob.save()
    _offline(page, network, False)
    page.goto(f"{network.url}/queue/")
    page.locator("[data-when-signed-out]:not([hidden])").wait_for()
    assert page.locator("[data-queue-list] [data-state=signin]").count() == 2

    _sign_in(page, network, cast.edith)
    page.goto(f"{network.url}/queue/")
    page.locator("[data-when-other]:not([hidden])").wait_for()
    assert page.locator("[data-queue-list] [data-state=other]").count() == 2
    assert page.locator("[data-part=delete]:visible").count() == 0
    page.locator("[data-queue-send]").click()
    page.wait_for_timeout(700)
    assert Encounter.objects.count() == 0
    until(lambda: _kept_pages(page), 30, "her pages were not kept")  # a late answer to her would sign her in again

    _sign_in(page, network, cast.bob)
    page.goto(f"{network.url}/queue/")
    until(lambda: Encounter.objects.count() == 2, 40, "his reports were not sent once he was back")
    assert set(Encounter.objects.values_list("author", flat=True)) == {cast.bob.pk}


def _sign_in(page: Page, network: NetworkProxy, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": network.url}])


def test_signing_out_says_what_was_not_sent_and_forgets_the_associations_forms(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/queue/")
    network.loss = 1.0
    page.evaluate(WRITE, {"number": 2, "first": 0})
    sign_out = page.locator(".bottom-bar form[data-sign-out] button")
    page.locator(".bottom-bar summary").click()
    sign_out.click()
    dialog = page.locator("[data-sign-out-dialog][open]")
    assert "2 reports have not been sent yet" in dialog.inner_text()
    dialog.get_by_role("button", name="Stay signed in").click()
    assert Session.objects.exists()
    page.locator(".bottom-bar summary").click()
    sign_out.click()
    dialog.get_by_role("button", name="Sign out anyway").click()
    page.wait_for_url(f"{network.url}/")
    assert len(_waiting(page)) == 2
    kept = page.evaluate(
        "async () => (await (await caches.open('solidarity-pages')).keys()).map(({url}) => new URL(url).pathname)"
    )
    assert "/encounters/new/" not in kept


def test_a_refused_report_says_why_and_can_be_corrected(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
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
    assert "500" in row.locator("[data-part=reasons]").inner_text()
    page.locator("[data-queue-band]", has_text="needs a correction").wait_for()
    row.get_by_role("link", name="Correct it").click()
    note = page.locator("[name=note]")
    until(lambda: note.input_value() == "kept as it was", 10, "the form was not filled")
    page.locator("[name=persons]").fill("9")
    _save(page)
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    filed = Encounter.objects.get()
    assert (filed.persons, filed.note) == (9, "kept as it was")
    assert _waiting(page) == []


def test_a_new_version_of_the_app_takes_over_a_full_queue_and_a_half_written_form(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy, monkeypatch: pytest.MonkeyPatch
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
    assert page.locator("[name=note]").input_value() == "half written"
    assert len(_waiting(page)) == 40
    page.locator("[data-update] button").click()
    note = page.locator("[name=note]")
    until(lambda: note.input_value() == "half written", 10, "the draft did not come back")
    assert page.evaluate("() => navigator.serviceWorker.controller.scriptURL") == old
    network.loss = 0.0
    page.evaluate("() => document.dispatchEvent(new CustomEvent('queue:send'))")
    until(lambda: Encounter.objects.count() == 40, 30, "the queue was not sent after the update")


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
    _fill(page)
    page.locator("[name=note]").fill("still here " * 150)
    network.loss = 1.0
    page.context.set_offline(True)
    assert page.evaluate(FILL_UP) == "QueueFull"
    _save(page)
    state = page.locator("[data-draft-state][data-state=error]")
    state.wait_for()
    assert "full" in state.inner_text()
    assert page.locator("[name=note]").input_value().startswith("still here")
    assert page.locator("[data-queue-saved]").is_hidden()
    page.evaluate(
        f"async () => {{ {QUEUE} for (const item of await q.pending()) if (item.kind === 'photo') await q.store.remove(item.id); }}"
    )
    _save(page)
    page.locator("[data-queue-saved]").wait_for()
    network.loss = 0.0
    page.context.set_offline(False)
    until(lambda: Encounter.objects.count() == 1, 20, "it was not sent")


def test_the_queue_goes_to_another_phone_in_a_file_and_counts_once(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy, tmp_path: Path
) -> None:
    broken = phone(cast.bob, "/queue/")
    _offline(broken, network)
    broken.evaluate(WRITE, {"number": 3, "first": 0})
    with broken.expect_download() as waiting:
        broken.locator("[data-queue-export]").click()
    file = tmp_path / "queue.json"
    waiting.value.save_as(file)
    assert len(json.loads(file.read_text())["items"]) == 3
    network.down = False
    other = phone(cast.bob, "/queue/")
    for _twice in range(2):
        other.locator("[data-queue-import]").set_input_files(file)
        other.get_by_text("3 reports were read").wait_for()
    until(lambda: Encounter.objects.count() == 3, 20, "the other phone did not send it")
    broken.context.set_offline(False)
    until(lambda: not _waiting(broken), 20, "the first phone was not told that they had arrived")
    assert Encounter.objects.count() == 3


def test_a_need_and_its_photo_wait_without_account_and_arrive_together(
    city: City, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(None)
    _offline(page, network)
    page.goto(f"{network.url}/help/none/form/")
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(picture, "JPEG", quality=70)
    page.locator("label", has_text="food").first.click()
    page.locator("[name=urgency]").first.check(force=True)
    page.locator("[name=origin]").last.check(force=True)
    page.locator("[name=place_text]").fill("by the fountain")
    page.locator("[name=photo]").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    page.locator("form[data-queue=need] [type=submit]").click()
    page.locator("[data-queue-saved]").wait_for()
    assert [item["kind"] for item in _waiting(page)] == ["need", "photo"]
    network.cut = 0.5
    _offline(page, network, False)
    until(lambda: not _waiting(page), 40, "they were not acknowledged")
    need = Need.objects.get()
    assert need.author is None
    assert NeedPhoto.objects.filter(need=need).count() == 1
    page.goto(f"{network.url}/queue/")
    page.get_by_role("link", name=re.compile("see what became of it")).click()
    page.wait_for_url(re.compile("/follow/"))


def test_a_tour_that_began_without_network_arrives_before_what_happened_on_it(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob)
    _offline(page, network)
    page.goto(f"{network.url}/tours/start/")
    page.locator("form[data-queue=tour-start] [type=submit]").click()
    page.locator("[data-queue-saved]").wait_for()
    page.goto(f"{network.url}/encounters/new/")
    _fill(page)
    _save(page)
    page.locator("[data-queue-saved]").wait_for()
    network.cut = 0.4
    _offline(page, network, False)
    until(lambda: not _waiting(page), 40, "they were not acknowledged")
    assert Encounter.objects.get().tour == Tour.objects.get()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_on_what_a_phone_shows_without_network(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy, axe: str, language: str
) -> None:
    page = phone(cast.bob, locale=f"{language}-{language.upper()}")
    _offline(page, network)
    page.evaluate(WRITE, {"number": 2, "first": 0})
    page.evaluate(
        f"async () => {{ {QUEUE} const [one] = await q.pending();"
        " await q.store.change([one.id], {state: 'refused', problem: {status: 400, errors: {note: ['too long']}}}); }"
    )
    found = []
    for path in ("/queue/", "/encounters/new/", "/tours/start/", "/help/none/form/", "/map/", "/me/profile/"):
        page.goto(f"{network.url}{path}")
        assert page.locator("html").get_attribute("lang") == language, path
        if path == "/encounters/new/":
            _fill(page)
            _save(page)
            page.locator("[data-queue-saved]").wait_for()
        page.evaluate(axe)
        result = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        found += [f"{path} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in result["violations"]]
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        if path == "/map/":  # leads on to the reader's own territory
            assert re.search(r"/map/t/[a-z-]+/$", page.url)
    assert found == []
    assert page.locator("[href='tel:115']").count() >= 1


def test_a_phone_may_put_the_app_on_its_home_screen(cast: Cast, phone: Callable[..., Any], network: NetworkProxy) -> None:
    page = phone(None)
    devtools = page.context.new_cdp_session(page)
    told = devtools.send("Page.getAppManifest")
    assert told["errors"] == []
    icons = {icon["sizes"]: icon for icon in json.loads(told["data"])["icons"]}
    assert {"192x192", "512x512"} <= set(icons)
    problems = [each["errorId"] for each in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(problems) <= {"in-incognito"}


MAP_PARTS = ("maplibre", "pmtiles", "/map", "map.js", "way.js", "map.css", "/h3/")  # kept with the map, after the rest


def test_a_report_to_an_event_in_arabic_waits_with_its_photo_and_a_refusal_keeps_both(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    crisis = opened(cast.diane)
    page = phone(None)
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": network.url}])
    page.goto(f"{network.url}/crisis/{crisis.slug}/")
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(picture, "JPEG", quality=70)
    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    page.locator("[name=photo]").set_input_files(photo)
    page.locator("form[data-queue=crisis] [type=submit]").click()
    page.locator(".error-summary", has_text="ما الأمر؟").wait_for()
    assert [item["kind"] for item in _waiting(page)] == ["crisis", "photo"]
    _offline(page, network)
    page.locator("[name=category]").first.check(force=True)
    page.locator("[name=urgency]").first.check(force=True)
    page.locator("[name=place_text]").fill("Pont Marie")
    page.locator("form[data-queue=crisis] [type=submit]").click()
    page.locator("[data-queue-saved]").wait_for()
    assert [item["kind"] for item in _waiting(page)] == ["crisis", "photo"]
    _offline(page, network, False)
    until(lambda: not _waiting(page), 40, "they were not acknowledged")
    need = Need.objects.get()
    assert (need.crisis, need.photos.count()) == (crisis, 1)
    page.goto(f"{network.url}/queue/")
    page.get_by_role("link", name="انظر ماذا حدث").click()
    page.wait_for_url(re.compile("/follow/"))


def test_the_first_load_with_all_that_is_kept_weighs_at_most_300_kb(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    until(lambda: any("maplibre-gl-worker" in path for path, _size in network.answers), 20, "the map was not kept")
    sizes = [(path, size) for path, size in network.answers if not any(part in path for part in MAP_PARTS)]
    assert sum(size for _path, size in sizes) <= 300 * 1024, sorted(sizes, key=lambda each: -each[1])[:12]
    assert page.locator("[data-queue-saved]").is_hidden()


def test_a_phone_in_arabic_keeps_its_letters_and_its_direction_and_loads_no_more(
    cast: Cast, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    crisis = opened(cast.diane)
    page = phone(None, "/help/", locale="ar-MA")
    total = sum(size for path, size in network.answers if not any(part in path for part in MAP_PARTS))
    assert total <= 300 * 1024, total
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))"
        ".flat().map(({url}) => url)"
    )
    for end in ("bootstrap-reboot.rtl.min.css", "fonts/arabic.woff2", "fonts/arabic.css", f"/crisis/{crisis.slug}/"):
        assert any(url.endswith(end) for url in kept), end
    _offline(page, network)
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for address in ("/", "/nothing/", "/queue/", f"/crisis/{crisis.slug}/"):
        page.goto(f"{network.url}{address}")
        assert page.locator("html[lang=ar][dir=rtl]").count() == 1, address
    assert [url for url in failed if url.endswith((".css", ".js"))] == []


def test_the_map_of_the_last_release_opens_without_network(
    cast: Cast, seen: Seen, phone: Callable[..., Any], network: NetworkProxy
) -> None:
    seen(persons=5, minutes=30, hours_ago=30)
    fold.fold_outbox()
    release_filter.publish_all()
    page = phone(cast.alice)
    until(
        lambda: page.evaluate(
            """async () => {
              const kept = [];
              for (const name of await caches.keys()) kept.push(...(await (await caches.open(name)).keys()).map(({url}) => url));
              return kept.some((url) => url.includes('/release/')) && kept.some((url) => url.endsWith('/map/style.js'));
            }"""
        ),
        30,
        "the release was not kept",
    )
    failed: list[str] = []
    _offline(page, network)
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{network.url}/map/t/nord/")
    page.locator("canvas.maplibregl-canvas").wait_for()
    until(
        lambda: page.evaluate(
            "() => performance.getEntriesByType('resource').some(({name}) => name.includes('/release/'))"
        ),
        20,
        "the map did not read its archive",
    )
    assert failed == []
    assert page.locator("[data-when-offline]").is_visible()
