"""The nightly version of the rates: it is exact everywhere, put in force in one step, deleted on time, and readable
only by coordinators."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from mapping.coverage.cells import cell_states, ledger
from mapping.coverage.cells.coverage_model import PUBLISHED, Model
from mapping.coverage.citizen_rates.rate_estimates import estimate
from mapping.coverage.citizen_rates.rates_in_force import rates_in_force
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.map.releases import release_filter
from mapping.map.why import why_presenter
from mapping.map.why.recalculation import recalculate_cell, recalculate_zone
from mapping.map.why.wording.evidence_words import silence
from mapping.map.why.zone_evidence import counted_rows, effective_sources, evidence_of, parts_of, silence_of
from mapping.models import CellState, CitizenRates, CoverageSettings, Parameters, Zone, evidence_day
from mapping.plans.parameters import nightly_rates
from mapping.tasks import renew_citizen_rates
from needs.base.records.declarations import DraftPlace, EncounterDraft, PresenceDraft
from needs.doors.retention import runner
from needs.enums import ReportKind
from needs.models import CitizenReport
from needs.reports import filing
from solidarity.lib import grid
from tests import filing_verbs
from tests.support import Cast, City, SignedIn

SPOTS = [(48.866 + i * 0.0015, 2.345 + j * 0.002) for i in range(3) for j in range(3)]
DAY = timedelta(days=1)


def told(spot: tuple[float, float], source: int, days_ago: float) -> Any:
    at = timezone.now() - timedelta(days=days_ago)
    return filing.report_presence(PresenceDraft(at=at, place=DraftPlace(*spot), source=f"s{source}", with_account=True))


@pytest.fixture
def known(cast: Cast, city: City) -> Cast:
    """Two months in which teams search and citizens report, under the default parameters."""
    Parameters.objects.filter(territory=None).update(values=Model().values())
    for number in range(40):
        spot, at = SPOTS[number % 9], timezone.now() - timedelta(days=1 + number * 1.4)
        draft = EncounterDraft(at=at, place=DraftPlace(*spot), persons=number % 3, minutes=30)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
        told(spot, number, 2 + number * 1.4)
    fold.fold_outbox()
    rebuild.recompute_all()
    return cast


def version(city: City) -> CitizenRates:
    return CitizenRates.objects.filter(territory=city.nord).latest("made_at")


def same(cells: list[int]) -> None:
    for cell in cells:
        assert recalculate_cell(cell).same
    for zone in Zone.objects.live():
        recalculation = recalculate_zone(zone)
        assert recalculation is not None and recalculation.same
    assert (reconciliation.reconcile().difference or 0.0) < 1e-9


def test_the_night_puts_a_version_in_force_and_all_ways_to_a_state_agree(known: Cast, city: City) -> None:
    before = {row.cell: row for row in CellState.objects.all()}
    assert not any(row.citizen_rate for row in before.values())
    renew_citizen_rates()
    made = version(city)
    assert made.rate > 0 and made.reports > 20 and made.days == pytest.approx(56.6, abs=0.5)
    for row in CellState.objects.filter(territory=city.nord.pk):
        quarter = grid.parent(row.cell, 8)
        assert row.citizen_rate == made.rates[made.quarters.index(quarter)]
        assert row.xt == pytest.approx(before[row.cell].xt, rel=1e-4) and row.mean <= before[row.cell].mean
        assert row.ac == pytest.approx(before[row.cell].ac, rel=1e-4)
    some = [told(SPOTS[0], 1, 0.01), told(SPOTS[4], 2, 5), told(SPOTS[8], 3, 59)]
    fold.fold_outbox()
    reports = CitizenReport.objects.filter(pk__in=[each.id for each in some])
    cells = {grid.cell_of(*SPOTS[number]) for number in (0, 4, 8)}
    assert set(reports.values_list("cell", flat=True)) == cells
    same(sorted(cells))
    filing.retract(ReportKind.CITIZEN_REPORT, some[1].id, author=None)
    fold.fold_outbox()
    same(sorted(cells))


def test_the_night_estimates_from_the_evidence_of_sixty_days(known: Cast, city: City) -> None:
    told(SPOTS[0], 1, 75)
    late = EncounterDraft(at=timezone.now() - 70 * DAY, place=DraftPlace(*SPOTS[0]), persons=50, minutes=600)
    filing_verbs.log_encounter(late, association=known.maraude.pk, author=None)
    nightly_rates.renew()
    made = version(city)
    evidence = ledger.stored_rows(list(CellState.objects.values_list("cell", flat=True))).rows
    rows = evidence.where(evidence.day > made.day - 60)
    cells = np.array(sorted(CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True)))
    params = cell_states.territory_params_of([city.nord.pk])[city.nord.pk]
    seen, sweeps = np.zeros(len(cells)), np.zeros(len(cells))
    for cell, persons, hours, citizen in zip(rows.cell, rows.persons, rows.hours, rows.by_citizens, strict=True):
        if not citizen:
            seen[np.searchsorted(cells, cell)] += persons
            sweeps[np.searchsorted(cells, cell)] += 1 - np.exp(-params.model.search_rate * hours)
    said = rows.where(rows.by_citizens)
    expected = estimate(params.model, params.m0, cells, seen, sweeps, said, made.day - rows.day.min())
    assert made.days == pytest.approx(made.day - rows.day.min())
    assert made.rate == pytest.approx(expected.rate, rel=1e-6)
    assert made.rates == pytest.approx(expected.rates.tolist(), rel=1e-6)


def test_a_past_state_has_the_rates_of_its_time(known: Cast, city: City) -> None:
    nightly_rates.renew(timezone.now() - 2 * DAY)
    nightly_rates.renew()
    first, second = CitizenRates.objects.filter(territory=city.nord).order_by("made_at")
    cell = np.array([CellState.objects.filter(territory=city.nord.pk)[0].cell])
    territory = np.array([city.nord.pk], dtype=np.int32)
    params_of = cell_states.territory_params_of()
    found = [
        float(rates_in_force(cell, territory, params_of, moment)[0])
        for moment in (first.made_at - DAY, first.made_at, second.made_at - timedelta(seconds=1), second.made_at)
    ]
    quarter = grid.parent(int(cell[0]), 8)
    rates = [one.rates[one.quarters.index(quarter)] for one in (first, second)]
    assert found == [0.0, rates[0], rates[0], rates[1]]
    past, _params = rebuild.compute(first.made_at + DAY, ledger_only=True)
    assert past.citizen_rate[np.searchsorted(past.cell, cell)] == pytest.approx(rates[0])


def test_where_nobody_logs_searches_silence_says_nothing(known: Cast, city: City) -> None:
    nightly_rates.renew()
    CoverageSettings.objects.update(presence_only=True)
    rebuild.recompute_all()
    assert not CellState.objects.filter(citizen_rate__gt=0).exists()
    assert nightly_rates.renew() is None


def test_where_the_parameter_is_off_a_version_changes_nothing(known: Cast, city: City) -> None:
    Parameters.objects.filter(territory=None).update(values=PUBLISHED.values())
    moment = timezone.now()
    rebuild.recompute_all(moment)
    before = list(CellState.objects.order_by("cell").values_list("cell", "mean", "chance"))
    nightly_rates.renew(moment)
    assert list(CellState.objects.order_by("cell").values_list("cell", "mean", "chance")) == before


# --- privacy ---------------------------------------------------------------------------------------------------------


def test_a_version_holds_sums_of_many_days_without_a_source_or_the_time_of_a_report(known: Cast, city: City) -> None:
    nightly_rates.renew()
    made = version(city)
    assert {field.name for field in made._meta.fields} == {
        "id", "territory", "made_at", "day", "rate", "quarters", "rates", "days", "reports", "weight", "person_days",
    }  # fmt: skip
    assert {grid.resolution_of(quarter) for quarter in made.quarters} == {8}
    assert len(made.quarters) == len(made.rates)


def test_old_versions_are_deleted_when_no_zone_can_name_them(known: Cast, city: City) -> None:
    now = timezone.now()
    ages = [130, 70, 61, 40, 1]
    for age in ages:
        CitizenRates.objects.create(
            territory=city.nord, made_at=now - age * DAY, day=0, rate=0.01, quarters=[], rates=[], days=1, reports=1,
            weight=1, person_days=1,
        )  # fmt: skip
    assert runner.run(now, dry_run=True).counts["citizen_rates"] == 2
    assert runner.run(now).counts["citizen_rates"] == 2
    left = sorted((now - made).days for made in CitizenRates.objects.values_list("made_at", flat=True))
    assert left == [1, 40, 61], "the version of 61 days was in force 60 days ago"


def test_only_coordinators_read_what_is_usual_in_a_quarter(known: Cast, city: City, signed_in: SignedIn) -> None:
    nightly_rates.renew()
    release_filter.publish_all()
    cell = int(CellState.objects.filter(territory=city.nord.pk).order_by("-citizen_rate")[0].cell)
    zone = Zone.objects.live().get(key__in=CellState.objects.filter(cell=cell).values("zone"))
    cells = reverse("mapping:why_cell", args=["ville", grid.to_text(cell)])
    html = signed_in(known.diane).get(cells).content.decode()
    assert "Citizens usually report somebody here" in html
    for person in (known.alice, known.bob, known.edith, known.greta):
        for page in (cells, reverse("mapping:why", args=["ville", zone.key])):
            assert "usually report somebody" not in signed_in(person).get(page).content.decode()
    untouched = [row for row in Zone.objects.exclude(release=None) if row.last_search is None]
    assert untouched and not any(row.sweeps for row in untouched), "silence is no search in what is released"


# --- the why page ----------------------------------------------------------------------------------------------------


def test_silence_is_part_of_the_citizens_and_one_source(known: Cast, city: City) -> None:
    nightly_rates.renew()
    evidence = evidence_of(CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True))
    parts = {part.name: part for part in parts_of(evidence)}
    model = Model()
    assert parts["citizens"].rate == pytest.approx(model.evidence_weight * silence_of(evidence).sum())
    assert evidence.states.posterior is not None
    assert sum(part.rate for part in parts.values()) == pytest.approx(evidence.states.posterior.rate.sum(), abs=1e-9)
    a, x = evidence.citizen_parts
    persons, sweeps = counted_rows(evidence)
    at = np.searchsorted(evidence.states.cell, evidence.report_rows.rows.cell)
    count = len(evidence)
    assert np.bincount(at, persons, count) == pytest.approx(evidence.states.a + a, abs=1e-9)
    assert np.bincount(at, sweeps, count) + silence_of(evidence) == pytest.approx(evidence.states.x + x, abs=1e-9)
    quiet = evidence_of([int(evidence.states.cell[evidence.states.ac + evidence.states.x == 0][0])])
    assert effective_sources(quiet) == pytest.approx(1)


def test_the_page_says_what_silence_counts_for(known: Cast, city: City) -> None:
    nightly_rates.renew()
    states = CellState.objects.filter(territory=city.nord.pk).order_by("-citizen_rate")
    quiet = next(row for row in states if row.ac == 0)
    page = why_presenter.cell_page(quiet.cell)
    assert page is not None
    made = version(city)
    per_week = round(7 * 10 * quiet.citizen_rate / (made.weight / made.reports))
    often = "once a week" if per_week == 1 else f"{per_week} times a week"
    model = Model()
    counted = round(model.citizen_silence * quiet.citizen_rate * model.half_life / np.log(2), 1)
    assert page["silence"].replace("\u00a0", " ") == (
        f"Citizens usually report somebody here about {often} for ten people. "
        f"No report came in the last 14 days. This silence counts like {counted} full searches."
    )
    assert why_presenter.cell_page(states.filter(ac__gt=0)[0].cell)["silence"].count("came in the last 14 days") == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("per_person", "often"),
    [
        (0.4, "about 4 times a day"),
        (0.02, "about once a week"),
        (0.004, "about once a month"),
        (0.001, "less than once a month"),
    ],
)
def test_how_often_is_said_in_the_unit_that_fits(per_person: float, often: str) -> None:
    with translation.override("en"):
        assert silence(per_person, 0, 14, 0.3, 1).startswith(f"Citizens usually report somebody here {often} for ten")


# --- the migration ---------------------------------------------------------------------------------------------------


def test_the_migration_computes_the_weight_of_reports_from_the_evidence(known: Cast) -> None:
    for age in (61.5, 62, 63):
        told(SPOTS[2], 1, age)
    for source in range(3):
        told(SPOTS[2], source, 3.1)
    fold.fold_outbox()
    runner.run(timezone.now())
    moment = timezone.now()
    rebuild.recompute_all(moment)
    before = dict(CellState.objects.values_list("cell", "ac"))
    assert max(before.values()) > 0.3
    CellState.objects.update(ac=7)
    with connection.cursor() as cursor:
        cursor.execute(import_module("mapping.migrations.0004_since_version_0_2").WEIGHTS)
    assert dict(CellState.objects.values_list("cell", "ac")) == pytest.approx(before, abs=1e-12)
    assert evidence_day(moment) == CellState.objects.all()[0].day
