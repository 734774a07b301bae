"""Full recomputes: reports that arrive meanwhile are not lost, and a second connection reads the same rows."""

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from mapping.coverage.cells import ledger
from mapping.coverage.folding import fold, rebuild, reconciliation, region_locks
from mapping.coverage.folding.reading_beside import at_once, reading_beside
from mapping.models import CellState, CellTouch, Evidence, Parameters, Recompute
from needs.base.records.declarations import DraftPlace, PresenceDraft
from needs.models import Encounter
from needs.reports import filing
from solidarity.lib.database.snapshot import snapshot
from tests.conftest import until
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
def test_a_recompute_needs_no_second_connection(seen: Seen) -> None:
    """No further connection is allowed, as if all places were taken."""
    seen(persons=6, minutes=30)
    fold.fold_outbox()
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection._nodb_cursor() as elsewhere:
        elsewhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            assert rebuild.recompute_all(timezone.now() + timedelta(hours=1)).zones > 0
        finally:
            elsewhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.mark.django_db(transaction=True)
def test_what_a_lost_second_connection_did_not_read_is_read_on_the_first(seen: Seen) -> None:
    own = _connection_id()
    seen(persons=6, minutes=30)

    def lost_elsewhere() -> int:
        if _connection_id() != own:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Encounter.objects.count()

    with transaction.atomic(), reading_beside() as beside:
        first = beside(lost_elsewhere)
        second = beside(lambda: (_connection_id(), first()))
        assert (second(), first()) == ((own, 1), 1)


@pytest.mark.django_db(transaction=True)
def test_a_table_lock_that_waits_for_the_transaction_does_not_stop_its_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL sees no deadlock: it does not know that the transaction waits for the second connection."""
    monkeypatch.setattr(region_locks, "PATIENCE", 0.2)
    own = _connection_id()

    def lock() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'; LOCK TABLE mapping_evidence IN ACCESS EXCLUSIVE MODE")
        except OperationalError:  # it waited for too long
            pass
        finally:
            connection.close()

    other = threading.Thread(target=lock)
    with transaction.atomic(), reading_beside() as beside:
        Evidence.objects.count()
        other.start()
        until(_a_lock_is_awaited, 5, "nothing waits for the table")
        assert beside(lambda: (Evidence.objects.count(), _connection_id()))() == (0, own)
    other.join()


def _a_lock_is_awaited() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'mapping_evidence'::regclass AND NOT granted)"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_recompute_stores_the_same_with_one_connection_and_with_two(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(persons=6, minutes=30, contacts=2)
    filing.report_presence(PresenceDraft(at=timezone.now(), place=DraftPlace(48.866, 2.345), source="s1"))
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
