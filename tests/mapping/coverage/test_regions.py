"""Each region is folded on its own: two regions at once, exactly at borders, and a stuck region or report delays no
other."""

import threading
import traceback
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import psycopg2
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping import tasks
from mapping.coverage.cells import stored_states
from mapping.coverage.folding import (
    cell_fold,
    debounced_fold,
    few_reports,
    fold,
    reconciliation,
    region_locks,
    territory_cells,
    unfolded,
)
from mapping.coverage.folding.region_locks import HeldRegions, RegionBusy
from mapping.models import CellState, CellTouch, Evidence, UnfoldedReport, Zone
from mapping.out.retention import evidence_retention
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.doors.retention import erasure, report_deletion
from needs.enums import ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.models import Encounter, Tour
from needs.reports import filing
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database.region import REGION_RESOLUTION, parent_sql, region_of, regions_of
from solidarity.lib.debounced_task import DebouncedTask
from tests import filing_verbs
from tests.conftest import square
from tests.mapping.coverage.test_fold import difference_of, drawn_anew, file, partition
from tests.support import Cast
from volunteers.enums import Level


@dataclass(frozen=True, slots=True)
class Border:
    """Two regions with one territory across their border. near: cells of each region beside the border. far: a cell of
    each region whose neighbours all lie in the same region, in a territory of its own."""

    regions: tuple[int, int]
    near: tuple[int, int]
    far: tuple[int, int]


def _around(cell: int, half: float) -> Any:
    lat, lng = grid.centre(cell)
    return square(lat - half, lng - 1.5 * half, lat + half, lng + 1.5 * half)


def lay_border() -> Border:
    one = region_of(grid.cell_of(48.4, 3.4))
    other = next(iter(sorted(set(h3.grid_disk(one, 1)) - {one})))
    near = next(
        (cell, beside)
        for cell in sorted(h3.cell_to_children(one, 9))
        for beside in grid.neighbours(cell)
        if region_of(beside) == other and {region_of(c) for c in h3.grid_disk(cell, 8)} == {one, other}
    )
    far = tuple(h3.cell_to_center_child(region, 9) for region in (one, other))
    across = territory_cells.save_territory("Across", _around(near[0], 0.007), Level.CITY)
    territories = [
        across,
        *(territory_cells.save_territory(f"Far {n}", _around(c, 0.005), Level.CITY) for n, c in enumerate(far)),
    ]
    for territory in territories:
        territory_cells.assign_cells(territory)
    return Border((one, other), near, far)


@pytest.fixture
def border(cast: Cast) -> Border:
    return lay_border()


def visit(cast: Cast, cell: int, persons: int = 0, minutes: float = 60) -> uuid.UUID:
    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*grid.centre(cell)), persons=persons, minutes=minutes)
    return filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None).id


@pytest.fixture
def stuck() -> Iterator[Callable[[int], None]]:
    """Holds the lock of a region in a session of its own, as a fold that hangs. It holds FOLD too, unless the transaction
    of the test has it alone since it made the territories."""
    other = connection.copy()

    def hold(region: int) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", [region_locks.WHOLE])
            cursor.execute("SELECT pg_advisory_lock(%s)", [region_locks.key_of_region(region)])

    yield hold
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed connection keeps them a little longer
    other.close()


# --- exact at borders --------------------------------------------------------------------------------------------------


def test_regions_of_many_cells_are_those_of_each_cell() -> None:
    cells = [grid.cell_of(48.85 + n / 20, 2.35 - n / 30) for n in range(40)]
    assert regions_of(cells) == regions_of(np.array(cells)) == {region_of(cell) for cell in cells}
    assert regions_of([]) == set()


def test_a_zone_across_a_border_names_both_regions_and_is_one_zone(cast: Cast, border: Border) -> None:
    for cell in border.near:
        visit(cast, cell)
        fold.fold_outbox()
    state = CellState.objects.get(cell=border.near[0])
    assert CellState.objects.get(cell=border.near[1]).zone == state.zone
    assert set(Zone.objects.live().get(key=state.zone or uuid.uuid4()).regions) == set(border.regions)
    assert partition() == drawn_anew()
    assert difference_of(reconciliation.reconcile()) < 1e-9


_at_border = st.tuples(
    st.sampled_from(["encounter", "citizen", "aid", "need"]), st.integers(0, 13), st.integers(1, 6), st.floats(0, 40),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_at_border, st.booleans()), min_size=2, max_size=12), st.randoms())
def test_folds_of_either_side_in_any_order_give_the_state_of_the_ledger(
    cast: Cast, border: Border, history: list[tuple[Any, bool]], random: Random
) -> None:
    cells = sorted({*h3.grid_disk(border.near[0], 1), *h3.grid_disk(border.near[1], 1)})
    mark = transaction.savepoint_create()
    now = timezone.now()
    for (kind, place, number, age, extra), taken_back in history:
        key, spot = uuid.uuid4(), grid.centre(cells[place % len(cells)])
        what = (kind, spot, number, age, (25 if extra else None) if kind == "encounter" else extra)
        of = file(cast, now, key, what)
        if random.random() < 0.4:
            fold.fold_region(random.choice(border.regions))
        if taken_back:
            filing.retract(of, key, author=None)
    for region in random.sample(border.regions, 2):
        fold.fold_region(region)
    assert not CellTouch.objects.exists()
    assert partition() == drawn_anew()
    for zone in Zone.objects.live().exclude(regions=[]):
        cells_of = CellState.objects.filter(zone=zone.key).values_list("cell", flat=True)
        assert set(zone.regions) == regions_of(cells_of)
    assert difference_of(reconciliation.reconcile()) < 1e-9
    transaction.savepoint_rollback(mark)


@pytest.mark.django_db(transaction=True)
def test_two_regions_that_fold_at_once_at_their_border_lose_nothing(cast: Cast) -> None:
    """Two threads file and fold on either side of a border; a third one recomputes everything meanwhile."""
    border, errors = lay_border(), []
    start = threading.Barrier(3)

    def work(job: Callable[[], Any]) -> None:
        try:
            start.wait()
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def side(number: int) -> None:
        random = Random(number)
        cells = [cell for cell in h3.grid_disk(border.near[number], 2) if region_of(cell) == border.regions[number]]
        for _ in range(20):
            key = visit(cast, random.choice(cells), random.randrange(4), random.choice([10, 60]))
            fold.fold_region(border.regions[number])
            if random.random() < 0.3:
                filing.retract(ReportKind.ENCOUNTER, key, author=None)
            fold.fold_region(random.choice(border.regions))

    jobs: list[Callable[[], Any]] = [lambda: side(0), lambda: side(1), fold.refresh_all]
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    fold.fold_outbox()
    assert not CellTouch.objects.exists() and not UnfoldedReport.objects.exists()
    assert partition() == drawn_anew()
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_a_tour_across_a_border_is_folded_in_both_regions(cast: Cast, border: Border) -> None:
    start = timezone.now() - timedelta(hours=3)
    tour = filing.start_tour(association=cast.maraude.pk, author=None, at=start)
    filing.close_tour(Tour.objects.get(pk=tour.id), ended_at=start + timedelta(hours=2), cells=border.near)
    assert set(CellTouch.objects.values_list("region", flat=True)) == set(border.regions)
    fold.fold_region(border.regions[0])
    assert set(Evidence.objects.values_list("region", flat=True)) == {border.regions[0]}
    fold.fold_region(border.regions[1])
    assert set(Evidence.objects.values_list("cell", flat=True)) == set(border.near)
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert filing.retract(ReportKind.TOUR, tour.id, author=None)
    assert set(CellTouch.objects.values_list("region", flat=True)) == set(border.regions)
    fold.fold_outbox()
    assert not Evidence.objects.exists()
    assert difference_of(reconciliation.reconcile()) < 1e-9


# --- a stuck region ----------------------------------------------------------------------------------------------------


def test_a_stuck_region_delays_only_its_own_reports(
    cast: Cast, border: Border, stuck: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(region_locks, "PATIENCE", 0.1)
    for cell in (*border.far, *border.near):
        visit(cast, cell, persons=3)
    stuck(border.regions[0])
    assert fold.fold_outbox() == 1
    assert CellState.objects.get(cell=border.far[1]).a > 0
    waiting = {*border.near, border.far[0]}
    assert set(CellTouch.objects.values_list("new_cell", flat=True)) == waiting
    assert fold.fold_outbox() == 0
    visit(cast, border.far[1], persons=2)
    assert fold.fold_outbox() == 1
    assert not UnfoldedReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_stuck_region_keeps_a_recompute_out_and_the_recompute_keeps_no_fold_out(
    cast: Cast, stuck: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    border = lay_border()
    folded: list[int] = []

    def fold_other_region() -> None:
        folded.append(fold.fold_region(border.regions[1]))
        connection.close()

    def pause(_seconds: float) -> None:
        between = threading.Thread(target=fold_other_region)
        between.start()
        between.join()

    monkeypatch.setattr(region_locks, "PATIENCE", 0.1)
    monkeypatch.setattr(region_locks, "_ATTEMPTS", 3)
    monkeypatch.setattr(region_locks, "time", SimpleNamespace(sleep=pause))
    visit(cast, border.far[1], persons=3)
    stuck(border.regions[0])
    with pytest.raises(OperationalError), transaction.atomic():
        region_locks.lock_all()
    assert folded == [1, 0], "in the pauses"
    with transaction.atomic():
        assert not region_locks.try_all()


def test_a_fold_that_holds_a_lock_does_not_wait_for_another(border: Border, stuck: Callable[[int], None]) -> None:
    stuck(border.regions[1])
    held = HeldRegions({border.regions[0]})
    with pytest.raises(RegionBusy) as busy:
        held.take({border.regions[1]})
    assert busy.value.regions == set(border.regions)
    assert not held.take({border.regions[0]})


def test_locks_are_taken_in_the_round_trip_that_reads(border: Border, stuck: Callable[[int], None]) -> None:
    stuck(border.regions[1])
    held = HeldRegions(())
    one: list[tuple[str, list[Any]]] = [("SELECT 1 AS number", [])]
    assert held.take_and_read({border.regions[0]}, one) == [[(1,)]]
    assert held.take_and_read({border.regions[0]}, one) == [[(1,)]]
    with pytest.raises(RegionBusy) as busy:
        held.take_and_read({border.regions[1]}, one)
    assert busy.value.regions == set(border.regions)
    assert held.regions == {border.regions[0]}


def test_a_fold_waits_for_all_regions_together_no_longer_than_for_one(
    border: Border, stuck: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would hold the locks of the first regions for many times as long."""
    region_locks.wait_for(range(2, 60))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        ((left,),) = cursor.fetchall()
    assert left.endswith("ms") and 0 < int(left[:-2]) < 1000 * region_locks.PATIENCE
    monkeypatch.setattr(region_locks, "PATIENCE", 0.0)
    stuck(border.regions[0])
    with pytest.raises(RegionBusy):
        region_locks.wait_for(border.regions)


def test_a_report_without_a_cell_waits_for_no_region(cast: Cast, border: Border, stuck: Callable[[int], None]) -> None:
    stuck(border.regions[0])
    CellTouch.objects.create(kind=ReportKind.ENCOUNTER, report=uuid.uuid4())
    assert fold.fold_region(None) == 1


# --- dead letters ------------------------------------------------------------------------------------------------------


def poison(reports: list[uuid.UUID]) -> None:
    """Let the database refuse the evidence of some reports."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'refused at 48.85, 2.35'; END $$"
        )
        cursor.execute("DROP TRIGGER IF EXISTS refuse ON mapping_evidence")
        if reports:
            names = ", ".join(f"'{report}'" for report in reports)
            cursor.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON mapping_evidence FOR EACH ROW WHEN (NEW.report IN ({names})) "
                "EXECUTE FUNCTION refuse()"
            )


def let_time_pass() -> None:
    UnfoldedReport.objects.update(retry_at=timezone.now())


@pytest.mark.parametrize("most", [0, few_reports.MOST])
def test_a_report_is_not_set_aside_when_the_server_crashes(
    most: int, cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_values: Any) -> None:
        raise DatabaseError from psycopg2.DatabaseError("server closed the connection unexpectedly")

    visit(cast, border.far[0], persons=1)
    with monkeypatch.context() as patched:
        patched.setattr(few_reports, "MOST", most)
        patched.setattr(cell_fold.Reading if most else cell_fold, "around" if most else "refold", crash)
        with pytest.raises(DatabaseError):
            fold.fold_region(border.regions[0])
    assert not UnfoldedReport.objects.exists()
    assert fold.fold_region(border.regions[0]) == 1


def test_a_report_whose_fold_fails_is_set_aside_and_the_others_are_folded(
    cast: Cast, border: Border, caplog: pytest.LogCaptureFixture
) -> None:
    reports = [visit(cast, border.far[0], persons=1) for _ in range(7)]
    poison([reports[2]])
    assert fold.fold_region(border.regions[0]) == 6
    assert not CellTouch.objects.exists()
    row = UnfoldedReport.objects.get()
    assert (row.report, row.attempts, row.error, row.region) == (reports[2], 1, "RaiseException", border.regions[0])
    assert "48.85" not in caplog.text
    assert fold.retry_unfolded() == 0, "it is not due yet"
    for attempt in range(2, UnfoldedReport.ATTEMPTS + 1):
        let_time_pass()
        assert fold.retry_unfolded() == 0
        assert UnfoldedReport.objects.get().attempts == attempt
    let_time_pass()
    poison([])
    assert fold.retry_unfolded() == 0, "a dead letter waits for an administrator"
    assert unfolded.try_again() == 1
    assert fold.retry_unfolded() == 1
    assert not UnfoldedReport.objects.exists()
    assert CellState.objects.get(cell=border.far[0]).a == pytest.approx(7, rel=1e-3)
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_an_error_that_meets_every_report_is_raised_and_nothing_is_lost(
    cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "MOST_FAILURES", 2)
    reports = {visit(cast, border.far[0]) for _ in range(6)}
    poison(list(reports))
    with pytest.raises(fold.ManyReportsFail, match="RaiseException") as failed:
        fold.fold_region(border.regions[0])
    assert "48.85" not in "".join(traceback.format_exception(failed.value)), "the worker logs it"
    waiting = {*CellTouch.objects.values_list("report", flat=True)}
    aside = {*UnfoldedReport.objects.values_list("report", flat=True)}
    assert waiting | aside == reports and len(aside) == 2 and not waiting & aside


def test_the_nightly_check_tries_dead_letters_once_more(cast: Cast, border: Border) -> None:
    poison([visit(cast, border.far[0], persons=4)])
    fold.fold_outbox()
    UnfoldedReport.objects.update(attempts=UnfoldedReport.ATTEMPTS)
    poison([])
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert not UnfoldedReport.objects.exists()
    assert CellState.objects.get(cell=border.far[0]).a == pytest.approx(4, rel=1e-3)


@pytest.mark.parametrize("end", ["retracted", "erased"])
def test_a_report_that_is_taken_back_leaves_the_region_from_which_it_could_not_be_moved(
    cast: Cast, border: Border, end: str
) -> None:
    """Its move to another region is a dead letter; the retraction names only the new region."""
    key = visit(cast, border.far[0], persons=3)
    fold.fold_outbox()
    place = DraftPlace(*grid.centre(border.far[1]))
    correcting.correct(ReportKind.ENCOUNTER, key, {"place": place}, By(author=cast.bob, reason="wrong street"))
    poison([key])
    fold.fold_outbox()
    UnfoldedReport.objects.update(attempts=UnfoldedReport.ATTEMPTS)
    assert CellState.objects.get(cell=border.far[0]).a == pytest.approx(3, rel=1e-3)
    if end == "erased":
        erasure.erase_report(ReportKind.ENCOUNTER, key, by=None, by_owner=True)
    else:
        filing.retract(ReportKind.ENCOUNTER, key, author=None)
    fold.fold_outbox()
    assert not Evidence.objects.exists() and not UnfoldedReport.objects.exists()
    assert CellState.objects.get(cell=border.far[0]).a < 1e-9


def test_a_region_whose_folds_fail_keeps_no_other_region_from_the_sweep(
    cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "MOST_FAILURES", 1)
    poison([visit(cast, border.far[0]) for _ in range(4)])
    visit(cast, border.far[1], persons=3)
    with pytest.raises(fold.ManyReportsFail):
        tasks.sweep()
    assert CellState.objects.get(cell=border.far[1]).a == pytest.approx(3, rel=1e-3)
    assert CellTouch.objects.count() + UnfoldedReport.objects.count() == 4


def test_many_reports_that_fail_again_are_all_tried_and_none_is_raised(
    cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [visit(cast, border.far[0], persons=1) for _ in range(5)]
    poison(reports)
    fold.fold_outbox()
    monkeypatch.setattr(fold, "MOST_FAILURES", 2)
    poison(reports[:4])
    let_time_pass()
    assert fold.retry_unfolded() == 1
    assert list(UnfoldedReport.objects.values_list("attempts", flat=True)) == [2] * 4


def test_retention_erases_reports_that_cannot_be_folded_together_with_the_others(cast: Cast, border: Border) -> None:
    """A report that was folded before keeps that weight; one that was never folded leaves none."""
    at = timezone.now() - timedelta(days=2)

    def file_at(cell: int, persons: int) -> uuid.UUID:
        draft = EncounterDraft(at=at, place=DraftPlace(*grid.centre(cell)), persons=persons, minutes=60)
        return filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None).id

    spoilt = file_at(border.far[0], 1)
    file_at(border.far[1], 5)
    fold.fold_outbox()
    correcting.correct(ReportKind.ENCOUNTER, spoilt, {"persons": 8}, By(author=cast.bob, reason="a mistake"))
    poison([spoilt])
    fold.fold_outbox()
    assert UnfoldedReport.objects.get().report == spoilt
    late = file_at(border.far[0], 2)
    file_at(border.far[0], 4)
    poison([spoilt, late])
    assert evidence_retention.erase_day(report_deletion.day_of(at), timezone.now()) == 4
    assert not Encounter.objects.exists() and not Evidence.objects.exists()
    assert not CellTouch.objects.exists() and not UnfoldedReport.objects.exists()
    fold.refresh_all()
    here, there = (CellState.objects.get(cell=cell).a for cell in border.far)
    assert here == pytest.approx(there, rel=1e-9) and here > 3


# --- wake-up -----------------------------------------------------------------------------------------------------------


def test_a_report_wakes_the_fold_of_its_region(
    cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[Any] = []
    monkeypatch.setattr(debounced_fold, "fold_soon", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        visit(cast, border.near[1])
    assert woken == [{border.regions[1]}]


def test_reports_from_many_regions_queue_few_folds_that_cover_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each region until there are too many, then everything once, and nothing more while that message waits."""
    sent: list[tuple[Any, ...]] = []

    class Queue:
        def apply_async(self, *, args: tuple[Any, ...], **_more: Any) -> None:
            sent.append(args)

    def queued(*regions: int | None) -> list[tuple[Any, ...]]:
        sent.clear()
        debounced_fold.fold_soon(regions)
        for thread in threading.enumerate():
            if thread.name == debounced_fold.THREAD:
                thread.join()
        return sorted(sent)

    def interval(seconds: float) -> DebouncedTask:
        return DebouncedTask(Queue, seconds=seconds, expires=30, thread=debounced_fold.THREAD, fallback="")  # type: ignore[arg-type]

    many = range(debounced_fold.MOST + 1)
    monkeypatch.setattr(debounced_fold, "_fold", interval(3600))
    assert queued(1, 2) == [(1,), (2,)]
    assert queued(2, 3) == [(3,)]
    assert queued(*many) == [()]
    assert queued(2, 99) == queued(None) == []
    monkeypatch.setattr(debounced_fold, "_fold", interval(0))  # the interval is always over
    assert queued(*many) == [()]
    assert queued(2, 99) == [(2,), (99,)]


# --- row-level security as a shard simulator ---------------------------------------------------------------------------

_SHARDED = {
    "region": (
        "mapping_celltouch", "mapping_cellstate", "mapping_evidence", "mapping_retainedevidence", "mapping_zone",
        "mapping_unfoldedreport", "needs_encounter", "needs_citizenreport", "needs_need", "needs_aid", "needs_tourcell",
    ),
    parent_sql("cell", REGION_RESOLUTION): ("mapping_override", "mapping_lowzoomcell"),
}  # fmt: skip


def shard() -> None:
    """Let the database show only the rows of the regions in the setting shard.regions, if it is not empty. All other
    tables stay whole, as reference tables are on each shard."""
    setting = "NULLIF(current_setting('shard.regions', true), '')::bigint[]"
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
        )  # no table may have pending checks
        for region, tables in _SHARDED.items():
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
                cursor.execute(f"CREATE POLICY shard ON {table} USING ({setting} IS NULL OR {region} = ANY({setting}))")


def show_only(regions: Collection[int]) -> None:
    """Show only the rows of some regions; all rows if none is given."""
    text = "{" + ",".join(map(str, regions)) + "}" if regions else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shard.regions', %s, true)", [text])


def content() -> tuple[Any, ...]:
    """Return states, evidence, zones and outbox, without the keys of zones, which are drawn at random. Sums may differ in
    the last digits, because rows may come in another order."""

    def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            round(value, 9)
            if isinstance(value, float)
            else bytes(value)
            if isinstance(value, memoryview)
            else str(value)
            for value in row
        )

    lowest = dict(CellState.objects.exclude(zone=None).order_by("-cell").values_list("zone", "cell"))
    states = CellState.objects.order_by("cell").values_list(
        "zone", "cell", "a", "x", "xt", "ac", "last_search", "mean", "chance", "status"
    )
    own = ("id", "key", "derived_at", "since", "shape", "name_cell")
    names = [each.name for each in Zone._meta.concrete_fields if each.name not in own]
    return (
        [rounded((lowest.get(zone), *rest)) for zone, *rest in states],
        sorted(map(rounded, Evidence.objects.values_list("report", "cell", "persons", "contacts"))),
        sorted(map(rounded, Zone.objects.live().values_list("name_cell", *names)), key=str),
        sorted(CellTouch.objects.values_list("id", flat=True)),
    )


@pytest.mark.parametrize("few", [stored_states.FEW, 0], ids=["as few", "as many"])
def test_a_fold_needs_only_the_rows_of_its_own_regions(
    cast: Cast, border: Border, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Each fold runs twice: with all rows, and with the rows of only the regions of the cells, of their neighbours and of
    the zones there. Both give the same rows."""
    monkeypatch.setattr(stored_states, "FEW", few)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    shard()
    random = Random(5)
    cells = [*h3.grid_disk(border.near[0], 1), *border.far, border.near[1]]
    for number in range(12):
        kind = ("encounter", "citizen", "aid", "need")[number % 4]
        cell, key = random.choice(cells), uuid.uuid4()
        extra = 30 if kind == "encounter" else None if kind == "aid" else bool(number % 2)
        of = file(cast, now, key, (kind, grid.centre(cell), random.randrange(1, 4), number, extra))
        if number == 7:
            fold.fold_region(region_of(cell))
            filing.retract(of, key, author=None)
        region = region_of(cell)
        disk = cell_geometry.with_rings(cell_geometry.with_rings(cell_geometry.with_rings(np.array([cell]))))
        zones_there = CellState.objects.filter(cell__in=disk.tolist()).values("zone")
        seen = regions_of(disk) | {r for zone in Zone.objects.live().filter(key__in=zones_there) for r in zone.regions}
        mark = transaction.savepoint_create()
        assert CellState.objects.exclude(region__in=seen).exists()
        assert fold.fold_region(region) == 1
        whole = content()
        transaction.savepoint_rollback(mark)
        show_only(seen)
        assert not CellState.objects.exclude(region__in=seen).exists()
        folded = fold.fold_region(region)
        show_only(())
        assert folded == 1
        assert content() == whole
    assert difference_of(reconciliation.reconcile()) < 1e-9
