"""Real files on the import page: what is history, and what a crisis map loses (needs SOLIDARITY_DATA)."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon

from needs.base.records.declarations import AidDraft, NeedDraft
from needs.enums import UNFINISHED_STATES, NeedState, Urgency
from needs.reports.importers.any_table import label_meanings
from needs.reports.importers.any_table.column_mapping import ColumnMapping, RowKind
from needs.reports.importers.any_table.file_age import is_mostly_old
from needs.reports.importers.any_table.mapped_rows import MappedRows
from needs.reports.importers.any_table.mapping_proposal import SAMPLE_ROWS, propose
from needs.reports.importers.any_table.uploaded_tables import convert, plain_table
from needs.reports.importers.import_run import plan_row
from needs.reports.importers.profile import ImportContext
from needs.reports.importers.row_outcomes import Plan
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Table

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not settings.DATA_DIR, reason="SOLIDARITY_DATA names no folder with the real data sets"),
]
DATA = Path(settings.DATA_DIR or ".")
HAITI = DATA / "haiti_ushahidi" / "Haiti_contacts_replaced.csv"
CALLS = DATA / "la311" / "la311_homeless_encampment_2015-08_2016-12.csv"
NOW = datetime(2026, 12, 2, tzinfo=UTC)


def quakemap() -> Path | None:
    """Return the map of the earthquake in Nepal, if the folder has it: the only file with Actionable and Unactionable."""
    for path in sorted((*DATA.glob("*quakemap*/**/*.csv"), *DATA.glob("*nepal*/**/*.csv"))):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            if any("Unactionable" in row for row in csv.reader(file)):
                return path
    return None


def read(path: Path, tmp_path: Path) -> tuple[Table, ColumnMapping]:
    made = convert(path, tmp_path / "table.csv")
    table = plain_table(tmp_path / "table.csv", made.columns)
    sample = [row.values for row, _n in zip(table.rows(), range(SAMPLE_ROWS), strict=False) if row.values]
    return table, propose(made.columns, sample, "UTC")


def plans(table: Table, mapping: ColumnMapping) -> tuple[list[Plan], MappedRows]:
    world = Borders(MultiPolygon(Polygon.from_bbox((-179, -89, 179, 89)), srid=4326), [])
    planner = MappedRows(ImportContext(world, "relief", mapping.archive, NOW, ZoneInfo("UTC")), mapping)
    planner.survey(table.rows())
    return [plan_row(planner, row) for row in table.rows()], planner


def mapped_by_hand(table: Table, mapping: ColumnMapping) -> ColumnMapping:
    """Return the mapping of somebody who leaves our guesses and says "other" where we have no guess."""
    labels = label_meanings.counted(table.rows(), [mapping.columns["kinds"]])
    chosen = {key: "other" for key, (label, _number) in labels.items() if label_meanings.guess(label).unknown}
    assert len(chosen) <= 40, "a minute's work"
    return replace(mapping, labels=chosen)


def lost(made: list[Plan]) -> Iterator[Plan]:
    codes = {"unknown_category", "no_category"}
    return (plan for plan in made if plan.draft is None or codes & {reason.code for reason in plan.reasons})


def test_haiti_is_history_and_keeps_its_kinds_after_a_minute(tmp_path: Path) -> None:
    table, mapping = read(HAITI, tmp_path)
    assert is_mostly_old(table, mapping, NOW) and not is_mostly_old(table, mapping, datetime(2010, 2, 1, tzinfo=UTC))
    made, planner = plans(table, mapped_by_hand(table, mapping))
    assert len(made) == 3_593 and planner.notes()["unknown_kinds"] == {}
    assert len(list(lost(made))) <= 0.01 * len(made)
    given = [plan for plan in made if isinstance(plan.draft, AidDraft)]
    assert 0 < len(given) < 10, "only titles such as “Aid delivered to …”"
    assert planner.notes()["marked"]["approved"] == sum(row["APPROVED"] == "YES" for row in _rows(HAITI))


def test_no_old_complaint_of_los_angeles_goes_live(tmp_path: Path) -> None:
    table, mapping = read(CALLS, tmp_path)
    assert is_mostly_old(table, mapping, NOW)
    columns = {**mapping.columns, "kinds": "RequestSource"}  # the file has no kind of its own
    live, _planner = plans(table, replace(mapping, columns=columns))
    assert any(plan.state in UNFINISHED_STATES for plan in live)
    made, _planner = plans(table, replace(mapping, columns=columns, archive=True))
    assert not any(plan.state in UNFINISHED_STATES for plan in made)
    assert sum(plan.draft is not None for plan in made) == 16_126


@pytest.mark.skipif(not settings.DATA_DIR or quakemap() is None, reason="the folder does not have this map")
def test_the_map_of_the_earthquake_in_nepal_keeps_its_meaning(tmp_path: Path) -> None:
    path = quakemap()
    assert path is not None
    table, mapping = read(path, tmp_path)
    assert mapping.kind == RowKind.NEED and is_mostly_old(table, mapping, NOW)
    made, planner = plans(table, mapped_by_hand(table, mapping))
    marked = planner.notes()["marked"]
    assert (marked["closed"], marked["urgent"], marked["actionable"]) == (354, 538, 1_288)
    assert len(list(lost(made))) <= 0.01 * len(made)
    needs = [(plan, plan.draft) for plan in made if isinstance(plan.draft, NeedDraft)]
    assert Counter(plan.state for plan, _draft in needs)[NeedState.MET] == 354
    assert sum(draft.urgency == Urgency.NOW for _plan, draft in needs) >= 538
    given = [row for row, plan in zip(_rows(path), made, strict=True) if isinstance(plan.draft, AidDraft)]
    assert any("tents was sent" in cell for row in given for cell in row.values())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return list(csv.DictReader(file))
