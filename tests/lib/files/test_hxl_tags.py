"""HXL tags: every column of every CSV file has one, and libhxl reads our files."""

import io
import re
from pathlib import Path

import hxl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from mapping.enums import ExportFormat
from mapping.map.releases.public import latest
from mapping.models import Export
from mapping.out.event_log import cell_csv
from mapping.out.exports import hxl_columns, report_tables, row_export
from mapping.out.exports.row_columns import ROW_COLUMNS
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from mapping.plans.distance_to_places.views import COLUMNS as DISTANCE
from needs.doors.association_figures import figure_files
from needs.doors.association_figures.monthly_figures import Figures
from needs.guide.places.exports import place_tables
from needs.neighbours.lending import stock
from solidarity.lib.files import hxl_tags
from tests.conftest import ROOT
from tests.support import Cast, City, SignedIn

FIXTURES = Path(str(settings.DATA_DIR)) / "fixtures" / "hxl"
CORE = {
    "access", "activity", "adm3", "beneficiary", "capacity", "contact", "crisis", "date", "description", "geo",
    "indicator", "inneed", "item", "loc", "meta", "org", "reached", "sector", "service", "severity", "status",
}  # fmt: skip
"""The hashtags of the HXL 1.1 core dictionary that our files use."""


def read(content: bytes) -> hxl.model.Dataset:
    """Read a CSV file as libhxl does."""
    return hxl.data(io.BytesIO(content))


def rows_of(content: bytes) -> list[list[str]]:
    rows = []
    for row in read(content):  # noqa: PERF401 - libhxl's iterator works only in a plain loop
        rows.append(row.values)
    return rows


def test_every_tag_is_of_the_core_dictionary_and_libhxl_parses_it() -> None:
    reports = dict(zip(row_export.COLUMNS, ROW_COLUMNS.tags(), strict=True))
    for columns in (*hxl_tags.TAGS.values(), reports):
        for tag in columns.values():
            found = hxl.model.Column.parse(tag)
            assert found is not None, tag
            assert found.display_tag.replace(" ", "") == tag, tag
            assert found.tag.removeprefix("#") in CORE, tag
        assert len(set(columns.values())) == len(columns), "two columns with the same tag"


@pytest.mark.django_db
def test_every_column_of_every_csv_file_has_a_tag(cast: Cast, city: City) -> None:
    report = make_report(city.nord, Period.latest(), cast.diane)
    files = {
        "zones": [column.key for column in report_tables.zones(report.payload).columns],
        "guide": place_tables.COLUMNS,
        "public map": latest.CSV_COLUMNS,
        "stock": next(stock.rows_of(cast.maraude)),
        "distance": DISTANCE,
        "cells": cell_csv.COLUMNS,
    }
    total = report.payload["parts"]["total"] if report.payload.get("parts") else None
    if total:
        files["parts"] = [column.key for column in report_tables.parts([], total, report).columns]
    assert all(ROW_COLUMNS.tags()) and len(ROW_COLUMNS.tags()) == len(row_export.COLUMNS)
    assert set(hxl_tags.TAGS["reports"]) <= set(row_export.COLUMNS)
    for file, columns in files.items():
        assert hxl_tags.tags_of(file, columns) == [hxl_tags.TAGS[file][column] for column in columns]
        assert not set(hxl_tags.TAGS[file]) - set(columns), f"{file}: a tag of a column that is gone"


def test_every_module_that_writes_csv_has_tags_or_a_reason() -> None:
    tagged = {
        "needs/guide/places/exports/place_tables.py", "needs/doors/association_figures/figure_files.py",
        "needs/neighbours/lending/stock_views.py",
        "mapping/plans/distance_to_places/views.py", "mapping/out/exports/report_files.py", "mapping/map/releases/public/latest.py",
        "mapping/out/crisis_feeds/feed_files.py",
    }  # fmt: skip
    writers = {
        str(path.relative_to(ROOT))
        for app in ("mapping", "needs", "volunteers", "solidarity")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"csv\.(Dict)?[wW]riter\(", path.read_text())
    }
    assert writers - set(hxl_tags.UNTAGGED) == tagged
    assert set(hxl_tags.UNTAGGED) <= writers


@pytest.mark.django_db
def test_files_with_tags_are_read_by_libhxl_and_without_the_option_nothing_changes(
    cast: Cast, city: City, signed_in: SignedIn, tmp_path: Path
) -> None:
    bob, diane = signed_in(cast.bob), signed_in(cast.diane)
    addresses = {
        reverse("needs:guide_file", args=["csv"]): (bob, "guide"),
        reverse("needs:stock_file", args=[cast.maraude.slug]): (bob, "stock"),
        reverse("mapping:distance_file", args=["nord"]): (diane, "distance"),
    }
    for address, (client, file) in addresses.items():
        plain, tagged = (client.get(address, query).getvalue() for query in ({}, {"hxl": "1"}))
        assert b"#" not in plain.partition(b"\n")[0]
        assert tagged.count(b"\n") == plain.count(b"\n") + 1
        assert read(tagged).tags == [hxl.model.Column.parse(tag).tag for tag in hxl_tags.TAGS[file].values()]
        assert hxl.validate(read(tagged))["is_valid"], file
    months = {timezone.localdate().replace(day=1): Figures()}
    assert read(figure_files.as_csv(months, tagged=True)).tags == ["#indicator"] * 3
    out = tmp_path / "cells.csv"
    call_command("export_cells", "--hxl", "-o", str(out))
    assert read(out.read_bytes()).display_tags[0] == "#loc+code+h3"


@pytest.mark.django_db
def test_a_file_of_the_worker_gets_its_tags_when_it_is_downloaded(cast: Cast, city: City) -> None:
    report = make_report(city.nord, Period.latest(), cast.diane)
    for format in hxl_columns.DELIMITERS:
        rows = Export(territory=city.nord, format=format, start=report.start, end=report.end)
        assert len(hxl_columns.tags_of(rows)) == len(row_export.COLUMNS)
        made = Export(territory=city.nord, format=format, report=report)
        tags = hxl_columns.tags_of(made)
        assert ("#meta+version" in tags) == (format == ExportFormat.CSV), "files for people leave out codes"
    head = b"\xef\xbb\xbfkind;id\r\n1;2\r\n"
    sent = b"".join(hxl_tags.streamed(io.BytesIO(head), ["#activity+type", "#meta+id"], ";"))
    assert sent == hxl_tags.with_tags(head, ["#activity+type", "#meta+id"], ";")
    assert rows_of(sent) == [["1", "2"]]


@pytest.mark.data
@pytest.mark.skipif(not FIXTURES.is_dir(), reason="needs the shared data")
def test_our_tags_pass_the_schema_of_libhxl_and_its_own_files_are_read() -> None:
    files = FIXTURES / "tests" / "files" / "test_scripts"
    for name in ("validation-schema-valid.csv", "cut-output-excludes.csv"):
        assert read((files / name).read_bytes()).columns
    tags = [tag for columns in hxl_tags.TAGS.values() for tag in columns.values()]
    content = ",".join(f"c{number}" for number, _tag in enumerate(tags)) + "\n" + ",".join(tags) + "\n"
    assert len(read(content.encode()).columns) == len(tags)
