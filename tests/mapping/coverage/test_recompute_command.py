"""Full recomputes: reports that arrive meanwhile are not lost, and a second connection reads the same rows."""

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage import ledger
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.coverage.folding.reading_beside import at_once, reading_beside
from mapping.models import CellState, CellTouch, Parameters, Recompute
from needs.reports import filing
from needs.reports.declarations import Place, PresenceDraft
from solidarity.lib.database.snapshot import snapshot
from tests.support import Seen


def _connection_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


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


@pytest.mark.django_db(transaction=True)
def test_a_second_connection_reads_only_while_both_see_the_same() -> None:
    own = _connection_id()
    with transaction.atomic(), reading_beside() as beside:
        assert beside(_connection_id)() != own
        with pytest.raises(ZeroDivisionError):
            beside(lambda: 1 // 0)()
    with transaction.atomic():
        Recompute.objects.create(job="test")
        with reading_beside() as beside:
            assert beside(lambda: (_connection_id(), Recompute.objects.count()))() == (own, 1)
    with snapshot(), reading_beside() as beside:
        assert beside(_connection_id)() == own


@pytest.mark.django_db(transaction=True)
def test_a_recompute_stores_the_same_with_one_connection_and_with_two(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(persons=6, minutes=30, contacts=2)
    filing.report_presence(PresenceDraft(at=timezone.now(), place=Place(48.866, 2.345), source="s1"))
    fold.fold_outbox()
    moment = timezone.now() + timedelta(hours=5)
    rebuild.recompute_all(moment)  # so that both recomputes begin with the same statuses
    used = []
    for with_two in (True, False):
        if not with_two:
            monkeypatch.setattr(rebuild, "reading_beside", lambda: nullcontext(at_once))
        CellState.objects.update(day=0, a=9, x=9, xt=8, shape=9, help=[1.0] * 9)
        rebuild.recompute_all(moment)
        used.append(list(CellState.objects.order_by("cell").values()))
    assert used[0] == used[1]
    assert any(row["ac"] > 0 for row in used[0]) and any(sum(row["help"]) == 2 for row in used[0])
