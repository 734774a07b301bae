"""Attack 16: collect external reports of odd periods, of tiny, new and changed territories, before and after a report,
and search their files. The differences and the files must reveal nothing that was not published."""

import contextlib
import csv
import io
import itertools
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pypdf
import pytest
from django.conf import settings
from django.utils import timezone, translation

from mapping.coverage.folding import fold, territory_cells
from mapping.enums import ExportFormat
from mapping.map.releases.public import noise, publishing, release_schedule, weekly_figures
from mapping.models import CoverageSettings, PublicWeek, Release, ZoneReport
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports import compose
from mapping.out.zone_reports.external import external_figures
from mapping.out.zone_reports.external.external_report import NothingPublished, external_report, make_external_report
from needs.models import Encounter
from solidarity.ops.demo.people import DOMAIN
from tests.conftest import square
from tests.privacy.answers import Points
from volunteers.enums import Level
from volunteers.models import Association, Cell, PlaceName, Territory, User

pytestmark = pytest.mark.xdist_group("privacy demonstration")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def published(demo: None) -> list[date]:
    """The first days of the published weeks of the demonstration."""
    return list(PublicWeek.objects.order_by("monday").values_list("monday", flat=True))


def paris() -> Territory:
    return Territory.objects.get(slug="paris")


def payload(territory: Territory, start: date, end: date) -> dict[str, Any]:
    return external_figures.compose(territory, Period(start, end))


def coordinator() -> User:
    return User.objects.get(email=f"coordinator@{DOMAIN}")


# --- periods -------------------------------------------------------------------------------------------------------


def test_a_period_that_is_moved_or_cut_by_days_shows_the_same_whole_weeks(published: list[date]) -> None:
    """Sliding a period by a day must not isolate that day."""
    first, last = published[-2], published[-1] + timedelta(days=6)
    whole = payload(paris(), first, last)
    del whole["asked"]  # the chosen days; the figures must not depend on them
    for before, after in itertools.product((-3, -1, 0, 2, 3), (-3, 0, 1, 3)):
        chosen = Period(first + timedelta(days=before), last + timedelta(days=after))
        same = payload(paris(), chosen.start, chosen.end)
        assert same.pop("asked") == {"start": chosen.start.isoformat(), "end": chosen.end.isoformat()}
        assert same == whole
    for day in (first + timedelta(days=1), first + timedelta(days=4)):
        with pytest.raises(NothingPublished):
            payload(paris(), day, day)
    thursday = first + timedelta(days=3)
    assert payload(paris(), thursday, thursday)["period"]["weeks"] == 1


def test_a_week_is_published_a_week_after_its_end_and_never_changes(published: list[date]) -> None:
    assert published[-1] + timedelta(days=14) <= timezone.localdate()
    stored = dict(PublicWeek.objects.values_list("monday", "figures"))
    Encounter.objects.filter(at__date__gte=published[0]).update(persons=50)
    release = Release.objects.public().last()
    assert release is not None
    assert weekly_figures.publish(release, publishing.secret()) == []
    assert dict(PublicWeek.objects.values_list("monday", "figures")) == stored


def test_all_differences_of_reports_are_sums_of_published_weeks(published: list[date]) -> None:
    """Subtract reports of nested periods: what remains is what was published of the week between them, which has noise:
    a mean of the figure of the whole and of the sum of its parts. It is off the true number in some weeks."""
    territory, last = paris(), published[-1] + timedelta(days=6)
    off = 0
    for monday in published:
        week = PublicWeek.objects.get(monday=monday)
        start, end = Period(monday, monday + timedelta(days=6)).bounds
        true = sum(
            Encounter.objects.live().filter(at__gte=start, at__lt=end, cell__in=Cell.objects.values("cell"))
            .values_list("persons", flat=True)
        )  # fmt: skip
        assert abs(week.figures[str(territory.pk)]["people"] - true) < 60
        off += week.figures[str(territory.pk)]["people"] != true
    assert off
    for length in range(1, len(published)):
        report = payload(territory, published[-length - 1], last)
        longer = report["total"]["people"]
        shorter = payload(territory, published[-length], last)["total"]["people"]
        week = PublicWeek.objects.get(monday=published[-length - 1]).figures
        parts = Territory.objects.filter(slug__in=[part["slug"] for part in report["parts"]])
        of_parts = sum(week[str(pk)]["people"] for pk in parts.values_list("pk", flat=True))
        low, high = sorted((week[str(territory.pk)]["people"], of_parts))
        assert low - 5 <= longer - shorter <= high + 5
        assert longer % 5 == shorter % 5 == 0


def test_one_person_more_moves_no_published_count_by_more_than_the_limit_allows() -> None:
    """The odds of any published count with and without one person differ by at most a factor of 1.5, the limit of the
    attacker model."""
    secret = b"of a test"
    places = range(30_000)

    def histogram(count: int) -> np.ndarray[Any, Any]:
        blurred = [weekly_figures.Blur(date(2026, 1, 5), secret).count("people", place, count) for place in places]
        return np.bincount(np.clip(np.array(blurred) + 30, 0, 80), minlength=81) / len(places)

    fewer, more = histogram(12), histogram(13)
    common = (fewer > 0.02) & (more > 0.02)
    assert common.sum() > 5
    assert np.exp(weekly_figures.EPSILON) <= 1.5
    assert (np.abs(np.log(fewer[common] / more[common])) <= weekly_figures.EPSILON + 0.12).all()
    assert noise.laplace(0.5, weekly_figures.EPSILON) == 0


# --- territories ---------------------------------------------------------------------------------------------------


def test_tiny_territories_get_no_figures(published: list[date]) -> None:
    """A neighbourhood without cells of its own, and a district of a few cells, have no external report."""
    root = paris()
    quarter = territory_cells.save_territory(
        "Quarter", square(48.84, 2.29, 48.845, 2.30), Level.NEIGHBOURHOOD, parent=root, zoned=False
    )
    with pytest.raises(NothingPublished):
        payload(quarter, published[0], published[-1] + timedelta(days=6))
    district = Territory.objects.get(slug="paris-15")
    cells = list(Cell.objects.filter(territory=district).values_list("cell", flat=True))
    Cell.objects.filter(territory=district).exclude(cell__in=cells[:20]).delete()
    release = Release.objects.public().last()
    assert release is not None
    assert district not in weekly_figures.shown_territories(release)


def test_new_territories_and_moved_borders_get_no_figures_of_past_weeks(published: list[date]) -> None:
    """Otherwise, two borders that differ by one cell would show that cell."""
    root, district = paris(), Territory.objects.get(slug="paris-15")
    before = payload(root, published[0], published[-1])
    some = list(Cell.objects.filter(territory=district).order_by("cell").values_list("pk", flat=True)[:40])
    other = Territory.objects.create(
        slug="new", name="New", level=Level.DISTRICT, parent=root, polygon=district.polygon, zoned=True
    )
    CoverageSettings.objects.create(territory=other, model=district.coverage.model)
    Cell.objects.filter(pk__in=some).update(territory=other)
    release = Release.objects.public().last()
    assert release is not None
    publishing.publish_week(release_schedule.after(release.published_at))
    assert all(str(other.pk) not in week.figures for week in PublicWeek.objects.filter(monday__in=published))
    after = payload(root, published[0], published[-1])
    assert [part["people"] for part in after["parts"]] == [part["people"] for part in before["parts"]]
    with pytest.raises(NothingPublished):
        payload(other, published[0], published[-1] + timedelta(days=6))


def test_no_part_is_finer_than_a_territory_of_the_public_map(published: list[date]) -> None:
    found = payload(paris(), published[-2], published[-1] + timedelta(days=6))
    release = Release.objects.public().last()
    assert release is not None
    on_map = {place.key: place for place in release.places.all()}
    assert found["places"]
    for place, shape in zip(found["places"], found["shapes"], strict=True):
        stored = on_map[place["key"]]
        assert json.dumps(shape) == json.dumps(compose.coordinates(stored.outline, 6))
        assert stored.outline.transform(3035, clone=True).area > 500_000  # square metres
    shown = {part["slug"] for part in found["parts"] if part["name"]}  # the others are one row without a name
    assert shown <= set(Territory.objects.zoned().values_list("slug", flat=True))
    assert found["left_out"] == Territory.objects.under(paris()).zoned().count() - len(shown)


# --- before and after a report -------------------------------------------------------------------------------------


def test_a_late_report_changes_no_published_period(published: list[date]) -> None:
    first, last = published[-2], published[-1] + timedelta(days=6)
    before = payload(paris(), first, last)
    some = Encounter.objects.live().filter(at__date__gte=first, at__date__lte=last)[:3]
    for each in some:
        Encounter.objects.filter(pk=each.pk).update(persons=each.persons + 9)
    Encounter.objects.filter(pk=some[0].pk).update(retracted_at=timezone.now())
    fold.fold_outbox()
    assert payload(paris(), first, last) == before


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(published: list[date], monkeypatch: pytest.MonkeyPatch) -> ZoneReport:
    monkeypatch.setitem(settings.PUBLISHER, "name", "Site of the test")
    period = Period(published[-2], published[-1] + timedelta(days=6))
    return make_external_report(paris(), period, coordinator(), None, "The prefecture")


def file_of(report: ZoneReport, format: ExportFormat) -> bytes:
    out = io.BytesIO()
    write_file(report, format, out)
    return out.getvalue()


def secrets(report: ZoneReport) -> list[str]:
    """Return texts that the ledger has and no external file may contain."""
    notes = [note for note in Encounter.objects.exclude(note="").values_list("note", flat=True)[:200] if len(note) > 20]
    names = list(Association.objects.values_list("name", flat=True))
    people = [name for name in User.objects.values_list("display_name", flat=True) if len(name) > 6]
    mails = list(User.objects.values_list("email", flat=True))
    streets = [name for name in PlaceName.objects.values_list("name", flat=True)[:2000] if len(name) > 8]
    return [*notes, *names, *people, *mails, *streets]


TIME_OF_DAY = re.compile(r"\b\d{1,2}[:h]\d{2}\b|\b\d{1,2}(:\d{2})? [ap]\.?m\b")


def check_text(text: str, report: ZoneReport) -> None:
    for each in secrets(report):
        assert each not in text, each
    assert not TIME_OF_DAY.search(text)
    fine = {f"{cell:x}" for cell in Cell.objects.values_list("cell", flat=True)}
    assert not fine & set(re.findall(r"\b8[0-9a-f]{14}\b", text))
    exact = Points(
        (point.y, point.x)
        for point in Encounter.objects.exclude(point=None).values_list("point", flat=True)[:400]
        if point is not None
    )
    assert exact.found_in(text) == set()


def test_the_pdf_hides_nothing_in_its_text_metadata_or_attachments(report: ZoneReport) -> None:
    data = file_of(report, ExportFormat.PDF)
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = "\n".join(page.extract_text() for page in reader.pages)
    metadata = {key: str(value) for key, value in (reader.metadata or {}).items()}
    alternative = " ".join(
        str(found.get("/Alt", ""))
        for number in range(1, len(reader.xref[0]) + 1)
        if isinstance(found := reader.get_object(number), pypdf.generic.DictionaryObject)
    )
    assert "Paris" in text and "The prefecture" in text
    check_text(f"{text}\n{alternative}", report)
    assert metadata["/Author"] == "Site of the test"
    assert set(metadata) <= {"/Title", "/Author", "/Producer", "/CreationDate", "/ModDate"}
    assert not reader.attachments
    root: Any = reader.trailer["/Root"]
    assert "/AF" not in root and "/EmbeddedFiles" not in (root.get("/Names") or {})
    assert "/OpenAction" not in root and "/AA" not in root
    assert len(re.findall(rb"%%EOF", data)) == 1  # no earlier version is kept in the file


def test_the_workbook_has_no_hidden_sheets_rows_names_or_comments(report: ZoneReport) -> None:
    data = file_of(report, ExportFormat.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [sheet.title for sheet in book.worksheets] == ["Report", "Parts", "Public map", "Weeks", "Needs by kind"]
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(one.hidden for one in [*sheet.row_dimensions.values(), *sheet.column_dimensions.values()])
        assert not any(cell.comment for row in sheet.iter_rows() for cell in row)
    assert not [name for name in book.defined_names if not name.startswith("_xlnm.")]
    parts = zipfile.ZipFile(io.BytesIO(data))
    assert not [
        name for name in parts.namelist() if re.search("custom|external|embed|vba|comment", name, re.IGNORECASE)
    ]
    text = " ".join(
        str(cell.value.date() if isinstance(cell.value, datetime) else cell.value)
        for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    )  # fmt: skip
    check_text(text, report)


def test_the_geopackage_has_only_the_layers_of_the_report(report: ZoneReport, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    path.write_bytes(file_of(report, ExportFormat.GEOPACKAGE))
    with contextlib.closing(sqlite3.connect(path)) as base:
        _check_tables(base, report)


def _check_tables(base: sqlite3.Connection, report: ZoneReport) -> None:
    tables = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own = {name for name in tables if not name.startswith(("gpkg_", "sqlite_", "rtree_"))}
    assert own == {"parts", "areas", "weeks", "kinds"}
    assert {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")} == own
    text = "\n".join(
        str([value for value in row if not isinstance(value, bytes)])
        for table in sorted(own) for row in base.execute(f"SELECT * FROM {table}")
    )  # fmt: skip
    check_text(text, report)
    assert base.execute("PRAGMA freelist_count").fetchone() == (0,)  # no deleted rows are left in the file


def test_the_text_files_contain_no_small_numbers(report: ZoneReport) -> None:
    for format in (ExportFormat.CSV, ExportFormat.WORDS, ExportFormat.GEOJSON):
        check_text(file_of(report, format).decode("utf-8-sig"), report)
    rows = list(csv.DictReader(io.StringIO(file_of(report, ExportFormat.CSV).decode())))
    columns = {"people", "unseen", "hours", "needs", "needs_met", "needs_open"} & set(rows[0])
    assert columns | set(report.payload["uncertain"]["parts"]) >= {"people", "unseen", "hours", "needs", "needs_met"}
    figures = [row[name] for row in rows for name in columns]
    assert any(figures) and not all(figures)
    assert all(int(figure) >= 10 and int(figure) % 5 == 0 for figure in figures if figure)


def test_the_function_for_mail_makes_the_external_edition_and_stores_nothing(published: list[date]) -> None:
    before = ZoneReport.objects.count()
    data = external_report(paris(), Period(published[-1], published[-1] + timedelta(days=6)), "fr", "La préfecture")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    assert "La préfecture" in text
    assert ZoneReport.objects.count() == before
