"""The site as a deployment serves it, in Chromium: the weight of first visits, names of files, caching, compression.

A granian server serves collected files; the other browser tests use the source files.
"""

import functools
import gzip
import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, ViewportSize, expect

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from solidarity.ops.bench import bench_server
from solidarity.ops.bench.network_conditions import NetworkProxy, network_proxy
from solidarity.ops.bench.slow_phone import visit
from tests.conftest import sign_in, until
from tests.needs.crises.crisis_cases import opened
from tests.needs.places.place_cases import place_of
from tests.repetitions import again
from tests.support import Cast, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("deployment")]

KB = 1024
WIDE = ViewportSize(width=1440, height=900)  # the whole form is on one page
LOCALES = {"fr": "fr-FR", "ar": "ar-MA"}


@pytest.fixture(scope="module")
def site(django_db_setup: None, collected: Path) -> Iterator[int]:
    """The port of a server with collected files and the tests' database."""
    with bench_server.granian(collected) as started:
        yield started.port


@pytest.fixture
def deployed(site: int, cast: Cast) -> Iterator[NetworkProxy]:
    """The server behind a proxy that counts bytes."""
    with network_proxy(f"http://127.0.0.1:{site}") as network:
        yield network


def session(user: Any) -> dict[str, str]:
    cookie = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value}


def get(network: NetworkProxy, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask the server behind the proxy, as a browser that knows gzip and brotli."""
    link = http.client.HTTPConnection(*network.upstream, timeout=30)
    link.request("GET", path, headers={"Accept-Encoding": "gzip, br", **headers})
    answer = link.getresponse()
    body = answer.read()
    link.close()
    return answer, body


@pytest.mark.parametrize("language", ["ar", again("fr")])
def test_first_visits_of_public_pages_keep_their_budgets(
    browser: Browser, deployed: NetworkProxy, cast: Cast, language: str
) -> None:
    crisis = opened(cast.diane)
    place = place_of(cast, kinds=["shelter"], hours="24/7")
    budgets = {"/": 100, "/about/": 100, "/help/none/form/": 120, f"/crisis/{crisis.slug}/": 50}
    budgets |= {f"/places/{place.pk}/": 50, "/find/": 50}
    found = {}
    for path, most in budgets.items():
        seen = visit(browser, deployed, path, locale=LOCALES[language], slow=False)
        found[path] = (seen.size / KB, most, sorted(seen.answers, key=lambda each: -each[1])[:6])
        print(f"{language} {path}: {seen.size / KB:.0f} KB in {len(seen.answers)} answers")
    assert {path: each for path, each in found.items() if each[0] > each[1]} == {}


@pytest.mark.repetition
def test_the_first_map_keeps_its_budget_and_its_list_comes_before_the_map_library(
    browser: Browser, deployed: NetworkProxy, cast: Cast, seen: Seen
) -> None:
    """Without a street map, whose tiles depend on the area."""
    seen(persons=5, minutes=30, hours_ago=30)
    fold.fold_outbox()
    release_filter.publish_all()
    map_seen = visit(
        browser, deployed, "/map/t/ville/", shows="[data-overview]", until="[data-drawn]", cookies=[session(cast.diane)]
    )
    print(f"map: {map_seen.size / KB:.0f} KB in {len(map_seen.answers)} answers, list {map_seen.shown:.0f} ms")
    assert map_seen.size <= 700 * KB
    names = [path for path, _size in map_seen.answers]
    library = next(number for number, path in enumerate(names) if "/maplibre-gl." in path and path.endswith(".mjs"))
    own = [number for number, path in enumerate(names) if "/solidarity/" in path]
    assert library > max(number for number in own if names[number].endswith(".css"))


# --- names, caching, compression -------------------------------------------------------------------------------------

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def static_files_of(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/static/[^"#?]+)"', html))


def test_files_are_named_by_their_content_compressed_and_cached_for_a_year(deployed: NetworkProxy) -> None:
    for path in ("/", "/help/none/form/", "/accounts/login/"):
        answer, body = get(deployed, path)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "immutable" not in answer.headers.get("Cache-Control", "")
        names = static_files_of(gzip.decompress(body).decode())
        assert len(names) > 8
        for name in names:
            assert HASHED.search(name), name
            file, content = get(deployed, name)
            assert (file.status, file.headers["Cache-Control"]) == (200, "max-age=31536000, public, immutable"), name
            if name.endswith((".css", ".js", ".svg")) and len(content) > 300:
                assert file.headers["Content-Encoding"] == "br", name
                assert get(deployed, name, **{"Accept-Encoding": "gzip"})[0].headers["Content-Encoding"] == "gzip"


def test_the_manifest_and_the_service_worker_name_files_that_exist(deployed: NetworkProxy) -> None:
    manifest = json.loads(text_of(deployed, reverse("manifest")))
    worker = text_of(deployed, reverse("worker"))
    shell = json.loads(worker[len("self.SHELL = ") : worker.index(";\n")])
    assert shell["hashed"] is True
    names = [icon["src"] for icon in manifest["icons"]] + [shell["icon"], *shell["scripts"]]
    names += shell["files"] + shell["laterFiles"] + shell["mapFiles"]
    assert len(names) > 80
    for name in names:
        assert HASHED.search(name), name
        assert get(deployed, name)[0].status == 200, name


def text_of(network: NetworkProxy, path: str) -> str:
    answer, body = get(network, path)
    assert answer.status == 200
    return (gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body).decode()


def test_a_name_without_a_hash_is_not_cached_for_long(deployed: NetworkProxy) -> None:
    answer, _body = get(deployed, "/static/solidarity/base.js")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "max-age=3600, public"
    assert get(deployed, "/static/solidarity/base.000000000000.js")[0].status == 404


# --- the phone's cache ------------------------------------------------------------------------------------------------

KEPT = """async (end) => {
  for (const name of await caches.keys()) {
    for (const {url} of await (await caches.open(name)).keys()) if (new RegExp(end).test(url)) return true;
  }
  return false;
}"""


def test_without_network_a_form_has_its_style_and_finds_danger_and_an_older_page_gets_the_present_file(
    browser: Browser, deployed: NetworkProxy
) -> None:
    root = deployed.url.replace("localhost", "127.0.0.1")
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(root + "/")
        for end in (r"/vocabulary\.[0-9a-f]{12}\.js$", "/help/none/form/$"):
            until(functools.partial(page.evaluate, KEPT, end), 60, f"{end} was not cached")
        deployed.down = True
        context.set_offline(True)
        page.goto(root + "/help/none/form/")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("() => getComputedStyle(document.querySelector('h1')).fontWeight") == "700"
        old = "/static/solidarity/theme.000000000000.css"
        assert "--bottom-bar" in page.evaluate("async (path) => (await fetch(path)).text()", old)
        gone = page.evaluate("(path) => fetch(path).then(() => false, () => true)", old.replace("theme", "nothing"))
        assert gone
        page.locator("[name=text]").fill("There is a fire under the bridge")
        page.locator("[name=place_text]").fill("Pont Marie")
        page.locator("label.choice", has=page.locator("[name=kinds][value=blanket]")).click()
        page.locator("label.choice", has=page.locator("[name=urgency][value=later]")).click()
        page.locator("label.choice", has=page.locator("[name=origin][value=citizen]")).click()
        page.locator(".form-bar [type=submit]").click()
        expect(page.locator("[data-danger-saved] [data-danger-lines=fire] a").first).to_be_visible()
    finally:
        context.close()


def loaded(network: NetworkProxy, part: str) -> bool:
    return any(part in path for path, _size in network.answers)


MAP_PARTS = (
    "maplibre",
    "/stock_labels/",
    "pmtiles",
    "/map",
    "map.js",
    "drawn-line.js",
    "map.css",
    "/h3/",
    "/find_help/",
)  # these files are cached later, with the map


@pytest.mark.parametrize(("locale", "path", "last"), [
    ("en-GB", "/encounters/new/", "maplibre-gl-worker"),
    again("ar-MA", "/help/", "fonts/arabic"),
])  # fmt: skip
def test_the_first_load_with_all_cached_files_keeps_its_budget(
    browser: Browser, deployed: NetworkProxy, cast: Cast, locale: str, path: str, last: str
) -> None:
    """For a member in English, and for a visitor who reads Arabic."""
    root = deployed.url.replace("localhost", "127.0.0.1")
    context = browser.new_context(viewport=WIDE, locale=locale)
    try:
        if locale == "en-GB":
            context.add_cookies([{"url": root, **session(cast.bob)}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.goto(root + path)
        for end in (r"/vocabulary\.[0-9a-f]{12}\.js$", rf"/{last}\.[0-9a-f]{{12}}\.\w+$"):
            until(functools.partial(page.evaluate, KEPT, end), 60, f"{end} was not cached")
        sizes = [(name, size) for name, size in deployed.answers if not any(part in name for part in MAP_PARTS)]
        print(f"{locale}: first load: {sum(size for _name, size in sizes) / KB:.0f} KB")
        assert sum(size for _name, size in sizes) <= 385 * KB, sorted(sizes, key=lambda each: -each[1])[:12]
    finally:
        context.close()


def test_words_for_free_text_load_when_a_field_is_entered(browser: Browser, deployed: NetworkProxy) -> None:
    context = browser.new_context(viewport=WIDE, locale="en-GB", service_workers="block")
    try:
        page = context.new_page()
        page.goto(deployed.url.replace("localhost", "127.0.0.1") + "/help/none/form/", wait_until="networkidle")
        words = ("vocabulary.", "matcher.", "/danger/rules/")
        asked = [path for path, _size in deployed.answers if any(part in path for part in words)]
        assert asked == []
        page.locator("[name=text]").focus()
        for part in words:
            until(functools.partial(loaded, deployed, part), 30, f"{part} was not loaded")
        page.locator("[name=text]").fill("My neighbour Karim Benali has diabetes")
        expect(page.locator(".field:has([name=text]) .pii-check")).to_contain_text("Benali")
    finally:
        context.close()
