"""Events in Chromium: reporting without scripts and with a photo, the dispatchers' map, drawing an area.

With random filters, the clusters on the map, the title and the list show the same number of reports.
"""

import gzip
import random
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from needs.crises import report_list
from needs.models import Need, NeedPhoto
from solidarity.lib import grid
from tests.browser_checks import no_sideways, serious, shot
from tests.conftest import until
from tests.needs.attachments.test_photos import with_position
from tests.needs.crises.crisis_cases import filled, opened
from tests.repetitions import TEST_ALL, again
from tests.support import Cast, Enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
MOST_BYTES = 50 * 1024
STATIC = re.compile(re.escape(settings.STATIC_URL) + r'([^"#?)]+)')


@pytest.mark.parametrize("scripts", [True, False])
def test_the_public_page_and_its_assets_are_below_50_kilobytes(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, scripts: bool
) -> None:
    crisis = opened(cast.diane)
    page = enter(browser, None, PHONE, java_script_enabled=scripts)
    asked: list[Any] = []
    page.on("response", lambda response: asked.append(response))
    page.goto(f"{live_server.url}/crisis/{crisis.slug}/", wait_until="networkidle")
    weight = 0
    for response in asked:
        body = response.body()
        weight += len(body if response.url.endswith((".png", ".woff2")) else gzip.compress(body, 6))
        weight += 400  # estimated size of the response headers
    names = {match for response in asked for match in STATIC.findall(response.url)}
    assert "solidarity/theme.css" in names
    assert all(finders.find(name) for name in names)
    assert not [name for name in names if "maplibre" in name or name.endswith(".woff2")]
    print(f"public page, scripts {scripts}: {weight} bytes in {len(asked)} answers")
    assert weight <= MOST_BYTES


@pytest.mark.parametrize("language", [again("en"), "fr"])
def test_a_photo_report_without_scripts_appears_on_the_dispatchers_map(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, tmp_path: Path, language: str
) -> None:
    crisis = opened(cast.diane)
    photo = tmp_path / "street.jpg"
    photo.write_bytes(with_position())
    options = {"locale": f"{language}-{language.upper()}"}
    category = {"en": "Blankets, warm clothes", "fr": "Couvertures, vêtements chauds"}[language]

    citizen = enter(browser, None, PHONE, java_script_enabled=False, **options)
    citizen.goto(f"{live_server.url}/crisis/{crisis.slug}/")
    shot(citizen, f"crisis_public-390-{language}")
    citizen.locator(".choice", has_text=category).click()
    citizen.locator(".choice", has=citizen.locator("[name=urgency][value=now]")).click()
    citizen.locator("[name=place_text]").fill("under the bridge")
    citizen.locator("[name=photo]").set_input_files(photo)
    citizen.locator(".questions button[type=submit]").last.click()
    citizen.wait_for_url(re.compile("/follow/"))
    need = Need.objects.get()
    stored = NeedPhoto.objects.get()
    assert need.place_text == "under the bridge"

    # With scripts the form sends the position, and the phone shrinks the photo.
    second = enter(browser, None, PHONE, {"latitude": 48.866, "longitude": 2.35}, **options)
    second.goto(f"{live_server.url}/crisis/{crisis.slug}/")
    second.locator("[data-crisis-locate]").click()
    expect(second.locator("[data-crisis-place]")).to_have_attribute("data-chosen", "1")
    no_sideways(second)
    assert serious(second, axe) == []
    # No category is chosen yet: the form comes back and keeps the position.
    second.locator(".questions button[type=submit]").last.click()
    expect(second.locator("[data-autofocus-errors]")).to_be_visible()
    second.wait_for_load_state()
    shot(second, f"crisis_error-390-{language}")
    second.locator(".choice", has_text=category).click()
    second.locator(".choice", has=second.locator("[name=urgency][value=now]")).click()
    second.locator(".questions button[type=submit]").last.click()
    second.wait_for_url(re.compile("/follow/"))
    placed = Need.objects.exclude(pk=need.pk).get()
    assert placed.point is not None

    for size in (DESK, PHONE) if TEST_ALL else (PHONE,):
        carol = enter(browser, cast.carol, size, **options)
        carol.goto(f"{live_server.url}/crises/{crisis.slug}/")
        carol.locator("[data-crisis-map][data-ready]").wait_for()
        expect(carol.locator("[data-line]")).to_have_count(2)
        assert counted(carol) == {"title": 2, "clusters": 1, "unplaced": 1}
        carol.wait_for_function(
            "() => [...document.querySelectorAll('[data-line] img')].every((one) => one.naturalWidth)"
        )
        no_sideways(carol)
        shot(carol, f"crisis_map-{size['width']}-{language}")
    assert serious(carol, axe) == []
    carol.locator(f"[data-line='{need.pk}'] h3 a").click()
    carol.locator("details:has(.need-photo) > summary").click()
    expect(carol.locator(f".need-photo img[src='/photos/{stored.pk}/']")).to_be_visible()
    no_sideways(carol)
    shot(carol, f"crisis_need-390-{language}")


def counted(page: Page) -> dict[str, int]:
    """Return the count in the title and the sum of the clusters on the map."""
    found: dict[str, int] = page.evaluate(
        """async () => {
          const { crisis } = document.querySelector("[data-crisis]");
          const { map } = crisis;
          await new Promise((done) => setTimeout(done, 150)); // the page's own timers are shorter: they ran before
          if (!map.loaded() || map.isMoving()) await new Promise((done) => map.once("idle", done));
          const seen = new Map();
          for (const { properties: own } of map.querySourceFeatures("reports")) {
            seen.set(own.cluster_id === undefined ? `one ${own.i}` : `many ${own.cluster_id}`, own.point_count ?? 1);
          }
          return {
            title: Number(document.querySelector("[data-count]").dataset.count),
            clusters: [...seen.values()].reduce((sum, one) => sum + one, 0),
            unplaced: Number(document.querySelector("[data-crisis-note]").dataset.unplaced),
          };
        }"""
    )
    return found


def agreeing(page: Page) -> dict[str, int] | None:
    """Return the counts if clusters and title agree; None while the map is still drawing."""
    numbers = counted(page)
    return numbers if numbers["clusters"] + numbers["unplaced"] == numbers["title"] else None


@pytest.mark.repetition
def test_clusters_title_and_list_agree_with_random_filters(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    from django.http import QueryDict
    from django.utils import timezone

    crisis = opened(cast.diane)
    filled(crisis, 1500)
    chance = random.Random(3)  # noqa: S311
    carol = enter(browser, cast.carol, DESK)
    carol.goto(f"{live_server.url}/crises/{crisis.slug}/")
    carol.locator("[data-crisis-map][data-ready]").wait_for()
    assert counted(carol)["title"] == 1500
    carol.locator(".crisis-fold > summary").click()
    totals = set()
    for turn in range(9):
        for _tick in range(2):
            pills = carol.locator(".triage-pill input")
            pills.nth(chance.randrange(pills.count())).evaluate("(one) => one.click()")
        slide = carol.locator(chance.choice(["#slide-from", "#slide-until"]))
        slide.focus()
        for _key in range(chance.randint(1, 4)):  # with the keyboard
            slide.press(chance.choice(["PageUp", "PageDown", "ArrowLeft", "ArrowRight"]))
        if turn == 7:
            carol.locator("[data-box-take]").click()
        numbers = until(lambda: agreeing(carol), 30, "the clusters and the title do not agree")
        query = carol.evaluate("() => location.search.slice(1)")
        wanted = report_list.CrisisFilter.from_querystring(QueryDict(query))
        on_server = len(
            report_list.matching_keys(Need.objects.live().filter(crisis=crisis), crisis, wanted, timezone.now())
        )
        assert on_server == numbers["title"], query
        expect(carol.locator("[data-line]")).to_have_count(min(on_server, report_list.PAGE_SIZE))
        totals.add(on_server)
    assert len(totals) > 4


@pytest.mark.repetition
def test_a_cluster_of_one_place_filters_the_list_and_the_address_keeps_the_filter(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter
) -> None:
    crisis = opened(cast.diane)
    filled(crisis, 300)
    carol = enter(browser, cast.carol, DESK)
    carol.goto(f"{live_server.url}/crises/{crisis.slug}/")
    carol.locator("[data-crisis-map][data-ready]").wait_for()
    latitude, longitude = grid.centre(grid.cell_of(48.8666, 2.3501))
    carol.evaluate(
        """async (center) => {
          const { crisis } = document.querySelector("[data-crisis]");
          crisis.map.jumpTo({ center, zoom: 19 });
          await new Promise((done) => crisis.map.once("idle", done));
          const [found] = crisis.map.queryRenderedFeatures({ layers: ["clusters"] });
          await crisis.enter(found);
        }""",
        [longitude, latitude],
    )
    until(lambda: "box=" in carol.url)
    shown = counted(carol)["title"]
    assert 0 < shown < 40
    carol.locator("[data-box-drop]").wait_for()
    slide = carol.locator("#slide-from")
    slide.focus()
    slide.press("PageUp")
    narrowed = counted(carol)["title"]
    carol.reload()
    carol.locator("[data-crisis-map][data-ready]").wait_for()
    assert counted(carol)["title"] == narrowed
    carol.locator("[data-box-drop]").click()
    assert counted(carol)["title"] > narrowed


@pytest.mark.parametrize("language", [again("en"), "fr"])
def test_a_coordinator_opens_an_event_by_drawing_its_area(
    browser: Browser, live_server: LiveServer, cast: Cast, enter: Enter, axe: str, language: str
) -> None:
    for size in (PHONE, DESK) if TEST_ALL else (PHONE,):
        diane = enter(browser, cast.diane, size, locale=f"{language}-{language.upper()}")
        diane.goto(f"{live_server.url}/map/crises/new/")
        diane.locator("[name=name]").fill("Grand froid")
        diane.locator(".choice", has=diane.locator("[name=where][value=drawn]")).click()
        canvas = diane.locator("[data-area-map][data-ready]")
        canvas.wait_for()
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        for right, down in ((0.3, 0.3), (0.7, 0.3), (0.5, 0.7)):
            canvas.click(position={"x": box["width"] * right, "y": box["height"] * down})
        expect(diane.locator("[data-area]")).to_have_attribute("data-corners", "3")
        shot(diane, f"crisis_form-{size['width']}-{language}")
        no_sideways(diane)
        assert serious(diane, axe) == []
        diane.locator("form[data-alert] button[type=submit]").click()
        expect(diane.locator(".crisis-list > li").first).to_contain_text("Grand froid")
        shot(diane, f"crisis_events-{size['width']}-{language}")
        no_sideways(diane)
    assert serious(diane, axe) == []
