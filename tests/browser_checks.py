"""Checks that every page must pass in a browser, and screenshots for people to look at."""

import os
from pathlib import Path

from playwright.sync_api import Page

SHOTS = os.environ.get("SOLIDARITY_SHOTS", "")


def shot(page: Page, name: str, *, whole: bool = True) -> None:
    """Save a screenshot in the folder SOLIDARITY_SHOTS, if that is set. whole: the page, not only the window."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=whole)


def no_sideways(page: Page) -> None:
    """Assert that the page is not wider than its window."""
    page.wait_for_load_state()
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"it scrolls sideways by {wide} px"


def serious(page: Page, axe: str) -> list[str]:
    """Return axe-core's serious and critical violations."""
    page.wait_for_load_state()
    page.evaluate(axe)
    result = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]
