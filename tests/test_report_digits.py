"""One zone report in all its formats and on the map: the digits are the same everywhere."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from mapping.coverage.folding import fold, rebuild
from mapping.enums import STATUS_KEYS, ExportFormat
from mapping.map.wording.rounding import figures_of
from mapping.map.wording.sentences import words_of
from mapping.models import Zone, ZoneReport
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from tests.support import Cast, City, Seen, SignedIn

FIGURES = ("number", "cells", "persons", "persons_low", "persons_high", "chance", "help", "sweeps", "searched_days")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Reset the language: a request in French leaves French active in the process."""
    with translation.override("en"):
        yield


@pytest.fixture
def report(city: City, cast: Cast, seen: Seen) -> ZoneReport:
    """A report with zones of several statuses."""
    for step in range(9):
        seen(lat=48.865 + step * 0.0009, lng=2.34 + step * 0.003, persons=step % 5, minutes=25 if step % 3 else None,
             given=["food"] if step % 2 else [], hours_ago=step * 20)  # fmt: skip
    fold.fold_outbox()
    fold.refresh_all()
    return ZoneReport.objects.get(pk=make_report(city.root, Period.latest(), cast.diane).pk)


def written(report: ZoneReport, format: ExportFormat) -> bytes:
    out = io.BytesIO()
    write_file(report, format, out)
    return out.getvalue()


def number(text: Any) -> float | None:
    """Return the number in a text of any locale; None if there is none."""
    digits = re.sub(r"[^\d,.]", "", str(text if text is not None else ""))
    return float(digits.replace(",", ".")) if digits else None


class Cells(HTMLParser):
    """Figures of the page's table of zones: number of the zone → figure → text."""

    def __init__(self) -> None:
        super().__init__()
        self.zones: dict[str, dict[str, str]] = {}
        self._zone: str | None = None
        self._figure: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "tr":
            self._zone = found.get("data-number")
        if tag == "td":
            self._figure = found.get("data-figure")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._figure = None

    def handle_data(self, data: str) -> None:
        if self._zone and self._figure:
            row = self.zones.setdefault(self._zone, {})
            row[self._figure] = row.get(self._figure, "") + data


def from_csv(report: ZoneReport) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(written(report, ExportFormat.CSV).decode())))


def from_geojson(report: ZoneReport) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in json.loads(written(report, ExportFormat.GEOJSON))["features"]]


def from_xlsx(report: ZoneReport) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(written(report, ExportFormat.XLSX)))
    rows = list(book.worksheets[1].iter_rows(values_only=True))
    csv_head = from_csv(report)[0]
    return [dict(zip(csv_head, row, strict=True)) for row in rows[1:]]


def test_csv_geojson_and_workbook_hold_the_figures_of_the_zones(report: ZoneReport) -> None:
    stored = {str(zone.key): figures_of(zone) for zone in Zone.objects.live().select_related("territory", "model")}
    assert len({zone.status for zone in stored.values()}) >= 3
    for rows in (from_csv(report), from_geojson(report), from_xlsx(report)):
        assert len(rows) == len(stored)
        for row in rows:
            zone = stored[row["key"]]
            assert row["status"] == zone.status
            for name in FIGURES[1:]:
                assert number(row[name]) == getattr(zone, name), name


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_shows_the_figures_of_the_files(
    report: ZoneReport, cast: Cast, signed_in: SignedIn, language: str
) -> None:
    page = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk]), headers={"Accept-Language": language})
    reader = Cells()
    reader.feed(page.content.decode())
    groups = grouped(from_geojson(report))
    assert set(reader.zones) == set(groups)
    assert any(len(rows) > 1 for rows in groups.values())
    for numbers, rows in groups.items():
        shown = reader.zones[numbers]
        for name in ("cells", "persons"):
            assert number(shown[name]) == sum(row[name] for row in rows), name
        if len(rows) == 1:
            [row] = rows
            for name in ("chance", "help", "sweeps", "searched_days"):
                assert number(shown[name]) == row[name], name
            low, high = row["persons_low"], row["persons_high"]
            ends = [int(end) for end in re.findall(r"\d+", shown["interval"])]
            assert ends == ([low, high] if low != high else [low])
        else:
            chances = [row["chance"] for row in rows]
            found = [int(end) for end in re.findall(r"\d+", shown["chance"])]
            assert found == sorted({min(chances), max(chances)})


def grouped(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the zones by the numbers of their row: single cells of one status and territory are in one row."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        single = row["cells"] == 1 and not row["contested"]
        groups.setdefault((row["status"], row["territory"]) if single else row["key"], []).append(row)
    found = {}
    for members in groups.values():
        first, last = members[0]["number"], members[-1]["number"]
        assert [row["number"] for row in members] == list(range(first, last + 1))
        found[f"{first}–{last}" if len(members) > 1 else str(first)] = members
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pdf_prints_the_figures_of_the_files(report: ZoneReport, tmp_path: Path, language: str) -> None:
    with translation.override(language):
        (tmp_path / "report.pdf").write_bytes(written(report, ExportFormat.PDF))
        note = gettext("The numbers refer to the map on the first page. Zones where help is missing come first.")
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, list[float | None]] = {}
    for line in text[text.index(note[:30]) :].splitlines():
        match = re.match(r"\s*(\d+(?:–\d+)?)\s+\D.*?\s{3,}\D.*?\s{3,}(\d.*)$", line)
        if match:
            figures = [number(part) for part in re.findall(r"\d+(?:[.,]\d+)?", match[2])]
            found.setdefault(match[1], figures)  # the weeks come later
    groups = grouped(from_geojson(report))
    assert set(found) >= set(groups)
    for numbers, rows in groups.items():
        if len(rows) > 1:
            assert found[numbers][:2] == [len(rows), sum(row["persons"] for row in rows)], numbers
            continue
        [row] = rows
        days = [row["searched_days"]] if row["searched_days"] is not None else []
        assert found[numbers] == [row["cells"], row["persons"], row["chance"], row["help"], *days], numbers
        low, high = row["persons_low"], row["persons_high"]
        assert low == high or re.search(rf"\b{low} (?:to|à) {high}\b", text)


def test_the_map_shows_the_figures_of_the_files(
    report: ZoneReport, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    """Compare the zone panel of the map, for every zone of the report, and the texts of its list."""
    client = signed_in(cast.diane)
    stored = {str(zone.key): zone for zone in Zone.objects.live().select_related("territory", "model")}
    for row in from_geojson(report):
        words = words_of(figures_of(stored[row["key"]]), "exact")
        page = client.get(reverse("mapping:zone", args=[city.root.slug, row["key"]])).content.decode()
        shown = dict(re.findall(r'data-figure="(\w+)">([^<]*)<', page))
        assert shown["people"] == words.people
        low, high = row["persons_low"], row["persons_high"]
        ends = [low, high] if low != high else [low]
        assert [int(digits) for digits in re.findall(r"\d+", shown["people"])] == [row["persons"], *ends]
        assert number(shown["chance"]) == row["chance"]
        assert number(shown["help"]) == row["help"]
        assert number(shown["citizens"]) == row["citizens"]


def test_map_and_report_show_the_same_unseen_estimate(
    report: ZoneReport, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.diane)
    on_map = client.get(reverse("mapping:map", args=[city.root.slug])).content.decode()
    on_page = client.get(reverse("mapping:report", args=[report.pk])).content.decode()
    unseen = report.payload["left_unseen"]["spans"][0]
    for page in (on_map, on_page):
        shown = re.search(r'data-figure="unseen">([\d,]+)<', page)
        assert shown and number(shown[1].replace(",", "")) == unseen["persons"]


def test_statuses_add_up_to_all(report: ZoneReport) -> None:
    payload = report.payload
    assert sum(one["zones"] for one in payload["statuses"]) == payload["all"]["zones"] == len(payload["zones"])
    assert sum(one["cells"] for one in payload["statuses"]) == payload["all"]["cells"] == payload["cells"]
    for one in payload["statuses"]:
        zones = [zone for zone in payload["zones"] if zone["status"] == one["status"]]
        assert sum(zone["cells"] for zone in zones) == one["cells"]
        assert one["persons_low"] <= one["persons"] <= one["persons_high"]
    assert {one["status"] for one in payload["statuses"]} == set(STATUS_KEYS.values()) - {"searched"}


def test_a_later_fold_does_not_change_a_report(report: ZoneReport, seen: Seen) -> None:
    before = {format: written(report, format) for format in (ExportFormat.CSV, ExportFormat.GEOJSON)}
    seen(lat=48.856, lng=2.36, persons=9, minutes=60)
    fold.fold_outbox()
    rebuild.recompute_all(timezone.now() + timedelta(days=3))
    fresh = ZoneReport.objects.get(pk=report.pk)
    assert fresh.payload == report.payload
    assert {format: written(fresh, format) for format in before} == before
