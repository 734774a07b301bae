"""A report on its way: filing → outbox → a real Celery worker → zone → tile (the export is in test_report_digits)."""

import pytest
from django.db import DatabaseError

from mapping.coverage.folding import fold, reconciliation
from mapping.map.live import tiles
from mapping.models import CellState, CellTouch, Zone
from needs import signals
from needs.models import Encounter
from tests.conftest import until
from tests.forked_workers import Worker
from tests.support import City, Seen


@pytest.mark.worker
def test_an_encounter_reaches_the_tile_through_a_real_worker(worker: Worker, city: City, seen: Seen) -> None:
    before = tiles.draw(12, 2074, 1409, city.root.path, None)
    filed = seen(persons=6, minutes=30)
    assert CellTouch.objects.filter(report=filed.id).exists() or CellState.objects.filter(a__gt=0).exists()
    until(lambda: CellState.objects.filter(a__gt=5).exists(), 20, "the worker did not fold the report")
    until(lambda: not CellTouch.objects.exists(), 60, "the outbox was not drained")
    state = CellState.objects.get(a__gt=5)
    assert state.zone is not None
    zone = Zone.objects.live().get(key=state.zone)
    assert zone.status == state.status
    assert zone.persons >= 5
    assert tiles.draw(12, 2074, 1409, city.root.path, None) != before


@pytest.mark.django_db(transaction=True)
def test_a_report_and_its_outbox_row_are_stored_together_or_not_at_all(
    city: City, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a column is missing, so that only the outbox row cannot be stored
    too_few = "INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell) "
    monkeypatch.setattr(signals.outbox, "insert", too_few)
    with pytest.raises(DatabaseError, match="more expressions than target columns"):
        seen()
    assert (Encounter.objects.count(), CellTouch.objects.count()) == (0, 0)


def test_the_incremental_state_equals_a_recompute_from_the_ledger(city: City, seen: Seen) -> None:
    for step in range(12):
        seen(lat=48.866 + step * 0.0007, persons=step % 5, minutes=20 if step % 3 else None, hours_ago=step * 30)
        fold.fold_outbox()
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9
