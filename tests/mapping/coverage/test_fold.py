"""The fold is exact for reports in any order, with repeats, retractions and concurrency. Its zones equal a full
redraw."""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import timezone as timezone_of
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.coverage.cells import cell_states, stored_states, zones
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.enums import Status
from mapping.models import CellState, CellTouch, Evidence, Recompute, Zone, evidence_day
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.enums import ReportKind
from needs.models import Encounter, Tour
from needs.reports import filing
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.idempotent_insert import InsertResult
from tests import filing_verbs
from tests.support import Cast, Seen

OFFSETS = (-11, -3.5, 0, 1, 2, 5.75, 14)
SPOTS = [(48.866 + i * 0.0015, 2.345 + j * 0.002) for i in range(3) for j in range(3)]


def sums(day: float) -> dict[int, tuple[float, ...]]:
    """Return all decayed sums on a day, by cell."""
    found = stored_states.load("true", [])
    found.aged(cell_states.territory_params_of(), day)
    return {
        cell: tuple(float(getattr(found, name)[row]) for name in ("a", "x", "xt", "s", "ac"))
        for row, cell in enumerate(found.cell.tolist())
    }


def difference_of(run: Recompute) -> float:
    assert run.difference is not None
    return run.difference


def partition() -> set[tuple[int, frozenset[int]]]:
    """Return the zones as (status, cells), without their keys."""
    members = members_of_zones()
    return {(zone.status, frozenset(members[zone.key])) for zone in Zone.objects.live()}


def members_of_zones() -> dict[uuid.UUID, set[int]]:
    members: dict[uuid.UUID, set[int]] = {}
    for cell, zone in CellState.objects.values_list("cell", "zone"):
        if zone is not None:
            members.setdefault(zone, set()).add(cell)
    return members


def drawn_anew() -> set[tuple[int, frozenset[int]]]:
    """Return the zones of a full redraw, in the form of ``partition``."""
    found = stored_states.load("true", [])
    return {
        (zone.status, frozenset(found.cell[zone.rows].tolist()))
        for zone in zones.draw_all(found, cell_geometry.neighbour_rows(found.cell.tolist()))
    }


event = st.one_of(
    st.tuples(
        st.just("encounter"),
        st.sampled_from(SPOTS),
        st.integers(0, 9),
        st.floats(0, 60),
        st.sampled_from([None, 0, 25]),
    ),
    st.tuples(st.just("citizen"), st.sampled_from(SPOTS), st.integers(0, 3), st.floats(0, 60), st.booleans()),
    st.tuples(st.just("aid"), st.sampled_from(SPOTS), st.integers(1, 9), st.floats(0, 60), st.none()),
    st.tuples(st.just("need"), st.sampled_from(SPOTS), st.integers(0, 3), st.floats(0, 60), st.booleans()),
)


def file(cast: Cast, now: datetime, key: uuid.UUID, what: tuple[Any, ...], offset: float = 0) -> ReportKind:
    """File a report. offset: the author's time zone in hours east of UTC, which does not change the moment."""
    kind, spot, number, age, extra = what
    at, place = (now - timedelta(days=age)).astimezone(timezone_of(timedelta(hours=offset))), DraftPlace(*spot)
    if kind == "encounter":
        draft = EncounterDraft(at=at, place=place, persons=number, contacts=number // 2, minutes=extra, id=key)
        report, filed = (
            ReportKind.ENCOUNTER,
            filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None),
        )
    elif kind == "citizen":
        presence = PresenceDraft(at=at, place=place, source=f"s{number}", with_account=extra, id=key)
        report, filed = ReportKind.CITIZEN_REPORT, filing.report_presence(presence)
    elif kind == "aid":
        aid = AidDraft(at=at, place=place, contacts=number, id=key)
        report, filed = ReportKind.AID, filing.log_aid(aid, association=cast.maraude.pk, author=None)
    else:
        need = NeedDraft(at=at, place=place, kinds=["food"], source=f"s{number}", with_account=extra, id=key)
        report, filed = ReportKind.NEED, filing_verbs.report_need(need)
    assert filed.stored is not InsertResult.CONFLICT, "a repeat from another time zone is the same report"
    return report


@pytest.mark.parametrize(
    ("few", "recomputed"),
    [(stored_states.FEW, False), (0, False), (0, True)],
    ids=["as few", "as many", "by a recompute"],
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(event, st.booleans(), st.booleans()), min_size=1, max_size=14), st.randoms())
def test_any_order_with_repeats_retractions_and_time_zones_gives_the_same_state(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    recomputed: bool,
    history: list[tuple[Any, bool, bool]],
    random: Random,
) -> None:
    """few: number of states from which on they are read and written in the binary format. recomputed: whether each
    batch is folded by a recompute, as a large one is."""
    monkeypatch.setattr(stored_states, "FEW", few)
    monkeypatch.setattr(fold, "_recompute_is_faster", lambda _reports: recomputed)
    now = timezone.now()
    day = evidence_day(now) + 0.01
    keyed = [(uuid.uuid4(), what, twice, taken_back) for what, twice, taken_back in history]

    def play(order: list[Any], step_by_step: bool) -> dict[int, tuple[float, ...]]:
        mark = transaction.savepoint_create()
        for key, what, twice, taken_back in order:
            kind = file(cast, now, key, what, random.choice(OFFSETS))
            if twice:
                file(cast, now, key, what, random.choice(OFFSETS))
            if step_by_step:
                fold.fold_outbox()
            if taken_back:
                filing.retract(kind, key, author=None)
        fold.fold_outbox()
        assert partition() == drawn_anew()
        found, difference = sums(day), reconciliation.reconcile().difference
        assert difference is not None and difference < 1e-9
        transaction.savepoint_rollback(mark)
        return found

    mixed = list(keyed)
    random.shuffle(mixed)
    one, other = play(keyed, True), play(mixed, False)
    for cell in one:
        assert one[cell] == pytest.approx(other[cell], abs=1e-9)


def test_a_batch_that_is_large_for_the_region_is_folded_by_a_recompute(
    cast: Cast, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "FEW", 2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mapping_cellstate, mapping_evidence")
    region = CellState.objects.count() // 40
    for _ in range(region + 2):
        seen()
    assert fold.fold_outbox() == region + 2
    assert not Recompute.objects.filter(job="fold").exists()
    for _ in range(region + 4):
        seen()
    assert fold.fold_outbox() == region + 4
    assert Recompute.objects.get(job="fold").finished_at is not None
    assert not CellTouch.objects.exists()
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_a_report_that_a_fast_clock_dated_counts_at_once_in_a_large_batch(
    cast: Cast, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "_recompute_is_faster", lambda _reports: True)
    seen(persons=4, minutes=60, hours_ago=-0.05)
    fold.fold_outbox()
    assert CellState.objects.get(a__gt=0).a == pytest.approx(4, rel=1e-3)
    assert not Recompute.objects.filter(job="fold").exists()


def test_a_tour_carries_its_encounters_and_its_time(cast: Cast) -> None:
    start = timezone.now() - timedelta(hours=3)
    filed = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=start)
    for spot in SPOTS[:2]:
        draft = EncounterDraft(at=start, place=DraftPlace(*spot), persons=4, given=["food"], tour=filed.id)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    fold.fold_outbox()
    assert set(Evidence.objects.values_list("kind", "hours", "persons")) == {(ReportKind.TOUR, None, 4.0)}
    met = Encounter.objects.first()
    assert met is not None and met.cell is not None
    more = grid.neighbours(met.cell)
    filing.close_tour(Tour.objects.get(pk=filed.id), ended_at=start + timedelta(hours=2), cells=more[:2])
    fold.fold_outbox()
    rows = list(Evidence.objects.values_list("hours", "persons", "contacts"))
    spent = [hours for hours, _persons, _contacts in rows if hours is not None]
    assert len(spent) == len(rows)
    assert sum(spent) == pytest.approx(2.0)
    assert sum(persons for _hours, persons, _contacts in rows) == 8
    assert sum(contacts for _hours, _persons, contacts in rows) == 8
    assert difference_of(reconciliation.reconcile()) < 1e-9


def test_an_encounter_taken_back_leaves_its_tour(cast: Cast) -> None:
    start = timezone.now() - timedelta(hours=3)
    tour = filing.start_tour(association=cast.maraude.pk, author=None, at=start)
    draft = EncounterDraft(at=start, place=DraftPlace(*SPOTS[0]), persons=4, tour=tour.id)
    filed = filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    fold.fold_outbox()
    assert filing.retract(ReportKind.ENCOUNTER, filed.id, author=None)
    assert not filing.retract(ReportKind.ENCOUNTER, filed.id, author=None)
    fold.fold_outbox()
    assert list(Evidence.objects.values_list("persons", flat=True)) == [0.0]


def test_a_zone_keeps_its_key_when_it_grows(cast: Cast) -> None:
    def visit(spot: tuple[float, float]) -> None:
        draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*spot), persons=0, minutes=60)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
        fold.fold_outbox()

    visit(SPOTS[0])
    first = Zone.objects.live().get(status=Status.COVERED)
    for spot in grid.neighbours(CellState.objects.get(status=Status.COVERED).cell)[:3]:
        visit(grid.centre(spot))
    grown = Zone.objects.live().get(key=first.key)
    assert grown.cells > first.cells
    rebuild.recompute_all()
    assert Zone.objects.live().get(key=first.key).cells == grown.cells


def test_a_zone_that_is_cut_in_two_has_the_figures_of_its_own_cells(cast: Cast) -> None:
    """The cells inside a ring of covered cells become a zone of their own; most of them are far from the last report."""
    centre = grid.cell_of(*SPOTS[4])
    ring = set(grid.with_neighbours(centre, 3)) - set(grid.with_neighbours(centre, 2))
    for cell in sorted(ring):
        draft = EncounterDraft(at=timezone.now(), place=DraftPlace(*grid.centre(cell)), persons=0, minutes=60)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
        fold.fold_outbox()
    members = {key: len(cells) for key, cells in members_of_zones().items()}
    assert dict(Zone.objects.live().values_list("key", "cells")) == members
    assert CellState.objects.get(cell=centre).zone != CellState.objects.order_by("cell")[0].zone
    folded = {zone.key: (zone.persons, zone.sweeps, zone.chance) for zone in Zone.objects.live()}
    rebuild.recompute_all()
    for zone in Zone.objects.live():
        assert folded[zone.key] == pytest.approx((zone.persons, zone.sweeps, zone.chance), rel=1e-3)


def test_a_report_outside_every_territory_is_kept_and_counts_once_a_territory_is_there(cast: Cast) -> None:
    from mapping.coverage.folding import territory_cells
    from tests.conftest import square
    from volunteers.enums import Level

    draft = EncounterDraft(at=timezone.now(), place=DraftPlace(45.76, 4.84), persons=3, minutes=30)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    fold.fold_outbox()
    assert Evidence.objects.count() == 1
    assert not CellState.objects.filter(a__gt=0).exists()
    lyon = territory_cells.save_territory("Lyon", square(45.75, 4.83, 45.77, 4.85), Level.CITY)
    territory_cells.assign_cells(lyon)
    assert CellState.objects.filter(a__gt=0).count() == 1


def test_reports_age_between_recomputes(cast: Cast, seen: Seen) -> None:
    seen(persons=4, minutes=60, hours_ago=0)
    fold.fold_outbox()
    state = CellState.objects.get(a__gt=0)
    later = timezone.now() + timedelta(days=10)
    rebuild.recompute_all(later)
    assert CellState.objects.get(cell=state.cell).a == pytest.approx(state.a / 2, rel=1e-3)


@pytest.mark.django_db(transaction=True)
def test_concurrent_filings_and_folds_lose_nothing(cast: Cast) -> None:
    """Eight threads file into one cell while two others fold. Afterwards the state equals the ledger."""
    now = timezone.now()
    errors: list[BaseException] = []

    def work(job: Callable[[], Any]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    def filer() -> None:
        for _ in range(12):
            draft = EncounterDraft(at=now, place=DraftPlace(*SPOTS[0]), persons=1, minutes=5)
            filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)

    stop = threading.Event()

    def folder() -> None:
        while not stop.is_set():
            fold.fold_outbox()

    filers = [threading.Thread(target=work, args=(filer,)) for _ in range(8)]
    folders = [threading.Thread(target=work, args=(folder,)) for _ in range(2)]
    for thread in (*folders, *filers):
        thread.start()
    for thread in filers:
        thread.join()
    stop.set()
    for thread in folders:
        thread.join()
    assert not errors
    fold.fold_outbox()
    assert not CellTouch.objects.exists()
    assert Evidence.objects.count() == 96
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert CellState.objects.get(a__gt=0).a == pytest.approx(96, rel=1e-3)
    assert difference_of(Recompute.objects.get(job="reconcile")) < 1e-9


def test_the_state_at_a_past_moment_ignores_what_happened_after(cast: Cast, seen: Seen) -> None:
    seen(persons=5, minutes=30, hours_ago=48)
    seen(persons=9, minutes=30, hours_ago=1, lat=48.870)
    fold.fold_outbox()
    found, _grounds = rebuild.compute(timezone.now() - timedelta(hours=24), ledger_only=True)
    assert found.a.max() == pytest.approx(5 * 2 ** (-1 / 10), rel=1e-3)
    assert np.count_nonzero(found.a) == 1


def test_a_fold_of_one_report_runs_few_statements(cast: Cast, seen: Seen) -> None:
    seen(persons=4, minutes=60, hours_ago=2)
    fold.fold_outbox()
    for _ in range(2):  # the first round prepares the statements on this connection
        seen(persons=1, minutes=60, hours_ago=1)
        region = CellTouch.objects.get().region
        with CaptureQueriesContext(connection) as ran:
            fold.fold_region(region)
    written = [query["sql"] for query in ran.captured_queries if "UPDATE" in query["sql"] or "EXECUTE" in query["sql"]]
    # One each for the look at the outbox, for the claim with all that is read, and for all rows that are written.
    assert len(written) == 3
    assert CellState.objects.get(a__gt=0).a == pytest.approx(6, rel=1e-2)


@pytest.mark.django_db
def test_statements_that_are_read_together_give_the_rows_of_each() -> None:
    numbers = "SELECT i AS number, i / 3.0::float8 AS third, NULLIF(i, 2) AS odd FROM generate_series(1, $1::int) i"
    key = "SELECT $1::uuid AS key, ARRAY[$2::int] AS list WHERE $2 > 0"
    one, other, none = prepared_statements.run_together(
        [(numbers, [2]), (key, [uuid.UUID(int=7), 5]), (key, [uuid.UUID(int=7), 0])]
    )
    assert one == prepared_statements.run(numbers, [2]) == [(1, 1 / 3, 1), (2, 2 / 3, None)]
    assert (other, none) == ([(str(uuid.UUID(int=7)), [5])], [])


@pytest.mark.django_db
def test_statements_that_are_read_together_see_what_the_first_statement_did() -> None:
    add = "INSERT INTO mapping_celltouch (kind, report, at) SELECT 1, gen_random_uuid(), now() FROM generate_series(1, $1::int)"
    count: prepared_statements.Statement = ("SELECT count(*) AS rows FROM mapping_celltouch", [])
    assert prepared_statements.run_together([count, count], first=[(add, [2])]) == [[(2,)], [(2,)]]
    assert prepared_statements.run_together(
        [("SELECT kind FROM added", []), count], queries=[(f"added AS ({add} RETURNING kind)", [3])]
    ) == [
        [(1,)] * 3,
        [(2,)],
    ]
    assert prepared_statements.run(*count) == [(5,)]


@pytest.mark.django_db
def test_statements_that_run_together_all_run_or_none() -> None:
    add = "INSERT INTO mapping_celltouch (kind, report, at) SELECT 1, gen_random_uuid(), now() FROM generate_series(1, $1::int)"
    count = "SELECT count(*) FROM mapping_celltouch WHERE kind = $1::int"
    assert prepared_statements.run_all([(add, [2]), (add, [3]), (count, [1])]) == [(5,)]
    assert prepared_statements.run_all([]) == []
    with pytest.raises(DataError), transaction.atomic():
        prepared_statements.run_all([(add, [4]), ("SELECT 1 / $1::int", [0])])
    assert prepared_statements.run(count, [1]) == [(5,)]
