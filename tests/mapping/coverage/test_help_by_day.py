"""Help is the number of contacts in exactly seven days. The daily buckets give this number exactly, whatever the order
of the reports."""

import uuid
from datetime import datetime, timedelta
from importlib import import_module
from random import Random

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from mapping.coverage.cells import cell_states, help_by_day, stored_states, zone_sums
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.map.why import recalculation
from mapping.models import CellState, evidence_day
from needs.base.records.declarations import AidDraft, DraftPlace
from needs.enums import ReportKind
from needs.reports import filing
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of
from tests.repetitions import examples
from tests.support import Cast

DAY = timedelta(days=1)
ONE = np.zeros(1, dtype=np.int64)


def gave(buckets: help_by_day.Floats, today: float, day: float, contacts: float) -> None:
    help_by_day.add(buckets, ONE, np.array([today]), np.array([day]), np.array([contacts]))


def total(buckets: help_by_day.Floats, today: float) -> float:
    return float(help_by_day.total(buckets, np.array([today]))[0])


def test_help_of_a_monday_is_gone_after_the_monday_of_the_next_week() -> None:
    """Day 100 is a Monday: 3 people at six in the morning. On Wednesday (102), 5 people at noon."""
    buckets = help_by_day.blank(1)
    gave(buckets, 100.25, 100.25, 3)
    help_by_day.age(buckets, np.array([100.25]), 102.5)
    gave(buckets, 102.5, 102.5, 5)
    assert total(buckets, 102.5) == 8
    assert total(buckets, 106.99) == 8
    help_by_day.age(buckets, np.array([102.5]), 107.25)
    # On the next Monday, a quarter of the first day is more than seven days ago: 3 · 0.75 + 5.
    assert total(buckets, 107.25) == pytest.approx(7.25)
    help_by_day.age(buckets, np.array([107.25]), 109.5)
    assert total(buckets, 109.5) == pytest.approx(2.5)
    help_by_day.age(buckets, np.array([109.5]), 110.0)
    assert total(buckets, 110.0) == 0 == np.abs(buckets).sum()


def test_help_that_is_too_old_adds_nothing_and_help_of_the_future_counts_like_today() -> None:
    buckets = help_by_day.blank(1)
    gave(buckets, 100.5, 92.999, 7)
    assert np.abs(buckets).sum() == 0
    gave(buckets, 100.999, 101.001, 4)  # from a clock that is ahead, just before midnight
    assert total(buckets, 100.999) == 4
    gave(buckets, 100.999, 140.0, 1)
    assert total(buckets, 100.999) == 5
    gave(buckets, 100.999, 140.0, -1)
    help_by_day.age(buckets, np.array([100.999]), 101.01)
    assert total(buckets, 101.01) == 4
    gave(buckets, 101.01, 101.001, -4)
    assert np.abs(buckets).sum() == 0


given_help = st.tuples(st.floats(0, 20), st.floats(-0.01, 12), st.integers(1, 50), st.booleans())


@of_hypothesis(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(given_help, max_size=12), st.lists(st.floats(0, 20), max_size=6), st.floats(20, 33), st.randoms())
def test_buckets_are_the_sum_of_the_shares_of_seven_days_in_any_order(
    history: list[tuple[float, float, int, bool]], looks: list[float], end: float, random: Random
) -> None:
    """Each help is filed ``late`` days after it was given, or a quarter of an hour before at most; some is withdrawn at
    a random later time."""
    steps: list[tuple[float, float, int]] = [(moment, 0.0, 0) for moment in looks]
    for at, late, contacts, withdrawn in history:
        steps.append((at, at - late, contacts))
        if withdrawn:
            steps.append((random.uniform(at, 20), at - late, -contacts))
    buckets, today = help_by_day.blank(1), 0.0
    for moment, day, contacts in sorted(steps, key=lambda step: step[0]):
        help_by_day.age(buckets, np.array([today]), moment)
        today = moment
        gave(buckets, today, day, contacts)
    help_by_day.age(buckets, np.array([today]), end)
    rest = [(at - late, contacts) for at, late, contacts, withdrawn in history if not withdrawn]
    expected = sum(contacts * min(1.0, max(0.0, np.floor(day) + 8 - end)) for day, contacts in rest)
    assert total(buckets, end) == pytest.approx(expected, abs=1e-9)
    shares = help_by_day.share(np.array([day for day, _contacts in rest]), end)
    assert sum(shares * [contacts for _day, contacts in rest]) == pytest.approx(expected, abs=1e-9)
    help_by_day.age(buckets, np.array([end]), end + 1e-6)
    assert abs(total(buckets, end + 1e-6) - expected) <= 1e-6 * 50 * 12 + 1e-9, "the sum never jumps"


# --- with the database ------------------------------------------------------------------------------------------------


SPOT = DraftPlace(48.866, 2.345)


def helped(cast: Cast, at: datetime, contacts: int) -> uuid.UUID:
    draft = AidDraft(at=at, place=SPOT, contacts=contacts, id=uuid.uuid4())
    return filing.log_aid(draft, association=cast.maraude.pk, author=None).id


def of_the_fold(moment: datetime) -> cell_states.CellStates:
    found = stored_states.load("true", [])
    found.aged(cell_states.territory_params_of(), evidence_day(moment))
    return found


def test_fold_rebuild_and_recalculation_give_the_same_buckets_on_every_day(cast: Cast) -> None:
    midnight = datetime.combine((timezone.now() - 14 * DAY).date(), datetime.min.time(), timezone.now().tzinfo)
    random = Random(5)
    ahead = midnight + timedelta(minutes=2)
    # (filed at, given at, contacts, withdrawn at): late, out of order, and from a clock that is ahead across midnight.
    history = [(midnight - timedelta(minutes=2), ahead, 11, None), (midnight - timedelta(minutes=3), ahead, 6, 4 * DAY)]
    for _number in range(16):
        filed_at = midnight + random.uniform(0.01, 9) * DAY
        taken_back = random.choice([None, None, 2 * DAY])
        history.append((filed_at, filed_at - random.uniform(0, 9) * DAY, random.randint(1, 9), taken_back))
    steps = [(filed_at, number, 1) for number, (filed_at, *_rest) in enumerate(history)]
    steps += [(filed_at + back, number, -1) for number, (filed_at, _at, _n, back) in enumerate(history) if back]
    rebuild.recompute_all(midnight - DAY)  # otherwise the states would be those of today
    ids: dict[int, uuid.UUID] = {}
    looks, compared = [midnight + hour * timedelta(hours=9) for hour in range(1, 30)], 0
    for now, number, sign in sorted([*steps, *((look, -1, 0) for look in looks)]):
        if not sign:
            exact, _params = rebuild.compute(now, ledger_only=True)
            assert np.array_equal(exact.help, rebuild.compute(now)[0].help)
            stored = of_the_fold(now)
            assert np.array_equal(stored.help, exact.help)
            assert np.abs(stored.s - exact.s).max() == 0
            compared += int(stored.s.sum() > 0)
            continue
        if sign > 0:
            ids[number] = helped(cast, history[number][1], history[number][2])
        else:
            filing.retract(ReportKind.AID, ids[number], author=None)
        fold.fold_outbox(now)
    assert compared > 20
    state = CellState.objects.get(cell=int(stored.cell[stored.help.sum(axis=1) > 0][0]))
    assert recalculation.recalculate_cell(state.cell).same
    rebuild.recompute_all(looks[-1])
    assert np.array_equal(of_the_fold(looks[-1]).help, exact.help)
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9


def test_a_zone_counts_the_help_of_its_stored_cells_as_the_model_does(cast: Cast) -> None:
    now = timezone.now()
    for age in range(10):
        helped(cast, now - age * DAY, 2**age)
    fold.fold_outbox()
    found = stored_states.load("help <> array_fill(0::float8, ARRAY[9])", [])
    assert len(found) == 1
    [key] = found.zone
    regions = regions_of(CellState.objects.filter(zone=key).values_list("cell", flat=True))
    keys, sums = zone_sums.as_totals(prepared_statements.run(*zone_sums.summing({key: 1.0}, {}, regions)))
    assert keys == found.zone
    assert sums.s[0] == pytest.approx(found.s[0], abs=1e-9)
    fraction = evidence_day(now) % 1
    assert found.s[0] == pytest.approx(127 + (1 - fraction) * 128, abs=0.01)


def test_the_migration_fills_the_buckets_from_the_stored_evidence(cast: Cast) -> None:
    now = timezone.now()
    for age in (0, 0.6, 3, 6.5, 7.2, 8.1, 30):
        helped(cast, now - age * DAY, round(10 * age) + 1)
    fold.fold_outbox()
    before = {row.cell: row.help for row in CellState.objects.all()}
    assert sum(map(sum, before.values())) > 0
    CellState.objects.update(help=[0.0] * help_by_day.BUCKETS)
    with connection.cursor() as cursor:
        cursor.execute(import_module("mapping.migrations.0004_since_version_0_2").HELP)
    assert {row.cell: row.help for row in CellState.objects.all()} == before
