"""The street map in a real Chromium: what is drawn, in which order, in which language, and from which host."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from tests.conftest import until
from tests.street_city import city as street_city
from tests.support import Cast, City, LogIn, Seen
from volunteers.places.basemap import installed

pytestmark = pytest.mark.browser

WATER = {"light": (0xA9, 0xC6, 0xD8), "dark": (0x2C, 0x46, 0x59)}
COVERED, UNCOVERED = (0x1F, 0x7A, 0x6D), (0xB3, 0x36, 0x1F)
HERE = (48.860, 2.348)

# Draws the layers of the street map in a separate map, and returns what is on the screen.
DRAWN = """
async ({ zoom, lang }) => {
  const maplibre = await import("/static/vendor/maplibre-gl/maplibre-gl.mjs");
  const streets = await import("/static/solidarity/map/basemap.js");
  const { themeColours } = await import("/static/solidarity/map/style.js");
  const settings = JSON.parse(document.getElementById("map-settings").textContent);
  document.documentElement.lang = lang;
  await streets.loadStreets(settings);
  const parts = streets.streetLayers(settings, "light", themeColours());
  const box = document.createElement("div");
  box.style.cssText = "position: fixed; inset: 0; z-index: 999";
  document.body.append(box);
  const errors = [];
  const map = new maplibre.Map({ container: box, center: [2.348, 48.86], zoom, fadeDuration: 0,
    style: { version: 8, sources: streets.basemapSource(settings),
      layers: [...parts.ground, ...parts.ways, ...parts.labels] } });
  map.on("error", (event) => errors.push(String(event.error?.message)));
  map.on("styleimagemissing", (event) => errors.push(event.id));
  await new Promise((done) => map.once("idle", done));
  const found = map.queryRenderedFeatures().map(({ layer, properties }) =>
    [layer.id, String(layer.layout?.["text-field"] ?? properties.kind ?? "")]);
  const order = map.getStyle().layers.map(({ id }) => id);
  map.remove();
  box.remove();
  return { found, errors, order };
}
"""


@pytest.fixture
def streets(transactional_db: None, cast: Cast, city: City, seen: Seen) -> Iterator[None]:
    """An installed street map and zones over it."""
    for step in range(9):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 3 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    installed.root().mkdir(parents=True, exist_ok=True)
    installed.path().write_bytes(street_city(*HERE))
    yield
    installed.path().unlink(missing_ok=True)


def colours(page: Page, selector: str = "[data-map-canvas]") -> Counter[Any]:
    picture = Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")
    return Counter({colour: count for count, colour in picture.getcolors(2**24) or []})


def opened(page: Page, live_server: LiveServer) -> str:
    """Open the map, wait until it is drawn, and return the content security policy."""
    answer = page.goto(live_server.url + "/map/t/ville/")
    page.wait_for_selector("[data-drawn=yes]", timeout=60_000)
    assert answer is not None
    return answer.headers["content-security-policy"]


def test_streets_are_drawn_and_the_colours_of_zones_stay_visible(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, streets: None
) -> None:
    log_in(cast.diane)
    opened(page, live_server)
    with_streets = colours(page)
    map_file = installed.path().read_bytes()
    installed.path().unlink()
    opened(page, live_server)
    without = colours(page)
    installed.path().write_bytes(map_file)
    assert without[WATER["light"]] == 0
    assert with_streets[WATER["light"]] > 2000
    for colour in (COVERED, UNCOVERED):
        assert without[colour] > 500
        assert with_streets[colour] > 0.6 * without[colour]


def test_all_requests_stay_on_this_host_and_the_library_is_loaded_only_for_streets(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, streets: None
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(cast.diane)
    policy = opened(page, live_server)
    assert re.search(r"connect-src 'self'(;|$)", policy)
    assert f"{live_server.url}/map/basemap.pmtiles" in asked
    assert any(url.endswith("/protomaps/index.js") for url in asked)
    assert [url for url in asked if not re.match(rf"(blob:)?{re.escape(live_server.url)}/", url)] == []
    installed.path().unlink()
    asked.clear()
    opened(page, live_server)
    assert not any("protomaps" in url or "basemap.pmtiles" in url for url in asked)


@pytest.mark.repetition
def test_the_theme_changes_the_street_map_while_it_is_open(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, streets: None
) -> None:
    page.emulate_media(color_scheme="light")
    log_in(cast.diane)
    opened(page, live_server)
    assert colours(page)[WATER["dark"]] == 0
    page.locator("[data-theme-toggle]").first.click()
    until(lambda: colours(page)[WATER["dark"]] > 2000, 60, "the water has not the colour of the dark theme")


@pytest.mark.repetition
def test_streets_places_house_numbers_and_services_are_labelled_in_the_readers_language(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, streets: None
) -> None:
    log_in(cast.diane)
    page.set_viewport_size({"width": 1400, "height": 900})
    opened(page, live_server)
    near = page.evaluate(DRAWN, {"zoom": 17.2, "lang": "en"})
    assert near["errors"] == []
    layers = {layer for layer, _kind in near["found"]}
    assert {
        "street-earth", "street-buildings-edge", "street-roads_minor", "street-roads_labels_minor",
        "street-address_label", "pois_services", "pois_services_dot",
    } <= layers  # fmt: skip
    far = page.evaluate(DRAWN, {"zoom": 13.5, "lang": "uk"})
    assert far["errors"] == []
    assert {"street-water", "street-landuse_park", "street-roads_major", "street-places_locality", "pois_named"} <= {
        layer for layer, _kind in far["found"]
    }
    order = far["order"]
    assert order.index("street-earth") < order.index("street-water") < order.index("street-roads_minor")
    assert order.index("street-roads_highway") < order.index("street-roads_labels_minor")


NAMES: list[tuple[str, dict[str, str], str]] = [
    ("fr", {"name": "Київ", "script": "Cyrillic", "name:fr": "Kiev", "name:en": "Kyiv"}, "Kiev"),
    ("fr", {"name": "Київ", "script": "Cyrillic", "name:en": "Kyiv"}, "Kyiv"),
    ("uk", {"name": "Paris", "name:uk": "Париж", "name:en": "Paris"}, "Париж"),
    ("uk", {"name": "Rue de Crimée"}, "Rue de Crimée"),
    ("en-GB", {"name": "Bruxelles", "name:en": "Brussels"}, "Brussels"),
    ("ar", {"name": "Rue de Crimée", "name:ar": "شارع القرم"}, "Rue de Crimée"),
    ("ar", {"name": "دمشق", "script": "Arabic", "name:en": "Damascus"}, "Damascus"),
    ("ti", {"name": "Paris"}, "Paris"),
]
"""Language of the reader, properties of a place, and the name on the map."""
SHOWN = """async ([lang, properties]) => {
  document.documentElement.lang = lang;
  const { nameExpression } = await import("/static/solidarity/map/basemap.js");
  const value = ([kind, ...parts]) => ({
    get: () => properties[parts[0]] ?? null,
    has: () => parts[0] in properties,
    coalesce: () => parts.map(value).find((each) => each !== null) ?? null,
    case: () => value(parts[0]) ? value(parts[1]) : value(parts[2]),
  })[kind]();
  return value(nameExpression());
}"""


def test_a_name_is_in_the_readers_language_or_as_on_the_sign(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    page.goto(live_server.url + "/about/")
    shown = [page.evaluate(SHOWN, [lang, properties]) for lang, properties, _label in NAMES]
    assert shown == [label for _lang, _properties, label in NAMES]


@pytest.mark.repetition
def test_the_map_of_a_form_has_streets_too(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, streets: None
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    log_in(cast.bob)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(live_server.url + "/encounters/new/")
        page.locator("[data-place-map][data-ready]").wait_for(timeout=60_000)
        assert colours(page, "[data-place-map]")[WATER[theme]] > 100
    assert problems == []
