"""Exports of the ledger with one report per row, and the worker that makes the files."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import openpyxl
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat, ExportKind, ExportState
from mapping.models import Export
from mapping.out.exports import export_jobs, report_files, row_export, row_formats
from mapping.out.exports.report_files import write_file
from mapping.out.exports.row_export import selected, stream_reports
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.enums import ReportKind
from needs.models import Aid, CitizenReport, Encounter, Need, TourCell
from needs.reports import filing
from solidarity.lib.files.formula_injection import DANGEROUS, neutral
from tests import filing_verbs
from tests.conftest import ROOT, environment, until
from tests.forked_workers import Worker
from tests.streamed_answers import streamed
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Assignment, Association, Cell, Territory

PARIS = ZoneInfo("Europe/Paris")

_ODD_NAMES = (
    "=1+1", "-2", "+3", "@SUM(A1)", 'a "quoted" name', "comma, semicolon; tab\tend", "line\nend\r\n", "\\.", "\\N",
    "null", "<b>&amp;</b>", "الجمعية الخيرية", "د. محمد", " leading and trailing ", "é" * 60, "'", "'=1", "😀", "]]>",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Reset the language: a request in French leaves French active in the process."""
    with translation.override("en"):
        yield


def exported(format: str, territory: Territory, period: Period | None = None) -> bytes:
    days = period or Period.latest()
    out = io.BytesIO()
    stream_reports(format, territory, days.start, days.end, out)
    return out.getvalue()


def table(territory: Territory, period: Period | None = None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", territory, period).decode(), newline="")))


def row_count(territory: Territory, period: Period) -> int:
    with selected(territory, period) as chosen:
        return chosen.count()


@pytest.fixture
def ledger(city: City, cast: Cast, seen: Seen) -> None:
    """Reports of every kind in Nord and Sud; one is retracted, one is far away, one is old."""
    at, nord, sud = timezone.now() - timedelta(hours=3), DraftPlace(48.866, 2.35), DraftPlace(48.855, 2.34)
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=at)
    from needs.models import Tour

    cells = list(Cell.objects.filter(territory=city.nord).values_list("cell", flat=True)[:4])
    filing.close_tour(Tour.objects.get(pk=tour.id), ended_at=at + timedelta(hours=1), cells=cells)
    seen(persons=3, asked=["food", "tent"], given=["food"], minutes=12.34, note="free text", note_pinned=True)
    seen(lat=48.855, lng=2.34, persons=0)
    seen(lat=45.0, lng=5.0)
    seen(hours_ago=24 * 300)
    gone = seen(persons=9)
    filing.retract(ReportKind.ENCOUNTER, gone.id, author=cast.bob.pk)
    filing.report_presence(PresenceDraft(at=at, place=nord, source="a", text="free text"))
    filing_verbs.report_need(
        NeedDraft(at=at, place=sud, kinds=["shelter"], urgency="now", text="free text", contact="0601020304")
    )
    filing.log_aid(AidDraft(at=at, place=nord, contacts=2, given=["blanket"]), association=cast.other.pk, author=None)


# --- rows ----------------------------------------------------------------------------------------------------------


def test_the_rows_are_those_of_the_ledger(city: City, ledger: None) -> None:
    period = Period.latest()
    start, end = period.bounds
    inside = list(Cell.objects.values_list("cell", flat=True))
    expected = {
        str(report.pk)
        for model in (Encounter, CitizenReport, Need, Aid)
        for report in model.objects.live().between(start, end).filter(cell__in=inside)
    }
    found = table(city.root)
    assert {row["id"] for row in found if row["kind"] != "tour"} == expected
    assert len(found) == len(expected) + TourCell.objects.count() == row_count(city.root, period)
    assert sum(int(row["persons"] or 0) for row in found if row["kind"] == "encounter") == 3


def test_a_row_says_what_was_reported_and_nothing_that_leads_to_somebody(city: City, ledger: None) -> None:
    [met] = [row for row in table(city.nord) if row["kind"] == "encounter"]
    stored = Encounter.objects.get(pk=met["id"])
    assert met["association"] == "Maraude du Nord"
    assert (met["persons"], met["contacts"], met["minutes"]) == ("3", "3", "12.3")
    assert (met["asked"], met["given"]) == ("food tent", "food")
    assert met["cell"] == h3.int_to_str(stored.cell)
    assert (float(met["latitude"]), float(met["longitude"])) == pytest.approx(h3.cell_to_latlng(stored.cell), abs=1e-6)
    local = stored.at.astimezone(PARIS)
    assert met["at"] == f"{local:%Y-%m-%d %H}:00:00"
    for format in ("csv", "geojson"):
        text = exported(format, city.root).decode()
        assert "free text" not in text
        assert "0601020304" not in text
        assert "48.866," not in text


def test_a_territory_exports_its_own_cells_alone(city: City, ledger: None) -> None:
    assert {row["kind"] for row in table(city.sud)} == {"encounter", "need"}
    assert {row["kind"] for row in table(city.nord)} == {"tour", "encounter", "citizen_report", "aid"}


def test_geojson_is_valid_and_says_the_same_as_the_csv(city: City, ledger: None) -> None:
    whole = json.loads(exported("geojson", city.root))
    assert whole["type"] == "FeatureCollection"
    plain = {(row["kind"], row["id"], row["cell"]): row for row in table(city.root)}
    assert len(whole["features"]) == len(plain)
    for feature in whole["features"]:
        assert feature["type"] == "Feature"
        properties = feature["properties"]
        row = plain[properties["kind"], properties["id"], properties["cell"]]
        assert feature["geometry"] == {
            "type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]
        }  # fmt: skip
        for name in ("persons", "contacts", "minutes"):
            assert properties[name] == (float(row[name]) if row[name] else None)
        for name in ("asked", "given"):
            assert (properties[name] or []) == row[name].split()
        for name in ("association", "urgency", "state"):
            assert properties[name] == (row[name] or None)
        assert properties["at"] == row["at"].replace(" ", "T")


def test_the_workbook_says_the_same_as_the_csv(city: City, ledger: None) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx", city.root))).active
    [head, *lines] = sheet.iter_rows(values_only=True)
    assert list(head) == list(row_export.COLUMNS)
    plain = {(row["kind"], row["id"], row["cell"]): row for row in table(city.root)}
    assert len(lines) == len(plain)
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        row = plain[cells["kind"], cells["id"], cells["cell"]]
        assert cells["at"] == datetime.fromisoformat(row["at"])
        for name in ("latitude", "longitude", "persons", "contacts", "minutes"):
            assert cells[name] == (float(row[name]) if row[name] else None)
        assert (cells["asked"] or "") == row["asked"]
        assert (cells["association"] or "") == row["association"]


def test_an_empty_territory_gives_files_without_rows(city: City) -> None:
    assert table(city.root) == []
    assert json.loads(exported("geojson", city.root)) == {"type": "FeatureCollection", "features": []}
    assert openpyxl.load_workbook(io.BytesIO(exported("xlsx", city.root))).active.max_row == 1


def test_a_sparse_territory_exports_the_reports_below_its_cells(city: City, cast: Cast, seen: Seen) -> None:
    from mapping.coverage.folding import territory_cells

    city.nord.coverage.adaptive, city.nord.coverage.resolution = False, 8
    city.nord.coverage.save()
    territory_cells.assign_cells(city.root)
    lat, lng = h3.cell_to_latlng(Cell.objects.filter(territory=city.nord)[0].cell)
    filed = seen(lat=lat, lng=lng)
    [row] = table(city.nord)
    assert row["id"] == str(filed.id)
    assert h3.get_resolution(h3.str_to_int(row["cell"])) == 9


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2025, 10, 26)])
def test_days_are_local_also_when_clocks_change(city: City, cast: Cast, day: date) -> None:
    first, last = Period(day, day).bounds
    wanted = [first, last - timedelta(seconds=1)]
    for moment in [first - timedelta(seconds=1), *wanted, last]:
        draft = EncounterDraft(at=moment, place=DraftPlace(48.866, 2.35), persons=1)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    assert sorted(row["at"] for row in table(city.root, Period(day, day))) == [f"{day} 00:00:00", f"{day} 23:00:00"]


# --- formulas ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", list(DANGEROUS))
def test_a_dangerous_beginning_gets_an_apostrophe(sign: str) -> None:
    assert neutral(f"{sign}1+1") == f"'{sign}1+1"
    assert neutral(f"a{sign}") == f"a{sign}"


def test_odd_values_are_the_same_in_each_format_as_if_python_wrote_them(city: City, cast: Cast) -> None:
    cell = Cell.objects.filter(territory=city.nord)[0]
    for number, name in enumerate(_ODD_NAMES):
        _odd_reports(cell.cell, Association.objects.create(slug=f"odd-{number}", name=name).pk)
    expected = {}
    for met in Encounter.objects.select_related("association"):
        name = re.sub("[\x01-\x1f]+", " ", met.association.name)
        expected[str(met.pk)] = {
            "kind": "encounter", "at": f"{met.at.astimezone(PARIS):%Y-%m-%dT%H}:00:00", "cell": h3.int_to_str(met.cell),
            "association": name, "persons": met.persons, "contacts": met.contacts, "asked": met.asked, "given": met.given,
            "minutes": None if met.minutes is None else round(met.minutes * 10) / 10, "urgency": None, "state": None,
        }  # fmt: skip
    assert len(expected) == 10 * len(_ODD_NAMES)
    mapped = {
        each["properties"]["id"]: {key: value for key, value in each["properties"].items() if key != "id"}
        for each in json.loads(exported("geojson", city.root))["features"]
    }
    assert mapped == expected
    plain = {
        key: {
            name: neutral(" ".join(value) if isinstance(value, list) else "" if value is None else str(value))
            for name, value in row.items()
        }
        for key, row in expected.items()
    }
    listed = {row["id"]: row for row in table(city.root)}
    book = openpyxl.load_workbook(io.BytesIO(exported("xlsx", city.root))).active
    [head, *lines] = ([cell.value for cell in line] for line in book.iter_rows())
    shown = {row["id"]: row for row in (dict(zip(head, line, strict=True)) for line in lines)}
    assert set(listed) == set(shown) == set(plain)
    for key, row in plain.items():
        in_csv, in_book = listed[key], shown[key]
        for name in ("kind", "cell", "association", "asked", "given", "urgency", "state"):
            assert in_csv[name] == (in_book[name] or "") == row[name]
        for name in ("persons", "contacts", "minutes"):
            assert (float(in_csv[name]) if in_csv[name] else None) == in_book[name] == expected[key][name]
        assert datetime.fromisoformat(in_csv["at"]) == in_book["at"] == datetime.fromisoformat(row["at"])
    assert all(cell.data_type != "f" for line in book.iter_rows() for cell in line)


def _odd_reports(cell: int, association: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO needs_encounter (id, content_hash, at, filed_at, cell, channel, archive, association_id, persons,"
            " contacts, minutes, asked, given, note, note_pinned, consent, place_text) SELECT gen_random_uuid(), '',"
            " now() - i * interval '1 hour', now(), %s, 'web', true, %s, i %% 5, i %% 2,"
            " CASE WHEN i %% 3 > 0 THEN i * 1.37 END, (ARRAY['{}', '{food,tent}', '{-x}'])[1 + i %% 3]::text[],"
            " '{}', '=1+1', false, true, '' FROM generate_series(1, 10) i",
            [cell, association],
        )


def test_a_name_that_is_a_formula_is_shown_and_not_run(city: City, cast: Cast, seen: Seen) -> None:
    cast.maraude.name = '=HYPERLINK("http://x","a"&"b") <&>'
    cast.maraude.save()
    seen(note="=1+1", note_pinned=True)
    assert table(city.root)[0]["association"] == "'" + cast.maraude.name
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx", city.root))).active
    cell = sheet.cell(2, row_export.COLUMNS.index("association") + 1)
    assert cell.value == "'" + cast.maraude.name
    assert cell.data_type != "f"
    assert json.loads(exported("geojson", city.root))["features"][0]["properties"]["association"] == cast.maraude.name


def test_files_of_a_zone_report_are_safe_too(city: City, cast: Cast, seen: Seen) -> None:
    city.nord.name = "@SUM(A1)"
    city.nord.save()
    seen(note="=1+1", note_pinned=True)
    fold.fold_outbox()
    report = make_report(city.root, Period.latest(), cast.diane)
    plain, book = io.BytesIO(), io.BytesIO()
    write_file(report, ExportFormat.CSV, plain)
    write_file(report, ExportFormat.XLSX, book)
    names = {row["territory"] for row in csv.DictReader(io.StringIO(plain.getvalue().decode()))}
    assert "'@SUM(A1)" in names
    values = [
        cell for sheet in openpyxl.load_workbook(book) for line in sheet.iter_rows() for cell in line if cell.value
    ]
    assert all(cell.data_type != "f" for cell in values)
    texts = {cell.value for cell in values}
    assert {"'=1+1", "'@SUM(A1)"} <= texts
    assert not {"=1+1", "@SUM(A1)"} & texts


# --- jobs ----------------------------------------------------------------------------------------------------------


def asked_for(cast: Cast, territory: Territory, format: ExportFormat = ExportFormat.CSV) -> Export:
    period = Period.latest()
    return Export.objects.create(
        kind=ExportKind.REPORTS,
        format=format,
        territory=territory,
        start=period.start,
        end=period.end,
        author=cast.diane,
    )


def test_only_the_author_fetches_a_file_and_only_as_a_coordinator(
    city: City, cast: Cast, ledger: None, signed_in: SignedIn
) -> None:
    export = asked_for(cast, city.root)
    assert export_jobs.run(export.pk) == ExportState.DONE
    address = reverse("mapping:export_file", args=[export.pk])
    answer = signed_in(cast.diane).get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    period = Period.latest()
    assert f'filename="solidarity-ville-{period.start}-{period.end}-reports.csv"' in answer["Content-Disposition"]
    assert streamed(answer) == export_jobs.path_of(export).read_bytes()
    for other in (cast.farid, cast.bob, cast.alice):
        client = signed_in(other)
        assert client.get(address).status_code == 404
        assert client.get(reverse("mapping:export", args=[export.pk])).status_code == 404
        assert client.post(reverse("mapping:export_retry", args=[export.pk])).status_code == 404
    Assignment.objects.filter(user=cast.diane).update(ended_at=timezone.now())
    assert signed_in(cast.diane).get(address).status_code == 404
    assert signed_in(cast.diane).get(reverse("mapping:export_file", args=[uuid.uuid4()])).status_code == 404


def test_a_file_that_is_not_ready_is_not_there(city: City, cast: Cast, signed_in: SignedIn) -> None:
    export = asked_for(cast, city.root)
    assert signed_in(cast.diane).get(reverse("mapping:export_file", args=[export.pk])).status_code == 404


def test_making_a_file_twice_changes_nothing(city: City, cast: Cast, ledger: None) -> None:
    export = asked_for(cast, city.root)
    export_jobs.run(export.pk)
    before = export_jobs.path_of(export).stat()
    finished = Export.objects.get(pk=export.pk).finished_at
    assert export_jobs.run(export.pk) == ExportState.DONE
    assert export_jobs.path_of(export).stat().st_mtime_ns == before.st_mtime_ns
    assert Export.objects.get(pk=export.pk).finished_at == finished
    assert not list(export_jobs.path_of(export).parent.glob(f".{export.pk}*"))


def test_a_file_whose_maker_died_is_made_anew(city: City, cast: Cast, ledger: None) -> None:
    export = asked_for(cast, city.root)
    Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING, done=1, total=5)
    assert export_jobs.run(export.pk) == ExportState.DONE
    assert export_jobs.path_of(export).is_file()


def test_two_workers_do_not_make_one_file(city: City, cast: Cast) -> None:
    export = asked_for(cast, city.root)
    with export_jobs._alone(export.pk) as side:
        assert side is not None
        assert export_jobs.run(export.pk) is None
    assert Export.objects.get(pk=export.pk).state == ExportState.WAITING


def test_a_failure_says_why_and_can_be_retried(
    city: City, cast: Cast, ledger: None, signed_in: SignedIn, tmp_path: Path, settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    settings.EXPORTS_ROOT = blocked
    export = asked_for(cast, city.root)
    Export.objects.filter(pk=export.pk).update(language="fr")
    assert export_jobs.run(export.pk) == ExportState.FAILED
    export.refresh_from_db()
    assert export.error
    assert str(blocked) not in export.error
    client = signed_in(cast.diane)
    page = client.get(reverse("mapping:export", args=[export.pk])).content.decode()
    assert export.error.split(".")[0].replace("'", "&#x27;") in page
    assert reverse("mapping:export_retry", args=[export.pk]) in page
    settings.EXPORTS_ROOT = tmp_path
    with django_capture_on_commit_callbacks() as sent:
        client.post(reverse("mapping:export_retry", args=[export.pk]))
    assert len(sent) == 1
    assert export_jobs.run(export.pk) == ExportState.DONE
    assert export_jobs.retry(export) is False


def test_a_workbook_past_its_last_row_is_refused_in_plain_words(
    city: City, cast: Cast, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_formats.Workbook, "most", 2)
    export = asked_for(cast, city.root, ExportFormat.XLSX)
    assert export_jobs.run(export.pk) == ExportState.FAILED
    export.refresh_from_db()
    assert "Choose a shorter period, or CSV." in export.error


def test_each_format_is_written_by_something() -> None:
    assert {*report_files.FILES, *export_jobs.ROW_FORMATS} == {*ExportFormat}


def test_files_go_after_a_week(city: City, cast: Cast, ledger: None) -> None:
    old, young = asked_for(cast, city.root), asked_for(cast, city.root)
    for export in (old, young):
        export_jobs.run(export.pk)
    Export.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=7, minutes=1))
    stray = export_jobs.path_of(young).parent / "stray.csv"
    stray.write_text("")
    long_ago = time.time() - 8 * 24 * 3600
    os.utime(stray, (long_ago, long_ago))
    assert export_jobs.drop_old() == 1
    assert not export_jobs.path_of(old).exists()
    assert not stray.exists()
    assert export_jobs.path_of(young).is_file()
    assert list(Export.objects.all()) == [young]


def test_what_nobody_finishes_is_asked_for_again_and_not_for_ever(city: City, cast: Cast) -> None:
    late, stuck, fresh = asked_for(cast, city.root), asked_for(cast, city.root), asked_for(cast, city.root)
    now = timezone.now()
    Export.objects.filter(pk=late.pk).update(made_at=now - timedelta(minutes=2))
    Export.objects.filter(pk=stuck.pk).update(made_at=now - timedelta(hours=3), state=ExportState.RUNNING)
    assert export_jobs.resume(now) == 1
    stuck.refresh_from_db()
    fresh.refresh_from_db()
    assert stuck.state == ExportState.FAILED
    assert stuck.error
    assert fresh.state == ExportState.WAITING


def test_a_report_file_made_before_is_given_again(city: City, cast: Cast, signed_in: SignedIn) -> None:
    report = make_report(city.root, Period.latest(), cast.diane)
    client = signed_in(cast.diane)
    for _time in range(2):
        client.post(reverse("mapping:report_file", args=[report.pk]), {"format": "csv"})
    assert Export.objects.count() == 1
    export_jobs.run(Export.objects.get().pk)
    client.post(reverse("mapping:report_file", args=[report.pk]), {"format": "csv"})
    assert Export.objects.count() == 1
    client.post(reverse("mapping:report_file", args=[report.pk]), {"format": "csv"}, headers={"Accept-Language": "fr"})
    assert Export.objects.count() == 2


def test_the_line_of_a_file_asks_for_itself_until_it_is_ready(city: City, cast: Cast, signed_in: SignedIn) -> None:
    export = asked_for(cast, city.root)
    Export.objects.filter(pk=export.pk).update(state=ExportState.RUNNING, done=25_000, total=100_000)
    client = signed_in(cast.diane)
    address = reverse("mapping:export", args=[export.pk])
    part = client.get(address, headers={"HX-Request": "true", "Accept-Language": "fr"}).content.decode()
    assert f'hx-get="{address}"' in part
    assert 'value="0.250"' in part
    assert "<html" not in part
    export_jobs.run(export.pk)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert reverse("mapping:export_file", args=[export.pk]) in part
    assert 'hx-swap-oob="innerHTML:#export-said"' in part


@pytest.mark.worker
def test_a_real_worker_makes_the_file_and_counts_its_rows(
    worker: Worker, city: City, cast: Cast, ledger: None, signed_in: SignedIn
) -> None:
    client = signed_in(cast.diane)
    period = Period.latest()
    values = {"territory": "ville", "start": str(period.start), "end": str(period.end), "format": "geojson"}
    page = client.post(reverse("mapping:export_rows"), values)
    export = Export.objects.get()
    assert page.headers["Location"] == reverse("mapping:export", args=[export.pk])
    until(lambda: Export.objects.get().state == ExportState.DONE, 30, "the worker did not make the file")
    export.refresh_from_db()
    assert export.done == export.total == row_count(city.root, period) > 5
    answer = client.get(reverse("mapping:export_file", args=[export.pk]))
    assert len(json.loads(streamed(answer))["features"]) == export.total
    assert export.size == int(answer["Content-Length"])


# --- many rows -----------------------------------------------------------------------------------------------------

_CHILD = """
import resource, sys, django
django.setup()
from datetime import date
from mapping.out.exports import row_export as rows
from volunteers.models import Territory
from mapping.out.report_figures.report_period import Period
territory = Territory.objects.get(slug="ville")
told = []
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
with open(sys.argv[2], "wb") as out, rows.selected(territory, Period(*map(date.fromisoformat, sys.argv[3:5]))) as chosen:
    before = resident()
    count = chosen.write(sys.argv[1], out, told.append)
    peak = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
print(count, len(told), told == sorted(told), told[-1], round(peak - before, 1))
"""


@pytest.mark.repetition  # a large size of the tests above
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_need_little_memory(
    city: City, cast: Cast, own_broker: str, own_media: Path, tmp_path: Path
) -> None:
    cells = list(Cell.objects.values_list("cell", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO needs_encounter (id, content_hash, at, filed_at, cell, channel, archive, association_id, persons,"
            " contacts, asked, given, note, note_pinned, consent, place_text) SELECT gen_random_uuid(), '', now() -"
            " (i %% 600) * interval '1 hour', now(), (%s::bigint[])[1 + i %% %s], 'web', true, %s, i %% 5, i %% 2,"
            " '{food,tent}', '{}', '', false, true, '' FROM generate_series(1, 100000) i",
            [cells, len(cells), cast.maraude.pk],
        )
    period = Period.latest()
    for format in ("csv", "geojson", "xlsx"):
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, format, str(tmp_path / "out"), str(period.start), str(period.end)],
            cwd=ROOT, env={**environment(own_broker, own_media), "DJANGO_SETTINGS_MODULE": "solidarity.settings"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        count, told, ordered, last, grown = done.stdout.split()
        assert int(count) == int(last) == 100_000
        assert int(told) >= 5
        assert ordered == "True"
        assert float(grown) < 25, f"{format} took {grown} MB"
