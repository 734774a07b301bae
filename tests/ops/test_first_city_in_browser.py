"""A city set up from nothing with a browser only: first start, border, associations, people, old encounters.

A person needs at most half an hour for this. There are two associations and ten people. The test prints the number of
screens, clicks and keys (``make test-all ARGS="-rP tests/ops/test_first_city_in_browser.py"``).
"""

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from mapping.models import Parameters
from needs.models import Encounter
from needs.reports.importers.any_table.column_mapping import RowKind
from tests.conftest import PASSWORD, until
from tests.support import Enter
from volunteers.models import Association, Membership, Territory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1440, "height": 900}
COMMUNES = Path(settings.DATA_DIR or "/nowhere") / "boundaries" / "idf_communes.geojson"
MADE = {  # about the place of Saint-Denis
    "type": "Feature",
    "properties": {"nom": "Saint-Denis", "code": "93066"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[2.33, 48.91], [2.40, 48.91], [2.40, 48.95], [2.33, 48.95], [2.33, 48.91]]],
    },
}
KEYS_A_SECOND, SECONDS_A_CLICK, SECONDS_A_SCREEN = 3, 2, 8  # enough time for a person who is in no hurry


class Walk:
    """Several people at their screens, and what they do: screens seen, clicks, keys."""

    def __init__(self, browser: Browser, site: str, enter: Enter) -> None:
        self.browser, self.site, self.enter = browser, site, enter
        self.screens = self.clicks = self.keys = 0
        self.problems: list[str] = []

    def person(self) -> Page:
        page = self.enter(self.browser, None, DESK)
        page.on("framenavigated", lambda frame: self._seen(frame, page))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("response", lambda answer: self.problems.append(answer.url) if answer.status >= 500 else None)
        return page

    def _seen(self, frame: Any, page: Page) -> None:
        self.screens += frame == page.main_frame and frame.url != "about:blank"

    def click(self, what: Any) -> None:
        self.clicks += 1
        what.click()

    def button(self, page: Page, name: str) -> None:
        self.click(page.get_by_role("button", name=name, exact=True))

    def link(self, page: Page, name: str) -> None:
        self.click(page.locator("main").get_by_role("link", name=name).first)

    def write(self, page: Page, label: str, text: str) -> None:
        self.clicks += 1
        self.keys += len(text)
        page.get_by_label(re.compile(rf"^\s*{label.replace('?', '[?]')}(\s+\(optional\))?\s*$")).fill(text)

    def open(self, page: Page, address: str) -> None:
        """Follow a link from a message."""
        self.clicks += 1
        page.goto(address if address.startswith("http") else f"{self.site}{address}")

    def seconds(self) -> float:
        return self.screens * SECONDS_A_SCREEN + self.clicks * SECONDS_A_CLICK + self.keys / KEYS_A_SECOND


def borders() -> bytes:
    """Return a file with one commune: the real one if the data set is there."""
    commune = MADE
    if COMMUNES.is_file():
        features = json.loads(COMMUNES.read_text(encoding="utf-8"))["features"]
        [commune] = [each for each in features if each["properties"]["nom"] == "Saint-Denis"]
    return json.dumps({"type": "FeatureCollection", "features": [commune]}).encode()


def old_encounters(rows: int) -> bytes:
    """Return a spreadsheet as an association keeps it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Date", "Heure", "Latitude", "Longitude", "Nombre de personnes", "Demandes"])
    for n in range(rows):
        day = f"{1 + n % 28:02d}/10/2026"
        sheet.append([day, "20:30", 48.92 + n % 5 / 500, 2.35 + n % 7 / 500, 1 + n % 3, ["couverture", "repas"][n % 2]])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def link_in_mail(to: str, part: str) -> str:
    """Return the path of the newest link with ``part`` that was mailed to an address."""
    found: list[str] = until(
        lambda: [word for sent in mail.outbox if sent.to == [to] for word in sent.body.split() if part in word]
    )
    return "/" + found[-1].split("/", 3)[3]


@pytest.fixture
def printed_link(settings: Settings, live_server: LiveServer) -> Iterator[str]:
    """The link that ``make run`` prints."""
    settings.SITE_URL, settings.MFA_REQUIRED = live_server.url, True
    settings.MFA_TOTP_TOLERANCE = 1  # a code may arrive in the half minute after its own
    out = io.StringIO()
    call_command("first_start_link", stdout=out)
    yield re.findall(r"http\S+", out.getvalue())[0]


@pytest.mark.worker
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "whole",
    [False, pytest.param(True, marks=[pytest.mark.repetition])],
    ids=["one team", "ten people with old encounters"],
)
def test_a_city_is_set_up_in_the_browser(
    transactional_db: None,
    parameters: Parameters,
    browser: Browser,
    live_server: LiveServer,
    enter: Enter,
    printed_link: str,
    whole: bool,
) -> None:
    began = time.monotonic()
    walk = Walk(browser, live_server.url, enter)
    head = walk.person()
    first_administrator(walk, head, printed_link)
    territory(walk, head)
    teams = [("La Soupe du Nord", 4), ("Toit pour tous", 4)] if whole else [("La Soupe du Nord", 1)]
    leads = [
        association(walk, head, team, f"lead{number}@team.example", [f"p{number}{n}@team.example" for n in range(most)])
        for number, (team, most) in enumerate(teams)
    ]
    assert Association.objects.count() == len(teams)
    assert Membership.objects.filter(left_at=None).count() == sum(1 + invited for _team, invited in teams)
    if whole:  # tests/mapping/file_imports/test_import_in_browser.py also imports a sheet
        encounters(walk, leads[0], rows=120)
    walk.open(head, "/set-up/")
    for item in ("area", "associations", "people"):
        expect(head.locator(f"#{item}")).to_contain_text("done")
    assert not walk.problems
    if whole:
        print(
            f"\n{walk.screens} screens, {walk.clicks} clicks, {walk.keys} keys, about {walk.seconds() / 60:.0f} minutes for a"
            f" person, {time.monotonic() - began:.0f} s for the machine"
        )
    assert walk.seconds() <= 30 * 60


def first_administrator(walk: Walk, page: Page, link: str) -> None:
    walk.open(page, link)
    walk.write(page, "E-mail address", "head@city.example")
    walk.write(page, "Your name, for your team", "Alix")
    walk.write(page, "Password", PASSWORD)
    walk.button(page, "Continue")
    walk.write(page, "Code that the app shows", code_of(page.locator("main code").inner_text()))
    walk.button(page, "Create my account")
    walk.link(page, "I have kept them")
    walk.write(page, "Name and legal form", "Ville de Saint-Denis")
    walk.write(page, "E-mail address", "contact@city.example")
    walk.button(page, "Save and continue")
    walk.button(page, "Save and continue")
    walk.link(page, "Continue to the checklist")


def code_of(secret: str) -> str:
    """Return the code that an authenticator app shows for a key. A code that would end while it is typed is waited
    out."""
    until(lambda: time.time() % 30 < 20, 15)
    return str(format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30)))


def territory(walk: Walk, page: Page) -> None:
    walk.link(page, "Add territories from a file")
    walk.clicks += 2  # the file chooser
    page.get_by_label("File of borders").set_input_files(
        {"name": "commune.geojson", "mimeType": "application/geo+json", "buffer": borders()}
    )
    walk.button(page, "Read the file")
    page.get_by_label("Level", exact=True).select_option("city")
    walk.clicks += 2
    walk.write(page, "People expected in all of them together", "240")
    walk.button(page, "Show what would be stored")
    walk.button(page, "Store these territories")
    until(lambda: Territory.objects.filter(slug="saint-denis", expected_persons__isnull=False).exists())


def association(walk: Walk, head: Page, name: str, lead: str, members: list[str]) -> Page:
    """Let an association apply, accept it, let its people join; return the page of its first dispatcher."""
    page = walk.person()
    walk.open(page, "/associations/apply/")
    walk.write(page, "Name of the association", name)
    page.get_by_label("Where do you work?").select_option("saint-denis")
    walk.clicks += 2
    walk.write(page, "What do you do?", "Two tours a week with food and blankets.")
    walk.write(page, "Your name", "Sam")
    walk.write(page, "Your e-mail address", lead)
    walk.button(page, "Send the application")
    walk.open(head, "/associations/applications/")
    walk.click(head.get_by_role("button", name=f"Accept {name}"))
    join(walk, page, lead)
    walk.link(page, "Set up the app")
    walk.write(page, "Password", PASSWORD)
    walk.button(page, "Confirm")
    walk.keys += 6
    walk.clicks += 1
    page.locator("[name=code]").fill(code_of(page.locator("#authenticator_secret").input_value()))
    walk.button(page, "Activate")
    for member in members:
        walk.open(page, f"/me/associations/{Association.objects.get(name=name).slug}/")
        walk.write(page, "E-mail address", member)
        walk.button(page, "Send the invitation")
        join(walk, walk.person(), member)
    return page


def join(walk: Walk, page: Page, email: str) -> None:
    """Open the invitation, create the account, confirm the address, join."""
    walk.open(page, link_in_mail(email, "/join/"))
    walk.link(page, "Create an account")
    if page.get_by_label("E-mail address").input_value() != email:
        walk.write(page, "E-mail address", email)
    walk.write(page, "Password", PASSWORD)
    walk.button(page, "Create my account")
    walk.open(page, link_in_mail(email, "/confirm-email/"))
    walk.button(page, "Join")
    until(lambda: Membership.objects.filter(user__email=email, left_at=None).exists())


def encounters(walk: Walk, page: Page, rows: int) -> None:
    walk.open(page, "/map/imports/")
    walk.clicks += 2  # the file chooser
    page.locator("#id_file").set_input_files(
        {"name": "rencontres.xlsx", "mimeType": "application/octet-stream", "buffer": old_encounters(rows)}
    )
    walk.button(page, "Upload and look at the columns")
    expect(page.get_by_role("heading", name="The first 20 rows")).to_be_visible(timeout=60_000)
    page.get_by_label("Each row is about").select_option(RowKind.ENCOUNTER)
    walk.clicks += 2
    walk.button(page, "Try all rows, store nothing")
    button = page.get_by_role("button", name=f"Import {rows} rows")
    expect(button).to_be_visible(timeout=60_000)
    walk.click(button)
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible(timeout=60_000)
    assert Encounter.objects.count() == rows
