"""A fold of few reports in three round trips: all or nothing, and the same content as any other fold."""

import uuid
from collections.abc import Callable, Iterator

import h3.api.basic_int as h3
import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mapping.coverage.cells import zone_rows
from mapping.coverage.folding import few_reports, fold, region_locks, territory_cells
from mapping.models import CellState, CellTouch, Evidence, Zone
from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of
from tests.conftest import square
from tests.mapping.coverage.test_regions import Border, lay_border, visit
from tests.support import Cast
from volunteers.enums import Level


@pytest.fixture
def border(cast: Cast) -> Border:
    return lay_border()


@pytest.fixture
def held() -> Iterator[Callable[[int], None]]:
    """Holds the lock of a region in a session of its own."""
    other = connection.copy()

    def hold(region: int) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [region_locks.key_of_region(region)])

    yield hold
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed connection keeps them a little longer
    other.close()


def fold_few(region: int) -> tuple[int, bool]:
    return few_reports.fold(region, few_reports.look_at(region), timezone.now())


def test_nothing_changes_while_another_process_holds_the_region(
    cast: Cast, border: Border, held: Callable[[int], None]
) -> None:
    held(border.regions[0])
    visit(cast, border.far[0], persons=3)
    assert fold_few(border.regions[0]) == (0, True)
    assert CellTouch.objects.count() == 1 and not Evidence.objects.exists()


def test_nothing_changes_while_another_process_holds_a_region_of_a_zone_there(
    cast: Cast, border: Border, held: Callable[[int], None]
) -> None:
    """The zone of unsearched cells lies in both regions, but the cells around the report lie in one."""
    one, other = border.regions
    spot = next(
        cell
        for cell in sorted(h3.cell_to_children(one, 9))
        if grid.distance_m(cell, border.near[0]) > 3000
        and other in regions_of(grid.neighbours(cell))
        and regions_of(h3.grid_disk(cell, 6)) == {one, other}
    )
    lat, lng = grid.centre(spot)
    wide = territory_cells.save_territory(
        "Wide", square(lat - 0.012, lng - 0.018, lat + 0.012, lng + 0.018), Level.CITY
    )
    territory_cells.assign_cells(wide)
    zone = Zone.objects.live().get(key=CellState.objects.get(cell=spot).zone or uuid.uuid4())
    assert set(zone.regions) == {one, other}
    cells = zone_rows.unpacked(zone.members or b"")
    inner = next(cell for cell in cells if regions_of(grid.with_neighbours(cell, 2)) == {one})
    held(other)
    visit(cast, inner, persons=3)
    assert fold_few(border.regions[0]) == (0, True)
    assert CellTouch.objects.count() == 1 and not Evidence.objects.exists()


def test_nothing_changes_if_another_process_took_a_row(cast: Cast, border: Border) -> None:
    visit(cast, border.far[0], persons=3)
    visit(cast, border.far[0], persons=2)
    rows = few_reports.look_at(border.regions[0])
    CellTouch.objects.filter(id=rows[0].id).delete()
    assert few_reports.fold(border.regions[0], rows, timezone.now()) == (0, True)
    assert CellTouch.objects.count() == 1 and not Evidence.objects.exists()
    assert fold.fold_region(border.regions[0], rows=rows) == 1
    assert Evidence.objects.get().report == rows[1].report


def test_reports_that_come_after_the_look_are_folded_too(cast: Cast, border: Border) -> None:
    visit(cast, border.far[0], persons=3)
    rows = few_reports.look_at(border.regions[0])
    visit(cast, border.far[0], persons=2)
    assert fold.fold_region(border.regions[0], rows=rows) == 2
    assert not CellTouch.objects.exists() and Evidence.objects.count() == 2


def test_many_reports_are_left_to_the_other_fold(cast: Cast, border: Border) -> None:
    for _ in range(few_reports.MOST + 1):
        visit(cast, border.far[0])
    assert fold_few(border.regions[0]) == (0, True)
    assert few_reports.look() is None
    assert fold.fold_outbox() == few_reports.MOST + 1


@pytest.mark.django_db(transaction=True)
def test_a_fold_of_one_report_waits_for_the_database_three_times(cast: Cast) -> None:
    border = lay_border()
    for _ in range(4):  # the first rounds prepare the statements on this connection, and let zones fall apart
        visit(cast, border.far[0], persons=3)
        with CaptureQueriesContext(connection) as ran:
            assert fold.fold_region(border.regions[0]) == 1
    sent = [query["sql"].split()[0] for query in ran.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert sent == ["EXECUTE", "BEGIN;", "EXECUTE"] and ran.captured_queries[-2]["sql"].endswith("COMMIT")
    assert Evidence.objects.count() == 4 and not CellTouch.objects.exists()


# --- transactions without round trips of their own ---------------------------------------------------------------------

_ADD = "INSERT INTO mapping_celltouch (kind, report, at) VALUES (1, $1::uuid, now())"


def add(begin: str = "", end: str = "") -> None:
    prepared_statements.run_all([(_ADD, [str(uuid.uuid4())])], begin, end)


def rows_of_others() -> int:
    """Return how many rows another session sees."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mapping_celltouch")
        (number,) = cursor.fetchone()
    other.close()
    return int(number)


@pytest.mark.django_db(transaction=True)
def test_a_short_transaction_ends_with_its_last_statement_or_with_its_block() -> None:
    done: list[str] = []
    with prepared_statements.short_transaction() as ends:
        transaction.on_commit(lambda: done.append("one"))
        add(begin=ends.begin)
        assert rows_of_others() == 0 and not done
        add(end=ends.end)
        assert rows_of_others() == 2
    assert done == ["one"]
    with prepared_statements.short_transaction() as ends:
        add(begin=ends.begin)
        with transaction.atomic():
            add()
        assert rows_of_others() == 2
    assert rows_of_others() == 4
    add()
    assert rows_of_others() == 5, "statements are committed at once again"


@pytest.mark.django_db(transaction=True)
def test_a_short_transaction_is_rolled_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), prepared_statements.short_transaction() as ends:
        add(begin=ends.begin)
        raise ZeroDivisionError
    with pytest.raises(DataError), prepared_statements.short_transaction() as ends:
        add(begin=ends.begin)
        prepared_statements.run_all([("SELECT 1 / $1::int", [0])], end=ends.end)
    assert rows_of_others() == 0
    with transaction.atomic():
        add()
        with pytest.raises(ZeroDivisionError), prepared_statements.short_transaction() as ends:
            add(ends.begin, ends.end)
            raise ZeroDivisionError
    assert rows_of_others() == 1, "within another transaction, only its own statements"


@pytest.mark.django_db(transaction=True)
def test_a_short_transaction_that_must_not_be_committed_is_rolled_back(cast: Cast) -> None:
    done: list[str] = []
    with prepared_statements.short_transaction() as ends:
        transaction.on_commit(lambda: done.append("one"))
        add(begin=ends.begin)
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError), prepared_statements.short_transaction() as ends:
        transaction.on_commit(lambda: done.append("two"))
        add(begin=ends.begin)
        nowhere = "UPDATE volunteers_territory SET parent_id = $1::int"
        prepared_statements.run_all([(nowhere, [-1])], end=ends.end)  # the constraint is checked at the end
    assert rows_of_others() == 0 and not done
    add()
    assert rows_of_others() == 1


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_ends_a_short_transaction() -> None:
    with pytest.raises(Exception, match="terminat|closed"), prepared_statements.short_transaction() as ends:
        add(begin=ends.begin)
        prepared_statements.run("SELECT pg_terminate_backend(pg_backend_pid())", [])
    assert rows_of_others() == 0
    add()
    assert CellTouch.objects.count() == 1
