"""Stored cell states: few are read and written with statements, many in the binary format; both give the same rows."""

from dataclasses import fields

import numpy as np
import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.utils import timezone

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.cell_states import CellStates
from mapping.coverage.folding import fold, rebuild
from mapping.models import CellState
from needs.base.records.declarations import DraftPlace, PresenceDraft
from needs.reports import filing
from solidarity.lib.database import binary_copy, prepared_statements
from tests.support import Cast, Seen

HERE = (48.866, 2.345)


@pytest.fixture
def cells(cast: Cast, seen: Seen) -> list[int]:
    """The cells of the territories: one with a search, help and a citizen's report, and one without a zone."""
    seen(*HERE, persons=3, minutes=30, contacts=2)
    filing.report_presence(PresenceDraft(at=timezone.now(), place=DraftPlace(*HERE), source="s1"))
    fold.fold_outbox()
    every = sorted(CellState.objects.values_list("cell", flat=True))
    CellState.objects.filter(cell=every[-1]).update(zone=None)
    return every


def assert_same(one: CellStates, other: CellStates) -> None:
    assert one.zone == other.zone and None in one.zone
    for field in fields(CellStates):
        if field.name not in ("zone", "posterior"):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
    assert one.posterior is not None and other.posterior is not None
    for name in ("shape", "rate", "mean", "theta", "chance"):
        np.testing.assert_array_equal(getattr(one.posterior, name), getattr(other.posterior, name))


def test_few_and_many_states_are_read_alike(cells: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_states, "FEW", len(cells))
    few = stored_states.of_cells(cells)
    monkeypatch.setattr(stored_states, "FEW", 0)
    many = stored_states.of_cells(cells)
    assert (few.help > 0).any() and (few.ac > 0).any() and 0 < np.isnan(few.last).sum() < len(few)
    assert_same(few, many)


def test_few_and_many_states_are_written_alike(cells: list[int]) -> None:
    states = stored_states.of_cells(cells)
    rows = np.flatnonzero(np.arange(len(states)) % 3 != 1)
    rows = np.union1d(rows, [len(states) - 1])  # the cell without a zone
    states.x[rows] += 0.1
    states.help[rows] += 1.0
    states.last[rows[0]] = np.nan
    prepared_statements.run_all([stored_states.update(states, rows)])
    few = list(CellState.objects.order_by("cell").values())
    states.a[:] = np.pi  # only the chosen rows may be written
    states.a[rows] = stored_states.of_cells(cells).a[rows]
    stored_states.rewrite(states, rows)
    assert list(CellState.objects.order_by("cell").values()) == few


def test_columns_with_one_value_and_equal_columns_are_written_alike(cells: list[int]) -> None:
    """They are not sent for each cell."""
    states = stored_states.of_cells(cells)
    rows = np.arange(len(states))
    states.day[:], states.ac[:], states.last[:], states.overridden[:], states.xt[:] = 0.1, 1 / 3, np.nan, True, states.x
    prepared_statements.run_all([stored_states.update(states, rows)])
    few = list(CellState.objects.order_by("cell").values())
    CellState.objects.update(day=9, ac=9, last_search=9, overridden=False, xt=9, x=9)
    stored_states.rewrite(states, rows)
    assert list(CellState.objects.order_by("cell").values()) == few


def test_states_in_several_blocks_are_written_alike(cells: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    states = stored_states.of_cells(cells)
    before = list(CellState.objects.order_by("cell").values())
    CellState.objects.update(x=9, help=[1.0] * 9, last_search=3)
    monkeypatch.setattr(stored_states, "BLOCK", 2)
    stored_states.rewrite(states, np.arange(len(states)))
    assert len(states) > 4 and list(CellState.objects.order_by("cell").values()) == before


def test_an_error_of_the_machine_in_the_thread_of_a_recompute_is_known_as_such(cells: list[int]) -> None:
    """Otherwise the fold would blame the reports. The thread bypasses Django's cursors."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$; "
            "CREATE TRIGGER refuse BEFORE UPDATE ON mapping_cellstate FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    with pytest.raises(OperationalError), transaction.atomic():
        rebuild.recompute_all()


def test_a_query_in_the_binary_format_that_fails_raises_an_error_of_django(db: None) -> None:
    with pytest.raises(DataError), transaction.atomic():
        binary_copy.read("SELECT 1::bigint / 0", [("cell", ">i8")])
