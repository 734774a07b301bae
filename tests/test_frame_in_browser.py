"""The frame of every page on a phone and in a small or zoomed window: heights, widths, targets, headings."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from mapping.map.releases.public import publishing
from tests.browser_checks import no_sideways
from tests.repetitions import again
from tests.support import Cast, Enter, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 640}
MOST_FRAME = 110
OPEN = ["/", "/about/", "/legal-notice/", "/help/", "/help/none/form/", "/map/public/", "/accounts/signup/"]
PAGES = {
    "nobody": OPEN,
    "alice": ["/", "/map/t/nord/", "/needs/", "/me/"],
    "bob": ["/", "/encounters/new/", "/tours/", "/help/none/form/"],
    "carol": ["/", "/triage/"],
    "diane": ["/", "/map/t/ville/", "/map/t/ville/zones/", "/map/t/ville/dashboard/", "/map/crises/new/"],
}
# The height of the bars that stay at the lower edge while the page scrolls.
BARS = """() => [...document.querySelectorAll('body *')].filter((each) => {
    const style = getComputedStyle(each);
    return ['sticky', 'fixed'].includes(style.position) && style.bottom !== 'auto' && style.top === 'auto'
        && each.checkVisibility() && each.getBoundingClientRect().height > 0;
}).reduce((sum, each) => sum + each.getBoundingClientRect().height, 0)"""
# Targets below 48 px. Links in running text are exempt, as are controls that a label or a larger target covers.
SMALL = """() => [...document.querySelectorAll('a[href], button, summary, select, input, textarea, [role=button]')]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: false }))
    .filter((each) => !each.closest('.maplibregl-control-container, .visually-hidden, .skip-link'))
    .map((each) => {
        const covering = each.matches('input') ? each.closest('label, .form-check, .stepper') ?? each : each;
        return [each, covering.getBoundingClientRect()];
    })
    .filter(([each, box]) => box.width > 2 && box.height > 2 && (box.height < 47.5 || box.width < 47.5))
    .filter(([each]) => !(each.matches('a') && getComputedStyle(each).display === 'inline'))
    .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


def _published(seen: Seen) -> None:
    seen(persons=5, minutes=30, hours_ago=30)
    fold.fold_outbox()
    release_filter.publish_all()
    publishing.publish_due()


@pytest.mark.parametrize("language", [again("en"), again("fr"), "ar"])
@pytest.mark.repetition
def test_the_frame_of_a_phone_s_page_is_low(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, settings: Settings, enter: Enter, language: str
) -> None:
    settings.DEMO = True
    _published(seen)
    found: list[str] = []
    for who, paths in PAGES.items():
        page = enter(browser, getattr(cast, who, None), PHONE, locale=language)
        for path in paths:
            page.context.set_offline(False)
            page.goto(f"{live_server.url}{path}")
            page.context.set_offline(True)
            page.locator(".band--offline").wait_for()
            top = page.locator("main").evaluate("(main) => main.getBoundingClientRect().top + window.scrollY")
            bars = page.evaluate(BARS)
            if top > MOST_FRAME or bars > PHONE["height"] / 6:
                found.append(f"{who} {path}: {top:.0f} px above, {bars:.0f} px below")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "size", [{"width": 320, "height": 568}, again({"width": 640, "height": 400})], ids=["320", "zoomed"]
)
@pytest.mark.repetition
def test_a_narrow_or_zoomed_page_never_scrolls_sideways_and_maps_keep_half_of_it(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, settings: Settings, enter: Enter, size: Any
) -> None:
    settings.DEMO = True
    _published(seen)
    found: list[str] = []
    for who, paths in PAGES.items():
        page = enter(browser, getattr(cast, who, None), size)
        for path in paths:
            page.goto(f"{live_server.url}{path}")
            try:
                no_sideways(page)
            except AssertionError as error:
                found.append(f"{who} {path}: {error}")
            if page.locator(".map-page").count():
                share = _share_of_map(page)
                if share < 0.5:
                    found.append(f"{who} {path}: the map has {share:.0%} of the window")
    assert not found, "\n".join(found)


def _share_of_map(page: Page) -> float:
    """Return the share of the window's height in which the map is neither outside nor under its panel."""
    return float(
        page.evaluate(
            """() => {
            const map = document.querySelector('.map-canvas').getBoundingClientRect();
            const panel = document.querySelector('.map-panel').getBoundingClientRect();
            const lower = panel.left <= map.left && panel.top > map.top ? panel.top : map.bottom;
            return (Math.min(lower, window.innerHeight) - Math.max(map.top, 0)) / window.innerHeight;
        }"""
        )
    )


def test_targets_are_at_least_48_pixels(
    browser: Browser, live_server: LiveServer, cast: Cast, seen: Seen, enter: Enter
) -> None:
    _published(seen)
    found: list[str] = []
    page = enter(browser, None, PHONE)
    for path in OPEN:
        page.goto(f"{live_server.url}{path}")
        found += [f"{path}: {each}" for each in page.evaluate(SMALL)]
    assert not found, "\n".join(found)
