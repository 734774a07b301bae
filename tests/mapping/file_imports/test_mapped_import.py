"""An import from the command line with a saved mapping: several batches, a second run, and mappings that do not fit."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mapping.coverage.folding import fold
from mapping.models import Evidence
from mapping.out.file_imports.models import SavedMapping
from needs.doors.retention import erasure
from needs.enums import ReportKind
from needs.models import Encounter, ImportRun, Retraction
from needs.reports.importers.any_table.column_mapping import ColumnMapping, RowKind
from tests.support import Cast, City

pytestmark = pytest.mark.django_db

ROWS = 2_300  # more than two batches
MAPPING = ColumnMapping(
    {"serial": "N°", "date": "Date", "clock": "Heure", "place": "Lieu", "persons": "Vues"}, kind=RowKind.ENCOUNTER
)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Encounters in the north, each ten metres from the one before, in Windows-1252 with semicolons."""
    path = tmp_path / "rencontres.csv"
    rows = (f"{n};{n % 28 + 1:02}/11/2025;21h30;{48.866 + n % 40 / 1e4:.4f} / 2,350;{n % 4}\n" for n in range(ROWS))
    path.write_text("N°;Date;Heure;Lieu;Vues\n" + "".join(rows), encoding="cp1252")
    return path


def bring(sheet: Path, mapping: str, **more: object) -> str:
    out = StringIO()
    call_command(
        "import_reports", str(sheet), mapping=mapping, association="maraude-du-nord", territory="ville", stdout=out,
        ledger=sheet.with_suffix(".log"), **more,
    )  # fmt: skip
    return out.getvalue()


def test_a_file_of_several_batches_comes_in_once_with_the_mapping_saved_on_the_page(
    city: City, cast: Cast, sheet: Path
) -> None:
    SavedMapping.objects.create(association=cast.maraude, name="Carnet", mapping=MAPPING.as_json())
    assert f"{ROWS} rows" in bring(sheet, "Carnet", dry_run=True)
    assert (Encounter.objects.count(), ImportRun.objects.count()) == (0, 0)
    bring(sheet, "Carnet")
    run = ImportRun.objects.get()
    assert (run.rows, run.refused, Encounter.objects.filter(run=run, association=cast.maraude).count()) == (
        ROWS,
        0,
        ROWS,
    )
    assert Evidence.objects.count() == ROWS
    assert len(sheet.with_suffix(".log").read_text().splitlines()) == ROWS + 1
    assert f"{ROWS} already known" in bring(sheet, "Carnet")
    assert Encounter.objects.count() == ROWS


def test_a_mapping_comes_from_a_file_too_and_one_that_does_not_fit_is_refused_with_the_reason(
    city: City, cast: Cast, sheet: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(MAPPING.as_json()))
    assert "Nothing was stored" in bring(sheet, str(path), dry_run=True)
    SavedMapping.objects.create(association=cast.other, name="Soupe", mapping=MAPPING.as_json())
    with pytest.raises(CommandError, match="no saved mapping and no file 'Soupe'. Saved by maraude-du-nord: none"):
        bring(sheet, "Soupe")
    path.write_text(json.dumps({"columns": {"text": "Vues"}}))
    with pytest.raises(CommandError, match="Choose the column with the date"):
        bring(sheet, str(path))
    path.write_text(json.dumps(MAPPING.as_json() | {"columns": {**MAPPING.columns, "date": "Jour"}}))
    with pytest.raises(CommandError, match="The file has no column 'Jour'"):
        bring(sheet, str(path))
    path.write_text("[")
    with pytest.raises(CommandError, match="is no mapping in JSON"):
        bring(sheet, str(path))
    sheet.write_bytes(b"%PDF-1.4")
    with pytest.raises(CommandError, match="cannot be read"):
        SavedMapping.objects.create(association=cast.maraude, name="Carnet", mapping=MAPPING.as_json())
        bring(sheet, "Carnet")
    assert not ImportRun.objects.exists()


def test_many_imported_reports_are_taken_back_with_few_queries_and_exactly(city: City, cast: Cast, sheet: Path) -> None:
    SavedMapping.objects.create(association=cast.maraude, name="Carnet", mapping=MAPPING.as_json())
    bring(sheet, "Carnet")
    keys = list(Encounter.objects.values_list("pk", flat=True)[:500])
    with CaptureQueriesContext(connection) as asked:
        assert erasure.retract_and_delete({ReportKind.ENCOUNTER: keys}) == 500
    assert len(asked) < 40
    fold.recompute_after_import(500)
    left = set(Encounter.objects.values_list("pk", flat=True))
    assert len(left) == ROWS - 500 and set(Evidence.objects.values_list("report", flat=True)) == left
    assert not Retraction.objects.exists()
