"""Reports that arrive during a full recompute are not lost."""

import threading

import pytest
from django.db import connection

from mapping.coverage import ledger
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.models import CellState, CellTouch, Parameters
from tests.support import Seen


@pytest.mark.django_db(transaction=True)
def test_a_report_filed_while_the_evidence_is_written_anew_is_folded_later(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ledger.rebuild

    def file_from_elsewhere() -> None:
        seen(persons=6, minutes=30)
        connection.close()

    def rebuilt() -> None:
        whole()
        other = threading.Thread(target=file_from_elsewhere)
        other.start()
        other.join()

    monkeypatch.setattr(ledger, "rebuild", rebuilt)
    rebuild.recompute_all(rebuild=True)
    assert CellTouch.objects.count() == 1
    fold.fold_outbox()
    assert CellState.objects.filter(a__gt=5).count() == 1


def test_without_any_territory_there_is_nothing_to_compute_and_nothing_fails(parameters: Parameters) -> None:
    run = rebuild.recompute_all(rebuild=True)
    assert (run.cells, run.zones) == (0, 0)
    assert reconciliation.reconcile().difference == 0
