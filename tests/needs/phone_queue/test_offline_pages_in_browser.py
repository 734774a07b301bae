"""Pages on a phone in Chromium without network: they open, save reports and show the waiting reports."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from needs.models import Encounter, Need
from solidarity.ops.bench.network_conditions import NetworkProxy
from tests.conftest import until
from tests.needs.crises.crisis_cases import opened
from tests.needs.phone_queue.phone_page import (
    QUEUE,
    WRITE,
    OpenPhone,
    drafts,
    fill_form,
    save_form,
    set_offline,
    stored_text,
    waiting,
)
from tests.repetitions import again
from tests.support import Cast, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Sends “change”, as a browser does when a focused field is hidden, and waits for the timers that this starts.
CHANGE_AND_WAIT = """async () => {
  const real = window.setTimeout;
  const fired = [];
  window.setTimeout = (work, delay, ...rest) => {
    let done;
    fired.push(new Promise((resolve) => { done = resolve; }));
    return real(() => { work(...rest); done(); }, delay);
  };
  document.querySelector('[name=note]').dispatchEvent(new Event('change', {bubbles: true}));
  window.setTimeout = real;
  await Promise.all(fired);
  return fired.length;
}"""


def test_a_form_saves_without_network_and_is_sent_later(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    page = phone(cast.bob)
    set_offline(page, network)
    page.goto(f"{network.url}/encounters/new/")
    fill_form(page)
    page.locator("[name=note]").fill("two dogs")
    save_form(page)
    page.locator("[data-queue-saved]").wait_for()
    assert page.evaluate(CHANGE_AND_WAIT) >= 1  # as Firefox does when it hides the focused field
    assert not drafts(page)
    saved = int(page.locator("form[data-queue=encounter]").get_attribute("data-saved-after") or "9999")
    assert saved < 1000
    page.locator("[data-queue-band]", has_text="One report waits").wait_for()
    page.locator("[data-queue-another]").click()
    expect(page.locator("[name=note]")).to_have_value("")
    page.goto(f"{network.url}/queue/")
    expect(page.locator("[data-state=queued], [data-state=again]")).to_have_count(1)
    assert Encounter.objects.count() == 0

    set_offline(page, network, False)
    until(lambda: Encounter.objects.exists(), 60, "it was not sent when the network came back")
    until(lambda: not waiting(page), 60, "it was not acknowledged")
    page.locator("[data-when-empty]:not([hidden])").wait_for()
    filed = Encounter.objects.get()
    assert (filed.persons, filed.note, filed.author) == (3, "two dogs", cast.bob)
    kept = stored_text(page)
    assert filed.content_hash in kept
    assert "48.866" not in kept
    assert "two dogs" not in kept


def wait_for_errors(page: Page) -> None:
    """Wait until the server's page with the errors and its scripts are loaded."""
    page.locator(".error-summary").wait_for()
    page.wait_for_load_state()


@pytest.mark.repetition
def test_with_a_network_the_form_shows_errors_beside_the_field(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    fill_form(page)
    page.locator("[name=persons]").fill("2")
    page.locator("[name=contacts]").fill("9")
    save_form(page)
    wait_for_errors(page)
    expect(page.locator("[name=contacts]")).to_have_value("9")
    page.locator("[name=contacts]").fill("1")
    save_form(page)
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    assert Encounter.objects.get().contacts == 1
    assert waiting(page) == []
    page.goto(f"{network.url}/encounters/new/")
    assert page.locator("[data-draft-found]").is_hidden()


@pytest.mark.repetition
def test_a_report_corrected_without_scripts_leaves_no_draft(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    page = phone(cast.bob, "/encounters/new/")
    fill_form(page, persons=2)
    page.locator("[name=contacts]").fill("9")
    save_form(page)
    wait_for_errors(page)
    assert drafts(page)
    page.locator("form[data-queue=encounter]").evaluate(
        "form => { form.elements.namedItem('contacts').value = '1'; HTMLFormElement.prototype.submit.call(form); }"
    )
    page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}/$"))
    until(lambda: not drafts(page), 60, "the draft of a filed report stayed")
    assert Encounter.objects.get().contacts == 1


@pytest.mark.parametrize("language", [again("en"), again("fr")])
def test_axe_finds_no_problem_on_offline_pages(
    cast: Cast, phone: OpenPhone, network: NetworkProxy, axe: str, language: str
) -> None:
    page = phone(cast.bob, locale=f"{language}-{language.upper()}")
    set_offline(page, network)
    page.evaluate(WRITE, {"number": 2, "first": 0})
    page.evaluate(
        f"async () => {{ {QUEUE} const [one] = await q.pending();"
        " await q.store.change([one.id], {state: 'refused', problem: {status: 400, errors: {note: ['too long']}}}); }"
    )
    found = []
    for path in ("/queue/", "/encounters/new/", "/tours/start/", "/help/none/form/", "/map/", "/me/profile/"):
        page.goto(f"{network.url}{path}")
        assert page.locator("html").get_attribute("lang") == language, path
        if path == "/queue/":
            expect(page.locator("[data-queue-list] [data-state]")).to_have_count(2)
        if path == "/encounters/new/":
            fill_form(page)
            save_form(page)
            page.locator("[data-queue-saved]").wait_for()
        page.evaluate(axe)
        result = page.evaluate("() => axe.run({resultTypes: ['violations']})")
        found += [f"{path} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in result["violations"]]
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        if path == "/map/":  # redirects to the reader's own territory
            assert re.search(r"/map/t/[a-z-]+/$", page.url)
    assert found == []
    assert page.locator("[href='tel:115']").count() >= 1


@pytest.mark.repetition
def test_the_app_can_be_installed(cast: Cast, phone: OpenPhone, network: NetworkProxy) -> None:
    page = phone(None)
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    icons = {icon["sizes"]: icon for icon in json.loads(manifest["data"])["icons"]}
    assert {"192x192", "512x512"} <= set(icons)
    problems = [each["errorId"] for each in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(problems) <= {"in-incognito"}


def test_a_report_to_an_event_in_arabic_waits_with_its_photo_even_after_a_refusal(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    crisis = opened(cast.diane)
    page = phone(None)
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": network.url}])
    page.goto(f"{network.url}/crisis/{crisis.slug}/")
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 40).convert("RGB").save(picture, "JPEG", quality=70)
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    page.locator("[name=photo]").set_input_files(photo)
    page.locator("form[data-queue=crisis] [type=submit]").click()
    page.locator(".error-summary", has_text="ما الأمر؟").wait_for()
    assert [item["kind"] for item in waiting(page)] == ["crisis", "photo"]
    set_offline(page, network)
    page.locator("[name=category]").first.check(force=True)
    page.locator("[name=urgency]").first.check(force=True)
    page.locator("[name=place_text]").fill("Pont Marie")
    page.locator("form[data-queue=crisis] [type=submit]").click()
    page.locator("[data-queue-saved]").wait_for()
    assert [item["kind"] for item in waiting(page)] == ["crisis", "photo"]
    set_offline(page, network, False)
    until(lambda: not waiting(page), 120, "they were not acknowledged")
    need = Need.objects.get()
    assert (need.crisis, need.photos.count()) == (crisis, 1)
    page.goto(f"{network.url}/queue/")
    page.get_by_role("link", name="انظر ماذا حدث").click()
    page.wait_for_url(re.compile("/follow/"))


@pytest.mark.repetition
def test_a_phone_in_arabic_caches_its_font_and_its_right_to_left_styles(
    cast: Cast, phone: OpenPhone, network: NetworkProxy
) -> None:
    crisis = opened(cast.diane)
    page = phone(None, "/help/", locale="ar-MA")
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))"
        ".flat().map(({url}) => url)"
    )
    for end in ("rtl/bootstrap-reboot.css", "fonts/arabic.woff2", "fonts/arabic.css", f"/crisis/{crisis.slug}/"):
        assert any(url.endswith(end) for url in kept), end
    set_offline(page, network)
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for address in ("/", "/nothing/", "/queue/", f"/crisis/{crisis.slug}/"):
        page.goto(f"{network.url}{address}")
        assert page.locator("html[lang=ar][dir=rtl]").count() == 1, address
    assert [url for url in failed if url.endswith((".css", ".js"))] == []


@pytest.mark.repetition
def test_the_map_of_the_last_release_opens_without_network(
    cast: Cast, seen: Seen, phone: OpenPhone, network: NetworkProxy
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
        60,
        "the release was not cached",
    )
    failed: list[str] = []
    set_offline(page, network)
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{network.url}/map/t/nord/")
    page.locator("canvas.maplibregl-canvas").wait_for()
    until(
        lambda: page.evaluate(
            "() => performance.getEntriesByType('resource').some(({name}) => name.includes('/release/'))"
        ),
        60,
        "the map did not read its archive",
    )
    assert failed == []
    expect(page.locator("[data-when-offline]")).to_be_visible()
