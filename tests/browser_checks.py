"""Checks that every page must pass in a browser."""

from playwright.sync_api import Page


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
