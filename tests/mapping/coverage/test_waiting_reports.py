"""What recomputes every cell stores the waiting reports first, and computes the cells once."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.models import CellState, CellTouch, CitizenRates, CoverageSettings, Parameters, Recompute, evidence_day
from mapping.plans.parameters import nightly_rates, versions
from tests.support import City, Seen


def _new_parameters(city: City) -> None:
    base = Parameters.objects.in_force(city.root).pk
    versions.save(city.root, Model(half_life=6.0).values(), base=base, reason="x", author=None)
    versions.catch_up()


JOBS: dict[str, Callable[[City], object]] = {
    "refresh": lambda _city: fold.refresh_all(),
    "rates": lambda _city: nightly_rates.renew(),
    "parameters": _new_parameters,
}


@pytest.mark.parametrize("job", JOBS)
def test_waiting_reports_are_counted_by_the_same_recompute(
    city: City, seen: Seen, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if there are so many that a fold would recompute every cell by itself."""
    monkeypatch.setattr(fold, "BATCH", 2)
    monkeypatch.setattr(fold, "_recompute_is_faster", lambda _reports: True)
    for _ in range(5):
        seen(persons=2, minutes=60, hours_ago=0)
    Recompute.objects.all().delete()
    JOBS[job](city)
    assert list(Recompute.objects.values_list("job", flat=True)) == [job]
    assert not CellTouch.objects.exists()
    assert CellState.objects.get(a__gt=0).a == pytest.approx(10, rel=1e-3)
    now = timezone.now()
    exact, params_of = rebuild.compute(now, ledger_only=True)
    stored = stored_states.load("true", [])
    assert reconciliation.largest_difference(stored, exact, params_of, evidence_day(now)) < 1e-9


def test_without_territories_that_log_searches_reports_wait_for_the_next_fold(city: City, seen: Seen) -> None:
    CoverageSettings.objects.update(presence_only=True)
    seen(persons=2, minutes=60, hours_ago=0)
    assert nightly_rates.renew() is None
    assert CellTouch.objects.count() == 1 and not CitizenRates.objects.exists()
    fold.fold_outbox()
    assert CellState.objects.get(a__gt=0).a == pytest.approx(2, rel=1e-3)


def test_a_report_that_arrives_while_the_rates_wait_for_the_folds_is_counted(
    city: City, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = fold.store_waiting

    def filed_meanwhile() -> int:
        seen(persons=2, minutes=60, hours_ago=0)
        return store()

    monkeypatch.setattr(fold, "store_waiting", filed_meanwhile)
    assert nightly_rates.renew() is not None
    assert not CellTouch.objects.exists()
    assert CellState.objects.get(a__gt=0).a == pytest.approx(2, rel=1e-3)
