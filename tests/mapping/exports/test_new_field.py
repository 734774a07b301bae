"""A field that somebody adds to a declaration is in every file, with its heading and the words of its choices."""

import csv
import dataclasses
import io
import json
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import openpyxl
import pyogrio
import pytest
from django.db import connection, models
from django.utils import translation

from mapping.enums import ExportFormat
from mapping.out.event_log import event_types, log_export
from mapping.out.event_log.event_fields import log_fields
from mapping.out.event_log.event_types import DRAFT_OF
from mapping.out.exports import row_geopackage
from mapping.out.exports.row_columns import ROW_COLUMNS, RowColumns, columns_of
from mapping.out.exports.row_export import selected
from mapping.out.exports.row_formats import FORMATS
from mapping.out.report_figures.report_period import Period
from needs.base.records.declarations import EncounterDraft
from needs.base.records.field_declarations import Declared, FieldType
from needs.models import Encounter
from tests.support import City, Seen


class Mood(models.TextChoices):
    GOOD = "good", "in good spirits"
    LOW = "low", "low; tired"


def said(type: FieldType, column: str, **more: Any) -> Declared:
    return Declared(
        type=type, meaning="Invented.", row_export=column, row_heading=f"the {column}", row_tag=f"#indicator+{column}",
        **more,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaterDraft(EncounterDraft):
    """An encounter with a field of each type that a file can have."""

    later_count: Annotated[int, said(FieldType.COUNT, "later_count", most=20)] = 0
    later_minutes: Annotated[float | None, said(FieldType.MINUTES, "later_minutes", most=60)] = None
    later_flag: Annotated[bool, said(FieldType.FLAG, "later_flag")] = False
    later_choice: Annotated[str, said(FieldType.CHOICE, "later_choice", choices=Mood)] = Mood.GOOD
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)


@pytest.fixture
def later(city: City, seen: Seen) -> RowColumns:
    """An encounter with the new fields in the database, and the columns that follow from their declarations."""
    seen(persons=2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE needs_encounter ADD later_count smallint NOT NULL DEFAULT 3,"
            " ADD later_minutes double precision DEFAULT 12.5, ADD later_flag boolean NOT NULL DEFAULT true,"
            " ADD later_choice varchar(8) NOT NULL DEFAULT 'low'"
        )
    assert Encounter.objects.count() == 1
    return columns_of({**DRAFT_OF, "encounter": LaterDraft})


def written(format: ExportFormat, city: City, columns: RowColumns) -> bytes:
    out = io.BytesIO()
    if format == ExportFormat.GEOPACKAGE:
        assert row_geopackage.write(city.root, Period.latest(), out, columns=columns) == 1
    else:
        with selected(city.root, Period.latest(), columns) as chosen:
            assert chosen.write(format, out) == 1
    return out.getvalue()


NEW = ("later_count", "later_minutes", "later_flag", "later_choice")


def test_a_file_for_programs_has_the_new_field(city: City, later: RowColumns) -> None:
    [row] = csv.DictReader(io.StringIO(written(ExportFormat.CSV, city, later).decode()))
    assert [row[name] for name in NEW] == ["3", "12.5", "true", "low"]


@pytest.mark.parametrize(("language", "yes", "waited"), [("en", "yes", "12.5"), ("fr", "oui", "12,5")])
def test_a_file_for_people_has_its_heading_and_the_words_of_its_choices(
    city: City, later: RowColumns, language: str, yes: str, waited: str
) -> None:
    with translation.override(language):
        [row] = csv.DictReader(io.StringIO(written(ExportFormat.WORDS, city, later).decode("utf-8-sig")), delimiter=";")
    assert [row[f"the {name}"] for name in NEW] == ["3", waited, yes, "low; tired"]


def test_a_workbook_has_it(city: City, later: RowColumns) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(ExportFormat.XLSX, city, later))).worksheets[0]
    heads, values = (list(row) for row in sheet.iter_rows(values_only=True))
    row = dict(zip(heads, values, strict=True))
    assert [row[name] for name in NEW] == [3, 12.5, True, "low"]


def test_geojson_has_it(city: City, later: RowColumns) -> None:
    [feature] = json.loads(written(ExportFormat.GEOJSON, city, later))["features"]
    assert [feature["properties"][name] for name in NEW] == [3, 12.5, True, "low"]


def test_a_geopackage_has_it_with_its_type(city: City, later: RowColumns) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.gpkg"
        path.write_bytes(written(ExportFormat.GEOPACKAGE, city, later))
        meta, _ids, _points, arrays = pyogrio.raw.read(path)
    row = {name: array[0] for name, array in zip(meta["fields"], arrays, strict=True)}
    assert [row[name] for name in NEW] == [3, 12.5, True, "low"]


def test_the_event_log_writes_it_and_reads_it_again(
    city: City, later: RowColumns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DRAFT_OF, "encounter", LaterDraft)
    monkeypatch.setitem(log_export._SELECT, "encounter", log_export._report("encounter"))
    found = {**event_types.FIELDS["encounter"], **log_fields(LaterDraft)}
    monkeypatch.setitem(event_types.FIELDS, "encounter", found)
    out = io.BytesIO()
    assert log_export.export(out)["encounter"] == 1
    [event] = [event for event in map(json.loads, out.getvalue().splitlines()) if event["type"] == "encounter"]
    assert [event[name] for name in NEW] == [3, 12.5, True, "low"]
    read, _unknown = event_types.read(json.dumps(event))
    assert [read.values[name] for name in NEW] == [3, 12.5, True, "low"]


def test_every_format_of_rows_is_tried_here() -> None:
    tried = {ExportFormat.CSV, ExportFormat.WORDS, ExportFormat.XLSX, ExportFormat.GEOJSON}
    assert set(FORMATS) == tried


def test_the_row_of_tags_has_it(city: City, later: RowColumns) -> None:
    assert len(later.tags()) == len(later.names) == len(ROW_COLUMNS.names) + len(NEW)
    assert {f"#indicator+{name}" for name in NEW} <= set(later.tags())


def test_the_lack_of_a_heading_or_a_type_without_column_is_refused_at_once() -> None:
    silent = Declared(type=FieldType.COUNT, meaning="Invented.", row_export="cats")

    @dataclass(frozen=True, slots=True)
    class Silent(EncounterDraft):
        cats: Annotated[int, silent] = 0

    with pytest.raises(ValueError, match="cats: row_export needs row_heading and row_tag, too"):
        columns_of({**DRAFT_OF, "encounter": Silent})

    @dataclass(frozen=True, slots=True)
    class Wordy(EncounterDraft):
        story: Annotated[str, said(FieldType.TEXT, "story")] = ""

    with pytest.raises(ValueError, match="story: a field of the type text is in no row export"):
        columns_of({**DRAFT_OF, "encounter": Wordy})
