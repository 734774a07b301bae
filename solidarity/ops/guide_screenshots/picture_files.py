"""Take the screenshots of the guides in a real browser."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from PIL import Image

from solidarity.ops.bench.bench_server import session_of
from solidarity.ops.demo.people import LOGINS
from solidarity.ops.guide_screenshots.shots import Shot
from volunteers.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOCALES = {"en": "en-GB", "fr": "fr-FR"}
SMALLEST_WIDTH, QUALITY = 780, 60
WITHOUT_DEMO_BAND = "() => document.querySelector('.band--demo')?.remove()"


def sessions() -> dict[str, str]:
    """Return a session of each login of the demonstration, by mailbox. Raise User.DoesNotExist if one is missing."""
    return {login.mailbox: session_of(User.objects.get(email=login.email)) for login in LOGINS}


def take(
    browser: "Browser", site: str, shots: Iterable[Shot], signed_in: Mapping[str, str], folder: Path
) -> Iterator[Path]:
    """Write each shot in each language to ``folder/LANGUAGE/NAME.webp`` and yield the file.

    site: the address of a running demonstration. signed_in: see ``sessions``; Playwright allows no queries while it
    runs. Raise playwright's errors if a page does not show the element that the shot waits for.
    """
    for shot in shots:
        session = signed_in[shot.login]
        for language, locale in LOCALES.items():
            with _page(browser, site, session, locale, shot) as page:
                picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
            target = folder / language / f"{shot.name}.webp"
            target.parent.mkdir(parents=True, exist_ok=True)
            picture.convert("RGB").save(target, "WEBP", quality=QUALITY, method=6)
            yield target


@contextmanager
def _page(browser: "Browser", site: str, session: str, locale: str, shot: Shot) -> Iterator["Page"]:
    """Open the page of a shot, signed in and ready."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce", color_scheme="light",
        device_scale_factor=max(1, SMALLEST_WIDTH / width),
    )  # fmt: skip
    try:
        context.add_cookies([
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": locale[:2], "url": site},
        ])  # fmt: skip
        page = context.new_page()
        page.goto(f"{site}{shot.path}")
        for selector in shot.clicks:
            page.locator(selector).first.click()
        page.locator(shot.until).first.wait_for()
        page.wait_for_load_state("networkidle")
        page.evaluate(WITHOUT_DEMO_BAND)
        yield page
    finally:
        context.close()
