"""External reports add up: in each column, the parts and the weeks make the total, in the page and in each file."""

import csv
import io
import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat
from mapping.map.releases.public import noise
from mapping.map.releases.public.weekly_figures import EPSILON, SUMS
from mapping.models import PublicWeek, Release, ZoneReport
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.report_rounding import in_steps, in_tenths
from mapping.out.zone_reports import report_presenter
from mapping.out.zone_reports.compose import make_report
from mapping.out.zone_reports.external import external_figures, external_presenter, reconciled_figures
from mapping.out.zone_reports.external.external_report import make_external_report
from mapping.out.zone_reports.external.reconciled_figures import NEEDS, fitted, reconciled
from mapping.out.zone_reports.parts import parts_presenter
from needs.base.records.declarations import DraftPlace as PlaceDraft
from needs.base.records.declarations import NeedDraft
from solidarity.lib import cell_geometry
from tests import filing_verbs
from tests.conftest import square
from tests.support import Cast, City, Seen
from volunteers.enums import Level
from volunteers.models import Cell, Territory

COLUMNS = (*SUMS, "needs", "unseen")
CITIES = 1_000


def noisy(rng: random.Random, true: float, weeks: int) -> float:
    return true + sum(noise.laplace(rng.random(), EPSILON) for _week in range(weeks))


def random_city(rng: random.Random) -> tuple[list[dict[str, float | None]], dict[str, float | None] | None, int]:
    """Return the published sums of the parts and of the whole, and the number of hidden territories."""
    weeks, hidden = rng.randint(1, 9), rng.choice([0, 0, 1, 2, 3, 8])
    scale = rng.choice([0, 1, 5, 40, 300])
    true = [
        {**{name: round(rng.expovariate(1) * scale) for name in SUMS}, "unseen": rng.expovariate(1) * scale}
        for _part in range(rng.randint(1, 30) + hidden)
    ]
    parts: list[dict[str, float | None]] = [
        {
            name: noisy(rng, figure, weeks) if name != "unseen" else 5.0 * round(figure / 5)
            for name, figure in row.items()
        }
        for row in true[hidden:]
    ]
    if rng.random() < 0.1:
        parts[0]["unseen"] = None
    if rng.random() < 0.2:
        return parts, None, hidden
    whole: dict[str, float | None] = {name: noisy(rng, sum(row[name] for row in true), weeks) for name in SUMS}
    return parts, whole | {"unseen": 5.0 * round(sum(row["unseen"] for row in true) / 5)}, hidden


def test_the_parts_of_a_thousand_random_cities_add_up_to_their_totals() -> None:
    rng = random.Random(30)
    rests = 0
    for _city in range(CITIES):
        parts, whole, hidden = random_city(rng)
        table = reconciled(parts, whole, hidden)
        rests += table.rest
        total = table.row(None)
        assert len(table.rows) == len(parts) + table.rest
        for name in COLUMNS:
            column = [row[name] for row in table.rows]
            known = [figure for figure in column if figure is not None]
            assert all(figure >= 0 and figure % 5 == 0 for figure in known)
            assert total[name] == (sum(known) if len(known) == len(column) else None)
        assert all((row["needs_met"] or 0) <= (row["needs"] or 0) for row in [*table.rows, total])
        assert all(row["needs"] == sum(row[name] or 0 for name in NEEDS) for row in [*table.rows, total])
        if table.rest:
            assert hidden >= reconciled_figures.OTHERS
            assert max(table.rows[-1]["people"] or 0, table.rows[-1]["needs"] or 0) >= 10
    assert rests > CITIES / 20


def test_reconciled_figures_are_nearer_to_the_truth_than_published_ones() -> None:
    """With a total of its own noise, least squares must not make the parts worse, nor the total."""
    rng = random.Random(7)
    before, after = [0.0, 0.0], [0.0, 0.0]
    for _city in range(300):
        true = [rng.randint(0, 60) for _part in range(12)]
        parts, total = [noisy(rng, one, 4) for one in true], noisy(rng, sum(true), 4)
        found = fitted(parts, total)
        for sums, figures, whole in ((before, parts, sum(parts)), (after, found, sum(found))):
            sums[0] += sum((one - real) ** 2 for one, real in zip(figures, true, strict=True))
            sums[1] += (whole - sum(true)) ** 2
    assert after[0] < before[0] and after[1] < before[1] / 4


@pytest.mark.parametrize(
    ("figures", "total", "steps"),
    [
        ([], None, []),
        ([2.4, 2.4, 2.4], None, [5, 0, 0]),
        ([12.4, 12.4], 25.0, [15, 10]),
        ([7.0, 1.0], 0.0, [0, 0]),
        ([0.0, 0.0], 10.0, [5, 5]),
    ],
)
def test_steps_keep_the_total(figures: Sequence[float], total: float | None, steps: list[int]) -> None:
    assert in_steps(figures, total) == steps


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def districts(city: City) -> list[Territory]:
    """Six districts of Ville with published figures."""
    made = [city.nord, city.sud]
    for number in range(4):
        west = 2.40 + number * 0.01
        made.append(
            Territory.objects.create(
                name=f"District {number}", slug=f"district-{number}", level=Level.DISTRICT, parent=city.root,
                path=f"{city.root.path}district-{number}/", zoned=True, polygon=square(48.85, west, 48.86, west + 0.01),
            )
        )  # fmt: skip
    return made


def random_report(rng: random.Random, city: City, cast: Cast, districts: Sequence[Territory]) -> ZoneReport:
    """Store the published weeks of a random city and make its report. Some districts are hidden."""
    PublicWeek.objects.all().delete()
    Release.objects.all().delete()
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday() + 14)
    hidden = rng.choice([0, 1, 3])
    scale = rng.choice([3, 30, 200])
    shown = districts[hidden:]
    for back in range(4):
        true = {one.pk: {name: round(rng.expovariate(1) * scale) for name in SUMS} for one in districts}
        figures: dict[str, Any] = {
            str(one.pk): {name: noisy(rng, true[one.pk][name], 1) for name in SUMS}
            | {"unseen": 5.0 * rng.randint(0, 9)}
            for one in shown
        }
        figures[str(city.root.pk)] = {name: noisy(rng, sum(row[name] for row in true.values()), 1) for name in SUMS} | {
            "kinds": {"food": 40}
        }
        PublicWeek.objects.create(monday=monday - timedelta(weeks=back), figures=figures)
    release = Release.objects.create(audience="public", as_of=timezone.now() - timedelta(days=7))
    atoms = tuple(sorted(set(Cell.objects.filter(territory=city.nord).values_list("parent8", flat=True)))[:1])
    outline = cell_geometry.dissolve(atoms)
    release.places.create(key="8-x", level="8", commune=shown[0], number=1, status=4, coverage=25, outline=outline)
    return make_external_report(city.root, Period(monday - timedelta(days=7), monday + timedelta(days=6)), cast.diane)


def number_of(text: Any) -> int | None:
    """Return a shown number; None for one that is too small to be shown or unknown."""
    said = str(text if text is not None else "").replace("\u202f", "").replace("\u00a0", "").replace(",", "").strip()
    return int(float(said)) if said.lstrip("-").replace(".0", "").isdigit() else None


def check(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], where: str) -> None:
    """Check that the rows add up to the last one. A number that is not shown is 0 or 5."""
    *parts, total = rows
    for name in columns:
        shown = [number_of(row[name]) for row in parts]
        least = sum(figure or 0 for figure in shown)
        most = least + 5 * shown.count(None)
        whole = number_of(total[name])
        assert least <= (5 if whole is None else whole), (where, name, shown, total[name])
        assert (0 if whole is None else whole) <= most, (where, name, shown, total[name])


@pytest.mark.django_db
def test_twenty_reports_add_up_on_the_page_and_in_every_file(
    city: City, cast: Cast, districts: list[Territory], tmp_path: Path
) -> None:
    rng = random.Random(3)
    for number in range(20):
        report = random_report(rng, city, cast, districts)
        payload = report.payload
        columns = [name for name in ("people", "hours", "needs", *NEEDS) if name not in payload["uncertain"]["parts"]]
        weekly = [name for name in ("people", "hours", "needs") if name not in payload["uncertain"]["weeks"]]
        for name in (*SUMS, "needs"):
            total = payload["total"][name]
            assert sum(part[name] for part in payload["parts"]) == total
            assert sum(week[name] for week in payload["weeks"]) == total
            if payload["total"]["change"] and name in payload["total"]["change"]:
                assert sum(part["change"][name] for part in payload["parts"]) == payload["total"]["change"][name]
        assert payload["weeks"][-1]["unseen"] == payload["total"]["unseen"]
        with translation.override("en"):
            page = external_presenter.present(report)
            assert page.parts.total is not None
            shown = [{cell.name: cell.text for cell in row.cells} for row in [*page.parts.rows, page.parts.total]]
            check(shown, columns, "page")
            data = {format: bytes_of(report, format) for format in ExportFormat if format != ExportFormat.PDF}
            pdf = bytes_of(report, ExportFormat.PDF) if number < 3 else b""
        check(list(csv.DictReader(io.StringIO(data[ExportFormat.CSV].decode()))), columns, "csv")
        parsed = json.loads(data[ExportFormat.GEOJSON])["report"]
        check(parsed["parts"], columns, "geojson")
        check([*parsed["weeks"], payload["total"]], weekly, "weeks of geojson")
        words = list(csv.DictReader(io.StringIO(data[ExportFormat.WORDS].decode("utf-8-sig")), delimiter=";"))
        assert len(words) == len(shown)
        book = openpyxl.load_workbook(io.BytesIO(data[ExportFormat.XLSX]))
        head, *lines = book["Parts"].iter_rows(values_only=True)
        check([dict(zip(head, line, strict=True)) for line in lines],
              [label for name, label in labels().items() if name in columns], "xlsx")  # fmt: skip
        path = tmp_path / f"{number}.gpkg"
        path.write_bytes(data[ExportFormat.GEOPACKAGE])
        with closing(sqlite3.connect(path)) as base:
            base.row_factory = sqlite3.Row
            check([dict(row) for row in base.execute("SELECT * FROM parts")], columns, "geopackage")
            weeks = [dict(row) for row in base.execute("SELECT * FROM weeks")]
            check([*weeks, payload["total"]], weekly, "weeks")
        if pdf:
            text = " ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(pdf)).pages)
            for row in shown:
                assert all(cell.replace("\u00a0", " ") in text.replace("\u00a0", " ") for cell in row.values())


def labels() -> dict[str, str]:
    with translation.override("en"):
        return parts_presenter.heads()


def bytes_of(report: ZoneReport, format: ExportFormat) -> bytes:
    out = io.BytesIO()
    write_file(report, format, out)
    return out.getvalue()


def test_a_figure_whose_expected_error_is_more_than_half_of_it_is_left_out() -> None:
    few = external_figures.expected_error("needs_met", 4)
    assert 4 < few < 7
    assert external_figures.expected_error("needs", 4) == pytest.approx(2 * few)
    rows = [dict.fromkeys(COLUMNS, 10), dict.fromkeys(COLUMNS, 15)]
    total = dict.fromkeys(COLUMNS, 25)
    uncertain = external_figures._uncertain(rows, total, [total], 4)
    assert "needs" in uncertain["parts"] and "hours" not in uncertain["parts"]
    assert "needs_met" not in uncertain["total"]


# --- internal edition ----------------------------------------------------------------------------------------------


def test_rounded_tenths_add_up() -> None:
    assert in_tenths([0.04, 0.04, 0.04]) == [0.1, 0.0, 0.0]
    assert sum(in_tenths([1 / 3] * 30)) == pytest.approx(10)


@pytest.mark.django_db
def test_each_figure_of_an_internal_report_has_one_value(city: City, cast: Cast, seen: Seen) -> None:
    for step in range(12):
        seen(
            lat=48.856 + step * 0.0015,
            lng=2.335 + step * 0.003,
            persons=step % 5,
            minutes=7 + step,
            hours_ago=step * 60,
        )
    for state in ("met", "open", "committed", "unmet", "met"):
        draft = NeedDraft(at=timezone.now() - timedelta(hours=30), place=PlaceDraft(48.866, 2.35), kinds=["food"])
        filing_verbs.report_need(draft, state=state)
    old = NeedDraft(at=timezone.now() - timedelta(days=40), place=PlaceDraft(48.866, 2.35), kinds=["food"])
    filing_verbs.report_need(old, state="met")  # met now, but reported before the period
    fold.fold_outbox()
    payload = make_report(city.root, Period.latest(), cast.diane).payload
    total, parts, totals = payload["parts"]["total"], payload["parts"]["rows"], payload["totals"]
    for name, same in (
        ("people", "people_met"),
        ("hours", "hours"),
        ("needs", "needs_new"),
        ("needs_met", "needs_met"),
    ):
        assert total[name] == totals[same], name
        assert round(sum(part[name] for part in parts), 1) == total[name], name
        assert round(sum(week[same] for week in payload["weeks"]), 1) == total[name], name
    assert totals["needs_met"] == 2
    if payload["left_unseen"]:
        assert payload["left_unseen"]["spans"][0]["persons"] == total["unseen"] == payload["weeks"][-1]["unseen"]
    by_status = {row["status"]: row["persons"] for row in payload["statuses"]}
    assert sum(by_status.values()) == payload["all"]["persons"]
    assert payload["lacking"]["persons"] == by_status["under_covered"] + by_status["uncovered"]
    assert payload["to_verify"]["persons"] == by_status["to_verify"] + by_status["not_searched"]


@pytest.mark.django_db
def test_page_pdf_and_csv_name_the_status_of_single_cells_alike(city: City, cast: Cast, seen: Seen) -> None:
    """Cells that nobody searched and cells that were searched too little have the same status code, but two names."""
    seen(lat=48.866, lng=2.35, persons=3, minutes=20, hours_ago=30)
    fold.fold_outbox()
    report = make_report(city.root, Period.latest(), cast.diane)
    single = {**report.payload["zones"][0], "cells": 1, "status": "not_searched", "contested": False}
    days = [None, 3, None, 5, None]
    report.payload["zones"] = [
        {**single, "key": f"cell-{number}", "number": number, "searched_days": searched, "persons": number}
        for number, searched in enumerate(days, start=1)
    ]
    report.payload["shapes"] = report.payload["shapes"][:1] * len(days)
    with translation.override("en"):
        rows = report_presenter.present(report).zones.rows
        table = list(
            csv.DictReader(io.StringIO(bytes_of(report, ExportFormat.WORDS).decode("utf-8-sig")), delimiter=";")
        )
        text = " ".join(
            each.extract_text() for each in pypdf.PdfReader(io.BytesIO(bytes_of(report, ExportFormat.PDF))).pages
        )
    people: dict[str, int] = {}
    for line in table:
        people[line["status"]] = people.get(line["status"], 0) + int(line["people likely"])
    assert len(people) == 2
    assert {row.named: int(row.figures["persons"]) for row in rows} == people
    assert all(name in " ".join(text.split()) for name in people)
