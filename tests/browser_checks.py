"""Checks that every page must pass in a browser, and screenshots for people to look at."""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

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


_CHECK = """() => {
  const light = axe._audit.rules.filter(({impact}) => ["minor", "moderate"].includes(impact));
  if (!light.length) throw new Error("this axe-core names no impact of its rules");
  const rules = Object.fromEntries(light.map(({id}) => [id, {enabled: false}]));
  return axe.run({resultTypes: ["violations"], rules});
}"""


def serious(page: Page, axe: str) -> list[str]:
    """Return axe-core's serious and critical violations. Rules without such violations do not run."""
    page.wait_for_load_state()
    page.evaluate(axe)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in page.evaluate(_CHECK)["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def question(page: Page, field: str) -> None:
    """Continue in the need form until the question with a field is shown. On a wide screen, all questions are."""
    page.locator("form[data-steps-ready]").wait_for()
    asked = page.locator(".question", has=page.locator(f"[name={field}]"))
    while not asked.is_visible():
        _go_on(page, page.locator("[data-steps-next]"))


def answer(page: Page, **values: str) -> None:
    """Answer questions of the need form in their order: text fields are filled in, options are chosen."""
    for name, value in values.items():
        question(page, name)
        option = page.locator(f"label.choice:has(input[name={name}][value={value!r}])")
        if option.count():
            option.click()
        else:
            page.locator(f"[name={name}]").fill(value)


def send_answers(page: Page) -> None:
    """Send the need form. On a phone, its answers are shown on one page first."""
    page.locator("form[data-steps-ready]").wait_for()
    send = page.locator(".form-bar button[type=submit]")
    while not send.is_visible():
        _go_on(page, page.locator("[data-steps-to-check]:visible, [data-steps-next]:visible").last)
    send.click()


def _go_on(page: Page, button: Locator) -> None:
    """Leave a question of the need form. Fails if it stays, because its answer is missing."""
    shown = page.locator("html").get_attribute("data-question") or ""
    button.click()
    expect(page.locator("html")).not_to_have_attribute("data-question", shown)


_LOOK = """() => {
  const seen = (each) => each.type !== "hidden" && each.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && each.getClientRects().length > 0;
  const count = (selector) => [...document.querySelectorAll(`main :is(${selector})`)].filter(seen).length;
  return { buttons: count("button, a.btn, summary.btn"), fields: count("input, select, textarea"),
    primary: count(".btn-primary"), height: document.documentElement.scrollHeight };
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a person sees before they tap: the visible buttons (also links and folds that look like buttons), fields and
    primary buttons of the page's main part, and the height of the whole page in pixels."""

    buttons: int
    fields: int
    primary: int
    height: int


def look_of(page: Page) -> Look:
    page.wait_for_load_state()
    return Look(**page.evaluate(_LOOK))


def unfold(target: Locator) -> None:
    """Open the folded panels around a control, as a person does: a click on each summary, the outermost first."""
    folds = target.locator("xpath=ancestor::details[not(@open)]")
    while folds.count():
        folds.first.locator("xpath=./summary").click()
    expect(target).to_be_visible()
