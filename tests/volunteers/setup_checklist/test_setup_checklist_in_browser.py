"""The administrators' checklist in Chromium: two taps install the street map, a file installs addresses."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.support import Cast, LogIn
from tests.volunteers.basemap.file_server import Files
from tests.volunteers.place_names.test_addresses import ROWS, packed
from volunteers.places.basemap import installed
from volunteers.places.place_names.search import search

PAGE = "/set-up/"


@pytest.fixture
def shared(builds: Files, settings: Settings, own_media: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder and the addresses that the worker's process uses too."""
    settings.BASEMAP_ROOT = own_media / "basemap"
    monkeypatch.setenv("BASEMAP_BUILDS", str(settings.BASEMAP_BUILDS))
    monkeypatch.setenv("BASEMAP_BUILDS_LIST", str(settings.BASEMAP_BUILDS_LIST))
    shutil.rmtree(installed.root(), ignore_errors=True)
    yield
    shutil.rmtree(installed.root(), ignore_errors=True)


@pytest.mark.browser
def test_an_administrator_installs_a_street_map_in_two_taps(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, shared: None, worker: object
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(cast.farid)
    page.goto(live_server.url + PAGE)
    expect(page.get_by_text("to do", exact=True)).to_be_visible()
    page.get_by_label("Area").select_option("paris")
    page.get_by_role("button", name="Install the street map").click()
    expect(page.get_by_role("link", name="See the map")).to_be_visible(timeout=60_000)
    assert installed.header() is not None
    page.reload()
    expect(page.get_by_text("Everything is set up.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_an_administrator_installs_addresses_from_a_file(
    page: Page, live_server: LiveServer, log_in: LogIn, cast: Cast, shared: None, worker: object
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(cast.farid)
    page.goto(live_server.url + PAGE)
    page.get_by_role("link", name="Streets and house numbers for the search").click()
    expect(page.get_by_text("No addresses are installed yet.")).to_be_visible()
    page.get_by_label("Department").fill("75")
    page.get_by_label("File").set_input_files(
        FilePayload(name="adresses-75.csv.gz", mimeType="application/gzip", buffer=packed(ROWS))
    )
    page.get_by_role("button", name="Install the addresses").click()
    expect(page.get_by_text("Department 75: 7 streets and house numbers")).to_be_visible(timeout=60_000)
    assert search("12 rue de crimée")[0].label == "12 rue de Crimée"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
