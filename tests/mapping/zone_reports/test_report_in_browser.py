"""In Chromium, a coordinator makes a report, lets a worker make the PDF, and keeps the PDF."""

import re
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mapping.coverage.folding import fold
from mapping.models import Export, ZoneReport
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from tests.browser_checks import serious
from tests.repetitions import again
from tests.support import Cast, City, Enter, LogIn, Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.worker
@pytest.mark.usefixtures("worker")
def test_a_coordinator_makes_a_report_and_downloads_the_pdf(
    page: Page, live_server: LiveServer, city: City, cast: Cast, seen: Seen, log_in: LogIn, tmp_path: Path
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    seen(persons=4, given=["food"], note="shared from the field", note_pinned=True)
    fold.refresh_all()
    log_in(cast.diane)
    page.goto(f"{live_server.url}/map/reports/")
    page.locator("#id_territory").select_option("ville")
    page.get_by_role("button", name="Make the report").click()
    page.wait_for_url(re.compile(r"/map/reports/[0-9a-f-]{36}/$"))
    report = ZoneReport.objects.get()
    expect(page.get_by_role("heading", name="Ville", level=1)).to_be_visible()
    expect(page.get_by_text("shared from the field")).to_be_visible()
    page.get_by_role("button", name="Make the PDF").click()
    link = page.get_by_role("link", name=re.compile("Download PDF"))
    link.wait_for(timeout=120_000)
    expect(page.locator("#export-said")).to_have_text("The PDF file is ready.")
    with page.expect_download() as coming:
        link.click()
    kept = tmp_path / "kept.pdf"
    coming.value.save_as(kept)
    assert coming.value.suggested_filename == f"solidarity-ville-{report.start}-{report.end}.pdf"
    text = " ".join(pypdf.PdfReader(kept).pages[0].extract_text().split())
    assert "Ville" in text
    assert "met 4 people" in text
    assert Export.objects.get().report == report
    assert said == []


@pytest.mark.worker
@pytest.mark.usefixtures("worker")
@pytest.mark.repetition
def test_the_rows_form_adds_its_file_to_the_page(
    page: Page, live_server: LiveServer, city: City, cast: Cast, seen: Seen, log_in: LogIn
) -> None:
    seen(persons=2)
    fold.refresh_all()
    log_in(cast.diane)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/map/reports/")
    page.locator("#rows_format").select_option("csv")
    page.get_by_role("button", name="Prepare the file").click()
    page.get_by_role("link", name=re.compile("Download CSV")).wait_for(timeout=120_000)
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    assert page.url.endswith("/map/reports/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("locale", "theme"), [again("en-GB", "light"), ("fr-FR", "dark")])
@pytest.mark.repetition
def test_axe_finds_no_serious_violation_on_a_report(
    browser: Browser, live_server: LiveServer, city: City, cast: Cast, seen: Seen, enter: Enter, axe: str, locale: str,
    theme: str,
) -> None:  # fmt: skip
    seen(persons=4, asked=["tent"], note="shared", note_pinned=True)
    fold.refresh_all()
    report = make_report(city.root, Period.latest(), cast.diane)
    page = enter(browser, cast.diane, {"width": 390, "height": 844}, locale=locale, color_scheme=theme)
    for address in ("/map/reports/", f"/map/reports/{report.pk}/"):
        page.goto(live_server.url + address)
        assert serious(page, axe) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
