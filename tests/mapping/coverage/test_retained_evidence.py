"""Erasing reports does not change the map. Their weight is retained, and it is exact if exponential decay allows
that."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.coverage.cells import cell_states, coverage_model, help_by_day, retained_evidence
from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.map.why import recalculation
from mapping.models import Evidence, Override, Parameters, RetainedEvidence, evidence_day
from mapping.out.retention.evidence_retention import erase_day
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.base.retention_rules import retention_periods
from needs.doors.retention import report_deletion, runner
from needs.enums import ReportKind
from needs.models import Aid, CitizenReport, Encounter, Need, Retraction, Tour
from needs.reports import filing
from needs.signals import Touch, evidence_changed
from solidarity.lib import grid
from tests import filing_verbs
from tests.mapping.coverage.test_fold import SPOTS, sums
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, Seen

DAY = timedelta(days=1)
NAMES = ("a", "x", "xt", "s", "ac", "last")


def told(moment: datetime) -> tuple[cell_states.CellStates, dict[int, cell_states.TerritoryParams]]:
    return rebuild.compute(moment, ledger_only=True)


def gap(one: cell_states.CellStates, other: cell_states.CellStates) -> float:
    """Return the largest difference in sums and risks between two states of the same cells."""
    assert np.array_equal(one.cell, other.cell)
    assert one.posterior is not None
    assert other.posterior is not None
    differences = [np.nanmax(np.abs(getattr(one, name) - getattr(other, name)), initial=0.0) for name in NAMES]
    return float(max(*differences, np.abs(one.posterior.chance - other.posterior.chance).max()))


def filed(cast: Cast, what: tuple[Any, ...], now: datetime) -> None:
    kind, spot, number, age, extra = what
    at, place = now - timedelta(days=age), DraftPlace(*spot)
    if kind == "encounter":
        draft = EncounterDraft(at=at, place=place, persons=number, contacts=number // 2, minutes=extra)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    elif kind == "citizen":
        filing.report_presence(PresenceDraft(at=at, place=place, source=f"s{number}", with_account=bool(extra)))
    elif kind == "need":
        filing_verbs.report_need(NeedDraft(at=at, place=place, kinds=["food"], source=f"s{number}"))
    elif kind == "aid":
        filing.log_aid(AidDraft(at=at, place=place, contacts=number), association=None, author=None)
    else:
        tour = filing.start_tour(association=cast.maraude.pk, author=None, at=at)
        filing_verbs.log_encounter(
            EncounterDraft(at=at, place=place, persons=number, tour=tour.id),
            association=cast.maraude.pk,
            author=None,
        )
        ended = None if extra is None else at + timedelta(minutes=40)
        cells = {grid.cell_of(*spot): [number + 1.0, 12.0]} if extra else ()
        filing.close_tour(Tour.objects.get(pk=tour.id), ended_at=ended, cells=cells)


event = st.tuples(
    st.sampled_from(["encounter", "citizen", "citizen", "need", "aid", "tour"]),
    st.sampled_from(SPOTS[:3]),
    st.integers(0, 4),
    st.floats(0, 90),
    st.sampled_from([None, 0, 25]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(event, min_size=1, max_size=25), st.integers(1, 30))
def test_the_state_is_the_same_before_and_after_reports_are_erased(
    cast: Cast, history: list[tuple[Any, ...]], more: int
) -> None:
    from django.db import transaction

    now = timezone.now()
    mark = transaction.savepoint_create()
    for what in history:
        filed(cast, what, now)
    fold.fold_outbox()
    before, lately, later = told(now)[0], told(now - 20 * DAY)[0], told(now + more * DAY)[0]
    stored = sums(evidence_day(now))
    done = runner.run(now - 15 * DAY)  # two nights, so that sums are retained twice
    done = runner.run(now)
    assert done.failed == []
    old = now - 61 * DAY
    assert not any(model.objects.filter(at__lt=old).exists() for model in (Tour, Encounter, CitizenReport, Need, Aid))
    assert not Evidence.objects.filter(day__lt=evidence_day(old)).exists()
    assert gap(before, told(now)[0]) < 1e-9
    assert gap(later, told(now + more * DAY)[0]) < 1e-9
    assert gap(lately, told(now - 20 * DAY)[0]) < 1e-9
    assert sums(evidence_day(now)) == stored
    difference = reconciliation.reconcile().difference
    assert difference is not None
    assert difference < 1e-9
    transaction.savepoint_rollback(mark)


def test_erased_reports_of_citizens_leave_a_sum_and_no_pseudonym(cast: Cast) -> None:
    now, place = timezone.now(), DraftPlace(*SPOTS[0])
    for age in (63, 62.5, 62, 61.5, 61.1, 59, 58, 57, 30):
        at = now - timedelta(days=age)
        filing.report_presence(PresenceDraft(at=at, place=place, source="same", with_account=True))
    fold.fold_outbox()
    before = told(now)[0]
    runner.run(now)
    assert CitizenReport.objects.count() < 9
    assert gap(before, told(now)[0]) < 1e-12
    kept = RetainedEvidence.objects.get()
    assert {field.name for field in kept._meta.fields} == {
        "id", "cell", "region", "source", "day", "rate", "lives", "persons", "unlogged", "searches", "sweeps", "last",
    }  # fmt: skip
    assert kept.last is None and not any((*kept.unlogged, *kept.searches, *kept.sweeps))
    filing.report_presence(PresenceDraft(at=now, place=place, source="other"))
    fold.fold_outbox()
    assert (reconciliation.reconcile().difference or 0.0) < 1e-9


def test_what_belongs_together_goes_together_and_nothing_speaks_anew(cast: Cast, seen: Seen) -> None:
    now = timezone.now()
    encounter = seen(hours_ago=24 * 63, asked=["food"], note="x")
    need = NeedDraft(at=now - 40 * DAY, place=DraftPlace(*SPOTS[0]), kinds=["food"], source="a")
    filing_verbs.report_need(need, association=cast.maraude.pk, encounter=encounter.id)
    filing.retract(ReportKind.NEED, reported(hours_ago=24 * 70).pk, author=None, reason="a mistake")
    kept = reported(hours_ago=24 * 59)
    counted = report_deletion.count(now)
    dry = runner.run(now, dry_run=True)
    assert Encounter.objects.count() == 1
    done = runner.run(now)
    assert done.counts["reports"] == dry.counts["reports"] == counted == 3
    assert list(Need.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Retraction.objects.exists()
    assert not Encounter.objects.exists()
    fold.fold_outbox()
    assert (reconciliation.reconcile().difference or 0.0) < 1e-9
    assert {str(row.report) for row in Evidence.objects.all()} == {str(kept.pk)}


def test_the_why_page_computes_the_same_digits_again(cast: Cast, seen: Seen) -> None:
    now = timezone.now()
    for age, minutes in ((70, 20), (64, None), (5, 15)):
        seen(hours_ago=24 * age, minutes=minutes, given=["food"])
        at = now - timedelta(days=age)
        filing.report_presence(PresenceDraft(at=at, place=DraftPlace(48.866, 2.35), source=f"{age}"))
    cell = Encounter.objects.all()[0].cell
    assert cell is not None
    fold.fold_outbox()
    runner.run(now)
    assert RetainedEvidence.objects.filter(cell=cell).count() == 3
    rebuild.recompute_all()
    found = recalculation.recalculate_cell(cell)
    assert found.same
    assert found.largest < 1e-9
    seen(persons=5)
    filing.retract(ReportKind.ENCOUNTER, Encounter.objects.latest("filed_at").pk, author=None)
    fold.fold_outbox()
    assert recalculation.recalculate_cell(cell).same


def test_contests_and_what_waits_to_be_folded_are_carried_too(cast: Cast, seen: Seen) -> None:
    now = timezone.now()
    seen(hours_ago=24 * 62)  # filed but not folded
    cell = Encounter.objects.get().cell
    assert cell is not None
    contest = Override.objects.create(
        id=uuid.uuid4(), cell=cell, at=now - 62 * DAY, persons=2, hours=1, status=1, association=cast.maraude,
        author=cast.bob, expires_at=now - 55 * DAY, content_hash="",
    )  # fmt: skip
    evidence_changed.send(sender=None, touches=[Touch(ReportKind.OVERRIDE, contest.pk, None, cell)])
    before = told(now)[0]
    runner.run(now)
    assert not Override.objects.exists()
    assert set(RetainedEvidence.objects.values_list("cell", flat=True)) == {cell}
    assert gap(before, told(now)[0]) < 1e-12
    assert (reconciliation.reconcile().difference or 0.0) < 1e-9


def test_an_archive_stays_and_keeps_its_digits(cast: Cast) -> None:
    now = timezone.now()
    at = now - 100 * DAY
    draft = PresenceDraft(at=at, place=DraftPlace(*SPOTS[0]), source="311")
    filing.report_presence(draft, extra=filing.Extra(archive=True, filed_at=at))
    fold.fold_outbox()
    assert runner.run(now).counts["reports"] == 0
    assert CitizenReport.objects.count() == 1


def test_sums_stay_exact_when_parameters_change_to_half_lives_of_the_ladder(cast: Cast) -> None:
    """Approximated sums stay within the errors that docs/adr/0022 states."""
    now, random = timezone.now(), np.random.default_rng(7)
    for _number in range(120):
        spot, age = SPOTS[int(random.integers(3))], float(random.uniform(0, 120))
        kind = ["encounter", "encounter", "encounter", "citizen", "aid"][int(random.integers(5))]
        minutes = [None, 12.0, 25.0, 60.0][int(random.integers(4))]
        filed(cast, (kind, spot, int(random.integers(5)), age, minutes), now)
    fold.fold_outbox()
    row = Parameters.objects.get()
    worlds = {
        "ladder": replace(PUBLISHED, half_life=15),
        "weights": replace(PUBLISHED, unlogged_weight=0.7, unlogged_hours=0.5, citizen_search=0.4),
        "between": replace(PUBLISHED, half_life=9.37),
        "long": replace(PUBLISHED, half_life=52.0),
        "rate": replace(PUBLISHED, search_rate=3.0),
    }

    def under(model: coverage_model.Model) -> cell_states.CellStates:
        Parameters.objects.filter(pk=row.pk).update(values=model.values())
        return told(now)[0]

    before = {name: under(model) for name, model in worlds.items()}
    under(PUBLISHED)
    runner.run(now)
    after = {name: under(model) for name, model in worlds.items()}
    gaps = {name: gap(before[name], after[name]) for name in worlds}
    print(gaps)
    assert gaps["ladder"] < 1e-9
    assert gaps["weights"] < 1e-9
    assert gaps["between"] < 1e-3
    assert gaps["rate"] < 5e-3


def test_a_sum_between_the_half_lives_of_the_ladder_is_wrong_by_less_than_it_weighs() -> None:
    """The error is the relative error times the weight left after 60 days, in the worst of many mixtures of ages."""
    random = np.random.default_rng(3)
    lives = np.array([float(life) for life in retained_evidence.LADDER])
    wanted = np.array([1.5, 4.4, 7.0, 9.37, 13.0, 25.0, 52.0, 100.0, 300.0])
    worst = np.zeros(len(wanted))
    for _case in range(300):
        age = random.uniform(0, float(random.choice([1, 20, 90])), int(random.integers(1, 40)))
        weight = random.uniform(0.1, 5, len(age))
        exact = (weight[:, None] * np.exp2(-age[:, None] / wanted)).sum(axis=0)
        stored = (weight[:, None] * np.exp2(-age[:, None] / lives)).sum(axis=0)
        worst = np.maximum(worst, np.abs(retained_evidence.at_lives(lives, stored, wanted) / exact - 1))
    assert (worst[wanted >= 4] < 2e-3).all()
    assert (worst * np.exp2(-60 / wanted) < 1e-4).all()


def test_help_is_forgotten_long_before_its_report_can_be_erased() -> None:
    assert retention_periods.PERIODS["REPORT_DAYS"].least > help_by_day.BUCKETS


def test_one_day_is_erased_in_one_transaction(cast: Cast, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    seen(hours_ago=24 * 63)
    fold.fold_outbox()
    stored = list(Evidence.objects.values_list("report", flat=True))

    def fails(_due: object) -> int:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(report_deletion, "delete", fails)
    day = report_deletion.first_day(now)
    assert day is not None
    with pytest.raises(RuntimeError):
        erase_day(day, now)
    assert list(Evidence.objects.values_list("report", flat=True)) == stored
    assert not RetainedEvidence.objects.exists()
