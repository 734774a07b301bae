"""Attack 8: read the URL of every request, all requests to other hosts, and every line that server and worker log."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Geolocation, Page, Request, ViewportSize

from mapping.map.releases import release_filter
from mapping.models import CellTouch, Zone
from needs.models import Encounter, Need
from solidarity.ops.ports import free_port
from tests.browser_checks import answer, send_answers
from tests.conftest import ROOT, environment, until
from tests.forked_workers import Worker
from tests.privacy.answers import cells_in, marks_in
from tests.privacy.filed import MAIL, NAME, PHONE, SECRET
from tests.support import Cast, City, Seen
from volunteers.models import User

pytestmark = [pytest.mark.browser, pytest.mark.worker]

SMALL: ViewportSize = {"width": 390, "height": 844}
HERE: Geolocation = {"latitude": SECRET[0], "longitude": SECRET[1], "accuracy": 12.0}
# Traces of the report: digits of the point that are finer than 100 m, the telephone number in any spelling, names.
MARKS = (
    "48.8673", "2.35123", "48,8673", "6 99 88 77", "699887755", "99887755", NAME, NAME.split()[0], MAIL, "quatremarre",
    "by%20the%20green%20door", "by+the+green+door", "by the green door",
)  # fmt: skip


@pytest.fixture
def site(transactional_db: None, own_broker: str, own_media: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The production server on the test's database. It writes an access log, as a careless operator would let it."""
    port = free_port()
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
             "--workers", "1", "--blocking-threads", "4", "--log-level", "debug", "--access-log", "--access-log-fmt",
             '%(addr)s "%(method)s %(path)s?%(query_string)s" %(status)d', "solidarity.wsgi:application"],
            cwd=ROOT, env={**environment(own_broker, own_media), "SOLIDARITY_DEMO": "1"}, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: _answers(address), 90, "the server did not start")
            yield address, log
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Traffic:
    """Every request of some browsers: its address and its referrer."""

    def __init__(self, site: str) -> None:
        self.site, self.said = site, list[str]()
        self.foreign: list[str] = []

    def page(self, browser: Browser, user: User | None = None) -> Page:
        context = browser.new_context(viewport=SMALL, geolocation=HERE, permissions=["geolocation"], locale="en-GB")
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.site}])
        context.on("request", self._note)
        return context.new_page()

    def _note(self, request: Request) -> None:
        self.said += [request.url, request.headers.get("referer", "")]
        if not request.url.startswith((self.site + "/", "blob:", "data:")):
            self.foreign.append(request.url)


def _fill(page: Page, **typed: str) -> None:
    """Fill in the form with the device's position and the given texts, and send it."""
    page.locator("[data-place-locate]").click()
    page.locator("[data-place][data-chosen]").wait_for(timeout=60_000)
    for name, value in typed.items():
        field = page.locator(f"[name={name}]")
        if field.count() and field.first.is_visible():
            field.first.fill(value)
    page.locator(".form-bar button[type=submit]").click()


def _asks_by_address(page: Page) -> list[str]:
    """Return the form fields for places, contacts or words that the page would send in a URL."""
    names: list[str] = page.evaluate(
        """() => [...document.forms].filter((form) => form.method === "get").flatMap((form) => [...form.elements])
            .map((field) => field.name)
            .filter((name) => /lat|lng|lon|contact|phone|text|note|point/.test(name))"""
    )
    return names


def test_no_place_number_or_name_is_in_an_address_or_a_log(
    site: tuple[str, Path],
    worker: Worker,
    tmp_path: Path,
    browser: Browser,
    cast: Cast,
    city: City,
    seen: Seen,
) -> None:
    address, server_log = site
    seen(minutes=40, hours_ago=50, persons=6)
    traffic = Traffic(address)

    street = traffic.page(browser)
    street.goto(f"{address}/help/")
    street.goto(f"{address}/help/none/form/")
    assert _asks_by_address(street) == []
    street.locator("[data-place-locate]").click()
    street.locator("[data-place][data-chosen]").wait_for(timeout=60_000)
    answer(street, place_text="by the green door", kinds="food", urgency="now", origin="citizen")
    answer(street, text=f"{NAME} waits", contact=PHONE)
    send_answers(street)
    street.wait_for_url("**/follow/**")

    member = traffic.page(browser, cast.bob)
    member.goto(f"{address}/encounters/new/")
    assert _asks_by_address(member) == []
    _fill(member, note="two people", place_text="by the green door")
    member.wait_for_url("**/encounters/*-*/")

    until(lambda: not CellTouch.objects.exists(), 90, "the worker folded nothing")
    release_filter.publish_all()
    opened: list[Page] = []
    for user, places in (
        (cast.alice, ["/map/t/nord/", "/open/", "/commitments/", "/me/offer/"]),
        (cast.carol, ["/triage/", f"/triage/{Need.objects.get().pk}/"]),
        (cast.diane, ["/map/t/ville/", f"/map/t/ville/?zone={Zone.objects.live()[0].key}", "/map/reports/"]),
        (None, ["/map/public/", "/", "/about/"]),
    ):
        context = traffic.page(browser, user).context
        for path in places:
            page = context.new_page()
            page.goto(address + path)
            assert _asks_by_address(page) == []
            opened.append(page)
    for page in opened:
        page.wait_for_load_state("networkidle")  # so that late requests of the pages are recorded, too

    _break_and_ask(address)
    said = "\n".join(traffic.said)
    assert Encounter.objects.filter(point__isnull=False).exists(), "nothing was filed"
    assert traffic.foreign == []
    assert marks_in(said, MARKS) == []
    assert cells_in(said) == {}
    logs = {"server": server_log.read_text(), "worker": (tmp_path / "worker.log").read_text()}
    assert "/encounters/new/" in logs["server"], "the access log is not there"
    assert "Traceback" in logs["server"], "the error was not told"
    assert "mapping.tasks" in logs["worker"]
    for name, text in logs.items():
        assert marks_in(text, MARKS) == [], name
        assert cells_in(text) == {}, name


def _break_and_ask(address: str) -> None:
    """Send a report while its table is missing. The error page and the log must contain nothing of the report."""
    said = {
        "latitude": SECRET[0],
        "longitude": SECRET[1],
        "kinds": ["food"],
        "urgency": "now",
        "text": f"{NAME} {PHONE}",
    }

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE needs_need RENAME TO needs_need_away")
        try:
            asked = urllib.request.Request(
                f"{address}/api/v1/needs/", json.dumps(said).encode(), {"Content-Type": "application/json"}
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(asked, timeout=60)
            assert refused.value.code == 500
            assert marks_in(refused.value.read().decode(), MARKS) == []
        finally:
            cursor.execute("ALTER TABLE needs_need_away RENAME TO needs_need")
