"""In Chromium, a dispatcher imports a sheet with a worker, downloads its log and undoes the import."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mapping.out.file_imports.models import FileImport, ImportState
from needs.models import Encounter
from tests.mapping.file_imports.test_file_imports import SHEET
from tests.support import Cast, City, LogIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.worker
@pytest.mark.usefixtures("worker")
def test_a_dispatcher_imports_a_sheet_and_undoes_it(
    page: Page, live_server: LiveServer, city: City, cast: Cast, log_in: LogIn
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    log_in(cast.carol)
    page.goto(f"{live_server.url}/map/imports/")
    page.locator("#id_file").set_input_files({"name": "m.csv", "mimeType": "text/csv", "buffer": SHEET.encode()})
    page.locator("#id_territory").select_option("ville")
    page.get_by_role("button", name="Upload and look at the columns").click()
    expect(page.get_by_role("heading", name="The first 20 rows")).to_be_visible(timeout=60_000)
    expect(page.locator("#id_place")).to_have_value("Position")
    page.get_by_role("button", name="Try all rows, store nothing").click()
    button = page.get_by_role("button", name="Import 2 rows")
    expect(button).to_be_visible(timeout=60_000)
    assert not Encounter.objects.exists()
    button.click()
    expect(page.get_by_role("heading", name="What was imported")).to_be_visible(timeout=60_000)
    assert Encounter.objects.count() == 2
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile("Download the log")).click()
    assert coming.value.path().read_text().count("accepted") == 2
    page.get_by_text("Undo this import…").click()
    page.get_by_role("button", name="Undo the whole import").click()
    expect(page.get_by_role("heading", name="What had been imported")).to_be_visible(timeout=60_000)
    assert FileImport.objects.get().state == ImportState.UNDONE and not Encounter.objects.exists()
    assert said == []
