"""Files of both editions of a zone report, opened with the programs' own readers."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.enums import Edition, ExportFormat
from mapping.models import PublicWeek, Release, ZoneReport
from mapping.out.exports import row_geopackage
from mapping.out.exports.report_files import write_file
from mapping.out.exports.row_export import COLUMNS, stream_reports
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from mapping.out.zone_reports.external.external_report import make_external_report
from mapping.out.zone_reports.report_wording import period_words
from needs.base.records.declarations import DraftPlace, NeedDraft
from solidarity.lib import cell_geometry
from tests import filing_verbs
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Association, Cell, Membership


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def file_of(report: ZoneReport, format: ExportFormat) -> bytes:
    out = io.BytesIO()
    write_file(report, format, out)
    return out.getvalue()


@pytest.fixture
def monday() -> date:
    """The first day of the last published week."""
    today = timezone.localdate()
    return today - timedelta(days=today.weekday() + 14)


@pytest.fixture
def internal(city: City, cast: Cast, seen: Seen) -> ZoneReport:
    for step in range(9):
        seen(lat=48.865 + step * 0.0009, lng=2.34 + step * 0.003, persons=step % 5, minutes=30, given=["food"],
             hours_ago=step * 20, note="a note", note_pinned=True)  # fmt: skip
    at = timezone.now() - timedelta(hours=5)
    for kinds in (["food"], ["food", "tent"]):
        filing_verbs.report_need(NeedDraft(at=at, place=DraftPlace(48.866, 2.35), kinds=kinds, source=str(kinds)))
    fold.fold_outbox()
    return make_report(city.root, Period.latest(), cast.diane)


def sums(people: int, met: int = 12) -> dict[str, Any]:
    needs = {"needs_met": met, "needs_taken": -2, "needs_open": 21, "needs_ended": 0}
    return {"people": people, "hours": 40.0, **needs}


@pytest.fixture
def external(city: City, cast: Cast, monday: date) -> ZoneReport:
    """An external report of two weeks, compared with the two weeks before, from figures as publishing stores them."""
    for back, people in enumerate((120, 90, 60, 61)):
        PublicWeek.objects.create(
            monday=monday - timedelta(weeks=back),
            figures={
                str(city.nord.pk): sums(people) | {"unseen": 35.0 + back * 20},
                str(city.root.pk): sums(people + 3, 30) | {"kinds": {"food": 40, "tent": 1}},
            },
        )
    release = Release.objects.create(audience="public", as_of=timezone.now() - timedelta(days=7))
    atoms = tuple(sorted(set(Cell.objects.filter(territory=city.nord).values_list("parent8", flat=True)))[:1])
    release.places.create(
        key="8-x", level="8", commune=city.nord, number=1, status=4, coverage=25, outline=cell_geometry.dissolve(atoms)
    )
    issuer = Association.objects.get(pk=cast.maraude.pk)
    period = Period(monday - timedelta(days=7), monday + timedelta(days=6))
    return make_external_report(city.root, period, cast.diane, issuer, "The prefecture")


def test_an_external_report_adds_up_published_weeks_and_nothing_else(external: ZoneReport) -> None:
    [part] = external.payload["parts"]
    assert (part["slug"], part["people"], part["hours"], part["unseen"]) == ("nord", 210, 80, 35)
    assert part["change"] == {"people": 90, "unseen": -40, "hours": 0, "needs": 0}
    total = external.payload["total"]
    assert (total["people"], total["needs_met"], total["needs_taken"]) == (210, 25, 0), (
        "Sud is hidden: only Nord counts"
    )
    assert (external.payload["left_out"], external.payload["of_shown"]) == (1, True)
    assert external.payload["uncertain"]["parts"] == ["needs_taken", "needs_ended"]
    assert [row["kind"] for row in external.payload["kinds"]["rows"]] == ["food"]


# --- PDF -----------------------------------------------------------------------------------------------------------


def tags(reader: pypdf.PdfReader) -> Iterator[tuple[str, Any]]:
    """Yield the type of each structure element and the element, in reading order."""

    def walk(element: Any) -> Iterator[tuple[str, Any]]:
        element = element.get_object()
        if not isinstance(element, pypdf.generic.DictionaryObject):
            return
        if "/S" in element:
            yield str(element["/S"]), element
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid.get_object(), int):
                yield from walk(kid)

    root: Any = reader.trailer["/Root"]
    yield from walk(root["/StructTreeRoot"])


@pytest.mark.parametrize(("edition", "language"), [("internal", "fr"), ("external", "en")])
def test_the_pdf_is_tagged_for_screen_readers(edition: str, language: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(edition)
    with translation.override(language):
        reader = pypdf.PdfReader(io.BytesIO(file_of(report, ExportFormat.PDF)))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert re.search(rb'pdfuaid:part(>|=")1\b', root["/Metadata"].get_object().get_data())
    found = list(tags(reader))
    kinds = [kind for kind, _element in found]
    assert kinds.count("/H1") == 1
    levels = [int(kind[2]) for kind in kinds if kind[1:] in ("H1", "H2", "H3")]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert kinds.count("/Table") >= 2 and kinds.count("/TH") > 10
    figures = [element for kind, element in found if kind == "/Figure"]
    assert len(figures) >= 3
    assert all(str(figure["/Alt"]).strip() for figure in figures)
    assert all(font.get("/FontDescriptor") or font.get("/DescendantFonts") for font in fonts(reader))


def fonts(reader: pypdf.PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            yield font.get_object()


def test_the_cover_names_issuer_recipient_and_days(external: ZoneReport, monday: date) -> None:
    with translation.override("fr"):
        reader = pypdf.PdfReader(io.BytesIO(file_of(external, ExportFormat.PDF)))
    cover = " ".join(reader.pages[0].extract_text().split())
    assert "Maraude du Nord" in cover
    assert "The prefecture" in cover
    assert str((monday - timedelta(days=7)).year) in cover
    assert "environ 80 heures" in cover or "about 80 hours" in cover


def test_the_internal_edition_says_on_each_page_that_it_is_internal(internal: ZoneReport) -> None:
    reader = pypdf.PdfReader(io.BytesIO(file_of(internal, ExportFormat.PDF)))
    assert all("Internal edition: not to be passed on." in page.extract_text() for page in reader.pages)


# --- CSV -----------------------------------------------------------------------------------------------------------


def test_the_csv_for_people_has_semicolons_a_byte_order_mark_and_words(internal: ZoneReport) -> None:
    with translation.override("fr"):
        data = file_of(internal, ExportFormat.WORDS)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == len(internal.payload["zones"])
    assert rows[0]["statut"] not in ("uncovered", "under_covered", "to_verify")
    assert {row["contesté par des équipes"] for row in rows} <= {"oui", "non"}
    assert all("," in row["effort de recherche pris en compte"] for row in rows)
    assert datetime.strptime(rows[0]["calculé le"], "%d/%m/%Y %H:%M").date() == timezone.localdate()
    assert "key" not in rows[0]


def test_the_csv_for_programs_has_codes_and_iso_times(internal: ZoneReport) -> None:
    data = file_of(internal, ExportFormat.CSV)
    assert not data.startswith(b"\xef\xbb\xbf")
    for row in csv.DictReader(io.StringIO(data.decode(), newline="")):
        assert row["status"].isidentifier()
        assert datetime.fromisoformat(row["derived_at"]).tzinfo is not None
        assert row["cell"].startswith("89") and 48 < float(row["latitude"]) < 49


def test_small_numbers_are_words_for_people_and_empty_for_programs(external: ZoneReport) -> None:
    external.payload["parts"][0]["unseen"] = 5
    words = file_of(external, ExportFormat.WORDS).decode("utf-8-sig")
    [row, _total] = csv.DictReader(io.StringIO(words, newline=""), delimiter=";")
    assert (row["People met"], row["People likely unseen"]) == ("210", "<\u00a010")
    assert "ended without help" not in row, "the noise would hide it"
    assert row["Hours of search: change"] == "±"
    [row, _total] = csv.DictReader(io.StringIO(file_of(external, ExportFormat.CSV).decode(), newline=""))
    assert (row["people"], row["unseen"], row["hours_change"], row["unseen_change"]) == ("210", "", "", "-40")


# --- workbook ------------------------------------------------------------------------------------------------------


def test_the_workbook_has_true_dates_coordinates_and_charts(internal: ZoneReport) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file_of(internal, ExportFormat.XLSX)))
    weeks = book["Weeks"]
    assert all(isinstance(weeks.cell(line, 1).value, datetime) for line in range(2, weeks.max_row + 1))
    assert len(weeks._charts) == 3
    zones = {cell.value: cell.column for cell in book["Zones"][1]}
    line = book["Zones"][2]
    assert isinstance(line[zones["computed at"] - 1].value, datetime)
    assert isinstance(line[zones["latitude"] - 1].value, float)
    assert str(line[zones["cell in the middle (H3)"] - 1].value).startswith("89")
    assert isinstance(book["Notes"].cell(2, 1).value, datetime)


@pytest.mark.parametrize(("edition", "day"), [("internal", "2 Jul 2026"), ("external", datetime(2026, 7, 2))])
def test_a_workbook_names_the_local_day_on_which_its_report_was_made(
    edition: str, day: object, request: pytest.FixtureRequest
) -> None:
    report = request.getfixturevalue(edition)
    report.made_at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # half past midnight in Paris
    book = openpyxl.load_workbook(io.BytesIO(file_of(report, ExportFormat.XLSX)))
    assert dict(row[:2] for row in book.worksheets[0].iter_rows(values_only=True))["made on"] == day


def test_the_external_workbook_has_its_sheets_and_charts(external: ZoneReport, monday: date) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file_of(external, ExportFormat.XLSX)))
    assert book.sheetnames == ["Report", "Parts", "Public map", "Weeks", "Needs by kind"]
    assert len(book["Weeks"]._charts) == 3
    first: Any = book["Weeks"].cell(2, 1).value
    assert first.date() == monday - timedelta(days=7)
    assert [cell.value for cell in book["Parts"][2]][4:7] == [210, 35, 80]


# --- GeoPackage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "layers"),
    [
        ("internal", {"zones", "parts", "statuses", "weeks", "kinds"}),
        ("external", {"parts", "areas", "weeks", "kinds"}),
    ],
)
def test_gdal_opens_the_geopackage(
    edition: str, layers: set[str], request: pytest.FixtureRequest, tmp_path: Path, city: City
) -> None:
    path = tmp_path / "report.gpkg"
    path.write_bytes(file_of(request.getfixturevalue(edition), ExportFormat.GEOPACKAGE))
    assert {str(name) for name, _kind in pyogrio.list_layers(path)} == layers
    parts = pyogrio.read_info(path, layer="parts")
    assert parts["crs"] == "EPSG:4326" and parts["geometry_type"] == "MultiPolygon"
    west, south, east, north = city.root.polygon.extent
    assert parts["total_bounds"] == pytest.approx((west, south, east, north), abs=1e-6)
    types = dict(zip(parts["fields"], parts["ogr_types"], strict=True))
    assert types["start"] == "OFTDate" and types["people"] == "OFTInteger64"


def test_gdal_opens_the_geopackage_of_rows(internal: ZoneReport, city: City, tmp_path: Path) -> None:
    path = tmp_path / "rows.gpkg"
    with path.open("wb") as out:
        written = row_geopackage.write(city.root, Period.latest(), out)
    info = pyogrio.read_info(path, layer="reports")
    assert written == info["features"] == 11
    assert list(info["fields"]) == list(COLUMNS)
    assert dict(zip(info["fields"], info["ogr_types"], strict=True))["at"] == "OFTDateTime"
    with (tmp_path / "none.gpkg").open("wb") as out:
        assert row_geopackage.write(city.root, Period(date(2001, 1, 1), date(2001, 1, 2)), out) == 0
    assert pyogrio.read_info(tmp_path / "none.gpkg")["features"] == 0


def test_rows_for_people_are_in_words(internal: ZoneReport, city: City) -> None:
    out = io.BytesIO()
    with translation.override("fr"):
        period = Period.latest()
        stream_reports(ExportFormat.WORDS, city.root, period.start, period.end, out)
    data = out.getvalue()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 11
    head = list(rows[0])
    tents = [row for row in rows if row[head[COLUMNS.index("asked")]].count(",") == 1]
    assert len(tents) == 1
    assert "food" not in tents[0].values()
    assert all("," in row[head[COLUMNS.index("latitude")]] for row in rows)
    assert datetime.strptime(rows[0][head[COLUMNS.index("at")]], "%d/%m/%Y %H:%M")


# --- pages ---------------------------------------------------------------------------------------------------------


def test_a_coordinator_makes_the_external_edition_and_hears_why_there_is_none(
    external: ZoneReport, cast: Cast, signed_in: SignedIn, monday: date
) -> None:
    client = signed_in(cast.diane)
    values = {"territory": "ville", "edition": "external", "start": monday, "end": monday + timedelta(days=6)}
    page = client.post(reverse("mapping:reports"), values | {"recipient": "An office"}, follow=True)
    assert "External" in page.content.decode() or "external" in page.content.decode()
    made = ZoneReport.objects.get(recipient="An office")
    assert made.edition == Edition.EXTERNAL and (made.start, made.end) == (monday, monday + timedelta(days=6))
    today = timezone.localdate()
    page = client.post(reverse("mapping:reports"), values | {"start": today, "end": today})
    assert page.status_code == 422
    assert "No published week is in this period." in page.content.decode()
    page = client.post(reverse("mapping:reports"), values | {"territory": "sud", "recipient": "Kept"})
    assert page.status_code == 422
    assert "The public map shows nothing of Sud" in page.content.decode()
    assert 'value="Kept"' in page.content.decode()


def test_the_coordinator_agrees_to_other_days_before_an_external_report_is_made(
    external: ZoneReport, cast: Cast, signed_in: SignedIn, monday: date
) -> None:
    """Asked for 5 November to 2 December, a report for 2 to 22 November must not be made without a word."""
    client, before = signed_in(cast.diane), ZoneReport.objects.count()
    chosen = {"start": monday - timedelta(days=4), "end": timezone.localdate()}
    values = {"territory": "ville", "edition": "external", "recipient": "An office", **chosen}
    page = client.post(reverse("mapping:reports"), values)
    assert page.status_code == 422 and ZoneReport.objects.count() == before
    text = page.content.decode()
    days = period_words(monday - timedelta(days=7), monday + timedelta(days=6))
    assert f"Make the report for {days}" in text and 'value="An office"' in text
    [agreement] = re.findall(r'name="covers" value="([^"]+)"', text)
    moved = values | {"start": monday, "covers": agreement}  # agreed to other weeks than those of these days
    assert client.post(reverse("mapping:reports"), moved).status_code == 422
    page = client.post(reverse("mapping:reports"), values | {"covers": agreement}, follow=True)
    made = ZoneReport.objects.get(recipient="An office")
    assert (made.start, made.end) == (monday - timedelta(days=7), monday + timedelta(days=6))
    assert f"Chosen: {period_words(chosen['start'], chosen['end'])}." in page.content.decode()


def test_only_own_associations_can_be_the_issuer(city: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    Membership.objects.create(user=cast.diane, association=Association.objects.get(pk=cast.maraude.pk))
    today = timezone.localdate()
    values = {"territory": "ville", "edition": "internal", "start": today, "end": today}
    page = client.post(reverse("mapping:reports"), values | {"issuer": cast.other.slug})
    assert page.status_code == 422
    assert not ZoneReport.objects.exists()
