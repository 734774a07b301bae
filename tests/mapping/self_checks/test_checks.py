"""Predictions are stored before the tours and compared after them; coordinators alone see the verdict and its causes."""

import ast
import logging
import re
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping import tasks
from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import rebuild
from mapping.enums import Source
from mapping.models import (
    CheckedAssociation,
    CheckedDay,
    Evidence,
    Parameters,
    Prediction,
    SelfCheckNotice,
    evidence_day,
)
from mapping.plans.parameters import versions
from mapping.plans.self_checks import calibration, check_wording, comparing, cut_proposals, findings, predicting
from mapping.plans.self_checks.calibration import BANDS, COLUMNS
from mapping.plans.self_checks.past_checks import past_checks
from needs.doors.retention import runner
from needs.enums import ReportKind
from solidarity.lib import grid
from tests.mapping.self_checks.synthetic_past import synthetic_past
from tests.mapping.self_checks.test_calibration import visits_of
from tests.support import Cast, City, SignedIn
from volunteers.models import Association, Territory

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 11, 27, 15, 5))
FLAT = np.stack([calibration.band_sums(visits_of(100, day)) for day in range(50)])


def tour(cell: int, when: datetime, *, met: float = 0, hours: float | None = 0.5, by: int = 1, **more: Any) -> None:
    Evidence.objects.create(
        kind=more.get("kind", ReportKind.TOUR), report=more.get("report", uuid.uuid4()), cell=cell,
        day=evidence_day(when), source=Source.UNLOGGED if hours is None else more.get("source", Source.LOGGED),
        origin=by, persons=met, hours=hours, contacts=0,
    )  # fmt: skip


def cell_of(territory: Territory, number: int = 0) -> int:
    return int(territory.cells.order_by("cell").values_list("cell", flat=True)[number])


def sums_of(territory: Territory) -> dict[str, float]:
    """Sums of the only checked day over all bands."""
    table = np.array(CheckedDay.objects.get(territory=territory).bands).reshape(BANDS, len(COLUMNS))
    return dict(zip(COLUMNS, table.sum(axis=0).tolist(), strict=True))


def checked(territory: Territory, bands: np.ndarray, **more: Any) -> None:
    """Store checked days before today, one for each row of ``bands``."""
    today = timezone.localdate()
    four, flat = [0.0] * 4, [0.0] * len(calibration.FACTORS)
    CheckedDay.objects.bulk_create(
        CheckedDay(
            territory=territory, day=today - timedelta(days=3 + back), bands=table.ravel().tolist(),
            likelihoods=more["likelihoods"][back].tolist() if "likelihoods" in more else flat,
            meetings=[table[:, 0].sum(), 1.0, 1.0, 1.0], reported=more.get("reported", four),
        )
        for back, table in enumerate(bands)
    )  # fmt: skip


def found_long_ago() -> None:
    """Store the findings about associations as if they could read them for 15 days."""
    findings.note_findings()
    SelfCheckNotice.objects.update(since=timezone.now() - timedelta(days=15))


def team(territory: Territory, association: Association, back: int = 4, **sums: float) -> None:
    """Store the sums of an association on a day before today."""
    values = {"tours": 20, "unlogged": 0, "visits": 0, "expected": 0, "met": 0, "variance": 0} | sums
    CheckedAssociation.objects.create(
        territory=territory, association=association, day=timezone.localdate() - timedelta(days=back), **values
    )


def half_life_proposal(territory: Territory) -> Parameters:
    figures = {"half_life": 4.5, "neighbour_weight": 0.1, "log_likelihood": -0.8}
    current = Parameters.objects.in_force(territory)
    grounds = {
        "base": current.pk, "kind": "visits", "from": 2500.0, "to": 2560.0, "observations": 900, "groups": 99,
        "current": figures, "proposed": figures, "gain": 20.5, "standard_error": 6.25,
    }  # fmt: skip
    return versions.propose(territory, versions.values_of(current) | {"half_life": 4.5}, "x", grounds)


# --- predicting and comparing ----------------------------------------------------------------------------------------


def test_a_prediction_holds_the_posterior_of_each_cell_before_the_tours_and_is_never_replaced(city: City) -> None:
    spot = cell_of(city.nord)
    tour(spot, NOW - timedelta(days=2), met=4)
    assert predicting.predict(NOW) == 2
    stored = Prediction.objects.get(territory=city.nord)
    tour(spot, NOW + timedelta(hours=4), met=9)
    assert predicting.predict(NOW + timedelta(hours=5)) == 0
    again = Prediction.objects.get(territory=city.nord)
    assert bytes(again.table) == bytes(stored.table) and again.made_at == NOW
    found, _params = rebuild.compute(NOW)
    cells, columns = predicting.unpacked(bytes(stored.table))
    here = found.territory == city.nord.pk
    assert found.posterior is not None and cells.tolist() == found.cell[here].tolist()
    for name, column in zip(predicting.COLUMNS[:4], columns, strict=False):
        assert column == pytest.approx(getattr(found.posterior, name)[here], rel=1e-6)
    neighbours = np.array([spot in grid.neighbours(cell) for cell in cells.tolist()])
    assert (columns[4][neighbours] > 3).all() and (columns[4][~neighbours] == 0).all()


def test_a_territory_where_nobody_logs_searches_has_no_prediction(city: City) -> None:
    city.nord.coverage.presence_only = True
    city.nord.coverage.save()
    predicting.predict(NOW)
    assert list(Prediction.objects.values_list("territory", flat=True)) == [city.sud.pk]


def test_tours_of_the_next_24_hours_are_compared_three_days_later_and_the_prediction_is_deleted(city: City) -> None:
    predicting.predict(NOW)
    first, second = cell_of(city.nord), cell_of(city.nord, 5)
    tour(first, NOW + timedelta(hours=5), met=3, hours=0.5)
    tour(first, NOW + timedelta(hours=7), met=1, hours=0.25)
    tour(second, NOW + timedelta(hours=20), met=0, hours=0.5)
    tour(second, NOW + timedelta(hours=25), met=50)  # after the window
    tour(second, NOW - timedelta(minutes=1), met=50)  # before the prediction
    tour(second, NOW + timedelta(hours=5), met=50, hours=None)  # no time
    tour(second, NOW + timedelta(hours=5), met=50, kind=ReportKind.ENCOUNTER)
    tour(second, NOW + timedelta(hours=5), met=1, hours=0, source=Source.CITIZEN)
    assert comparing.compare_due(NOW + timedelta(days=2)) == 0
    said = Prediction.objects.get(territory=city.nord)
    assert comparing.compare_due(NOW + timedelta(days=3)) == 2
    assert not Prediction.objects.exists()
    sums = sums_of(city.nord)
    cells, columns = predicting.unpacked(bytes(said.table))
    shape, rate, theta, chance = columns[:4, np.searchsorted(cells, [first, second])]
    model = Model.of(said.values)
    x = np.array([2 - np.exp(-model.search_rate * 0.5) - np.exp(-model.search_rate * 0.25),
                  1 - np.exp(-model.search_rate * 0.5)])  # fmt: skip
    assert sums["places"] == 2 and sums["met"] == 4 and sums["observed"] == float(theta[0] * x[0] < 4)
    assert sums["chance"] == pytest.approx(chance.sum()) and sums["expected"] == pytest.approx((x * shape / rate).sum())
    assert sums["thorough"] == 2


def test_a_report_that_comes_after_the_comparison_changes_nothing(city: City) -> None:
    predicting.predict(NOW)
    tour(cell_of(city.nord), NOW + timedelta(hours=2), met=2)
    comparing.compare_due(NOW + timedelta(days=3))
    before = list(CheckedDay.objects.order_by("pk").values())
    assert len(before) == 1
    tour(cell_of(city.nord), NOW + timedelta(hours=2), met=2)
    assert comparing.compare_due(NOW + timedelta(days=4)) == 0
    assert list(CheckedDay.objects.order_by("pk").values()) == before


def test_an_earlier_next_prediction_ends_the_window(city: City) -> None:
    predicting.predict(NOW)
    predicting.predict(NOW + timedelta(hours=20))
    tour(cell_of(city.nord), NOW + timedelta(hours=22), met=2)
    comparing.compare_due(NOW + timedelta(days=5))
    assert [row.meetings[0] for row in CheckedDay.objects.filter(territory=city.nord).order_by("day")] == [1.0]
    assert CheckedDay.objects.get(territory=city.nord).day == (NOW + timedelta(hours=20)).date()


def test_the_passes_of_a_tour_through_a_cell_are_one_visit(city: City, cast: Cast) -> None:
    predicting.predict(NOW)
    report = uuid.uuid4()
    for met, hours in ((2, 0.3), (0, 0.2)):
        tour(cell_of(city.nord), NOW + timedelta(hours=4), met=met, hours=hours, by=cast.maraude.pk, report=report)
    said = Prediction.objects.get(territory=city.nord)
    comparing.compare_due(NOW + timedelta(days=3))
    shape, rate = predicting.unpacked(bytes(said.table))[1][:2, 0]
    x = float(coverage_model.sweeps(Model.of(said.values), np.array([0.3, 0.2]), np.ones(2)).sum())
    row = CheckedAssociation.objects.get()
    assert (row.tours, row.visits, row.met) == (1, 1, 2.0)
    assert row.variance == pytest.approx(x * shape / rate * (1 + x / rate))


def test_tours_are_counted_by_association_with_and_without_time(city: City, cast: Cast) -> None:
    predicting.predict(NOW)
    one, silent = uuid.uuid4(), uuid.uuid4()
    for number in (0, 1):
        tour(cell_of(city.nord, number), NOW + timedelta(hours=4), met=1, by=cast.maraude.pk, report=one)
        tour(cell_of(city.nord, number), NOW + timedelta(hours=4), met=1, by=cast.other.pk, report=silent, hours=None)
    comparing.compare_due(NOW + timedelta(days=3))
    rows = CheckedAssociation.objects.filter(territory=city.nord)
    assert sorted(rows.values_list("association", "tours", "unlogged", "visits", "met")) == sorted(
        [(cast.maraude.pk, 1, 0, 2, 2.0), (cast.other.pk, 1, 1, 0, 0.0)]
    )


def test_the_nightly_task_predicts_compares_and_can_run_twice(city: City) -> None:
    assert tasks.check_map() == 2 and tasks.check_map() == 0


def test_a_calibrated_past_in_the_database_is_flat_and_names_nothing(city: City) -> None:
    """People are drawn from the map's own posterior before each evening, so the map is right by construction."""
    dice = np.random.default_rng(4)
    start = timezone.now().replace(hour=14, minute=0) - timedelta(days=24)
    for day in range(20):
        made = start + timedelta(days=day)
        predicting.predict(made)
        for row in Prediction.objects.filter(made_at=made):
            cells, columns = predicting.unpacked(bytes(row.table))
            chosen = dice.choice(len(cells), 12, replace=False)
            hours = dice.uniform(0.2, 0.9, 12)
            x = coverage_model.sweeps(Model.of(row.values), hours, np.ones(12))
            met = dice.poisson(dice.gamma(columns[0][chosen]) / columns[1][chosen] * x)
            Evidence.objects.bulk_create(
                Evidence(
                    kind=ReportKind.TOUR, report=uuid.UUID(int=row.pk), cell=int(cell), day=evidence_day(made) + 0.2,
                    source=Source.LOGGED, origin=1, persons=float(count), hours=float(spent), contacts=0,
                )
                for cell, count, spent in zip(cells[chosen], met, hours, strict=True)
            )  # fmt: skip
    comparing.compare_due()
    found = past_checks(city.root, timezone.localdate())
    assert found.calibration.places == 20 * 24 and not found.causes
    assert check_wording.verdict_of(found.calibration) in ("holds", "fits")
    assert all(abs(band.missing - band.chance) < 3 * band.error for band in found.calibration.bands if band.enough)


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def read_page(city: City, cast: Cast, signed_in: SignedIn, settings: Settings) -> Any:
    settings.MFA_REQUIRED = False

    def read(slug: str = "ville", language: str = "en", by: Any = None) -> str:
        address = reverse("mapping:checks", args=[slug])
        answer = signed_in(by or cast.diane).get(address, headers={"Accept-Language": language})
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode()).replace("\xa0", " ")

    return read


def test_a_flat_line_is_said_in_one_sentence_and_in_a_table(read_page: Any, city: City) -> None:
    checked(city.nord, FLAT)
    text = read_page()
    band = calibration.calibration(FLAT).bands[3]
    said = f"of the places at {round(100 * band.chance)} %, help was missing in {round(100 * band.missing)} %"
    assert f"The map says what tours find: {said}." in text
    assert text.count("check-dot") == 6 and text.count("<tbody><tr>") == 1 and "What you can do" not in text


def test_few_visits_are_too_few_to_say(read_page: Any, city: City) -> None:
    assert "Too few visits to say whether the map is right: 0 in 60 days" in read_page()
    checked(city.nord, FLAT[:1] * 0 + np.eye(BANDS, len(COLUMNS))[None] * 20)
    text = read_page()
    assert "Too few visits" in text and "too few to say" in text and "check-dot" not in text


def test_a_map_that_expects_too_many_people_says_so(read_page: Any, city: City) -> None:
    checked(city.nord, np.stack([calibration.band_sums(visits_of(100, day, 0.4)) for day in range(40)]))
    text = read_page()
    assert "The map says too often that help is missing" in text and "check-dot--off" in text
    assert "because its chances are not right yet" in text


def test_a_doubled_census_is_named_with_its_number_and_one_tap_opens_the_filled_form(
    read_page: Any, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Territory.objects.filter(pk=city.root.pk).update(expected_persons=1000)
    past = synthetic_past(11, side=40, m0_factor=2.0)
    checked(city.nord, past.bands[:55], likelihoods=past.likelihoods)
    text = read_page(by=cast.farid)
    number = re.search(r"Set expected people to about (\d+)", text)
    assert number is not None and int(number[1]) == pytest.approx(500, rel=0.25)
    href = re.search(r'href="(/map/t/ville/territory/\?persons=\d+)', text)
    assert href is not None and number[1] in href[1]
    form = signed_in(cast.farid).get(href[1]).content.decode()
    assert f'value="{number[1]}"' in form and Territory.objects.get(pk=city.root.pk).expected_persons == 1000
    own = read_page()  # Diane coordinates Ville, and only somebody above her may change its number
    assert "An administrator, or somebody who coordinates the territory above" in own and "persons=" not in own


def test_associations_are_named_alphabetically_without_a_figure(read_page: Any, city: City, cast: Cast) -> None:
    checked(city.nord, FLAT)
    third = Association.objects.create(slug="aube", name="Aube", contact="bonjour@aube.example")
    for association, silent in ((cast.other, 20), (cast.maraude, 9), (third, 8)):
        team(city.nord, association, unlogged=silent)
    fine = Association.objects.create(slug="zenith", name="Zénith")
    team(city.nord, fine, unlogged=7)
    found_long_ago()
    text = read_page()
    titles = re.findall(r"<h3>Many tours of (.+?) log no time</h3>", text)
    assert titles == sorted([third.name, cast.maraude.name, cast.other.name]) and fine.name not in text
    causes = text[text.index('id="causes"') : text.index('id="line"')]
    assert re.findall(r"\d+ ?%|\b\d{2,}\b", re.sub(r"<[^>]+>", "", causes)) == []
    assert "mailto:bonjour@aube.example" in text


def test_a_team_that_searches_differently_is_named_without_a_direction(read_page: Any, city: City, cast: Cast) -> None:
    checked(city.nord, FLAT)
    for back in range(4, 24):
        team(city.nord, cast.maraude, back, visits=20, expected=15, met=4, variance=25)
        team(city.nord, cast.other, back, visits=45, expected=30, met=30 + back % 2, variance=45)
    found_long_ago()
    text = read_page()
    assert f"The time that {cast.maraude.name} logs does not fit" in text and cast.other.name not in text
    assert not re.search(
        r"\b(80|300|4|15|more|fewer|less|slow|fast)\b", text[text.index("The time that") : text.index("line")]
    )


def test_reports_that_tours_do_not_confirm_open_a_form_with_a_smaller_weight(
    read_page: Any, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    checked(city.nord, FLAT)
    CheckedDay.objects.update(meetings=[100.0, 50.0, 47.0, 25.0], reported=[20.0, 16.0, 6.0, 3.0])
    text = read_page()
    href = re.search(r'href="(/map/t/ville/parameters/\?account_trust=[^"]+)"', text)
    assert "Tours often find nobody where citizens reported people" in text and href is not None
    before = Parameters.objects.count()
    form = signed_in(cast.diane).get(href[1].replace("&amp;", "&").split("#")[0]).content.decode()
    share = (6 / 16) / (41 / 34)
    trust = Parameters.objects.in_force(city.root).values["account_trust"] * share
    assert f'name="account_trust" value="{round(100 * round(trust, 2))}"' in form
    assert Parameters.objects.count() == before


def test_an_address_cannot_suggest_a_value_outside_its_range(
    city: City, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    address = reverse("mapping:parameters", args=["ville"])
    plain = signed_in(cast.diane).get(address).content.decode()
    values = re.findall(r'name="(?:half_life|search_rate|account_trust)" value="([^"]*)"', plain)
    odd = signed_in(cast.diane).get(f"{address}?half_life=1e400&search_rate=nan&account_trust=%3Cscript%3E&reason=x")
    assert re.findall(r'name="(?:half_life|search_rate|account_trust)" value="([^"]*)"', odd.content.decode()) == values


def test_an_open_proposal_of_a_half_life_is_linked(read_page: Any, city: City) -> None:
    row = half_life_proposal(city.root)
    text = read_page()
    assert "People move faster than the map assumes" in text and f"?proposal={row.pk}#id_reason" in text


@pytest.mark.parametrize("language", ["fr"])
def test_the_page_is_shown_in_french(read_page: Any, city: City, language: str) -> None:
    checked(city.nord, FLAT)
    text = read_page(language=language)
    assert 'data-verdict="holds"' in text and '<html lang="fr"' in text
    assert "Is the map right?" not in text and "La carte dit-elle vrai ?" in text


# --- the threshold of P ----------------------------------------------------------------------------------------------


def predicted(territory: Territory, chances: np.ndarray) -> None:
    """Store a prediction of today with these chances."""
    columns = np.zeros((len(predicting.COLUMNS), len(chances)), dtype=np.float32)
    columns[predicting.COLUMNS.index("chance")] = chances
    table = predicting.packed(np.arange(len(chances), dtype=np.int64), columns)
    Prediction.objects.create(
        territory=territory,
        day=timezone.localdate(),
        made_at=timezone.now(),
        m0=1.0,
        values=Model().values(),
        table=table,
    )


LOW = np.random.default_rng(3).beta(0.5, 6.0, 400)
"""Chances whose best threshold is far from .25."""


def test_a_better_cut_is_proposed_where_calibration_holds_and_applied_by_nobody(
    city: City, cast: Cast, read_page: Any, signed_in: SignedIn
) -> None:
    checked(city.nord, FLAT)
    predicted(city.nord, LOW)
    current = Parameters.objects.in_force(city.nord)
    other = half_life_proposal(city.nord)
    assert cut_proposals.propose_cuts() == 1 and cut_proposals.propose_cuts() == 0
    row = Parameters.objects.proposals().get(grounds__kind="cut")
    cut, _score = calibration.expected_f1_cut(LOW.astype(np.float32))
    assert row.values["under_covered_at"] == pytest.approx(
        max(cut, current.values["leave_covered_at"] + 0.01), abs=0.006
    )
    assert row.values["leave_under_covered_at"] < row.values["under_covered_at"]
    assert Parameters.objects.in_force(city.nord) == current and other in Parameters.objects.proposals()
    text = read_page("nord")
    assert "so the map proposes a better threshold" in text and f"?proposal={row.pk}#id_reason" in text
    form = (
        signed_in(cast.diane).get(f"{reverse('mapping:parameters', args=['nord'])}?proposal={row.pk}").content.decode()
    )
    assert f'name="under_covered_at" value="{round(100 * row.values["under_covered_at"])}"' in form
    assert "the best threshold is" in form


def test_no_cut_is_proposed_where_calibration_does_not_hold_and_an_open_one_is_withdrawn(city: City) -> None:
    predicted(city.nord, LOW)
    assert cut_proposals.propose_cuts() == 0  # no visits at all
    checked(city.nord, FLAT)
    assert cut_proposals.propose_cuts() == 1
    CheckedDay.objects.all().delete()
    checked(city.nord, np.stack([calibration.band_sums(visits_of(100, day, 0.4)) for day in range(40)]))
    assert cut_proposals.propose_cuts() == 0 and not Parameters.objects.proposals().exists()


def test_without_a_count_no_cut_is_proposed_and_an_open_one_is_withdrawn(city: City) -> None:
    checked(city.nord, FLAT)
    predicted(city.nord, LOW)
    assert cut_proposals.propose_cuts() == 1
    Territory.objects.filter(slug="ville").update(count_kind="")
    assert cut_proposals.propose_cuts() == 0 and not Parameters.objects.proposals().exists()


def test_a_declined_cut_is_not_proposed_again(city: City, cast: Cast) -> None:
    checked(city.nord, FLAT)
    predicted(city.nord, LOW)
    cut_proposals.propose_cuts()
    versions.close(Parameters.objects.proposals().get(), "declined", "no", cast.diane)
    assert cut_proposals.propose_cuts() == 0


# --- attacks and deletion ---------------------------------------------------------------------------------------------


def test_members_and_dispatchers_of_associations_learn_nothing_of_the_checks(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    team(city.nord, cast.maraude, unlogged=20)
    for person in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        for slug in ("ville", "nord"):
            assert signed_in(person).get(reverse("mapping:checks", args=[slug])).status_code == 404


def test_predictions_are_read_nowhere_else_so_no_release_export_or_log_can_hold_them() -> None:
    names, allowed = {"Prediction", "CheckedDay", "CheckedAssociation"}, {"mapping/models.py"}
    root, found = Path(site.ROOT), set()
    for app in ("solidarity", "volunteers", "needs", "mapping"):
        for path in (root / app).rglob("*.py"):
            text = path.read_text()
            if "migrations" in path.parts or "self_checks" in path.parts or not any(name in text for name in names):
                continue
            words = {
                alias.name
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mapping")
                for alias in node.names
            }
            if words & names:
                found.add(str(path.relative_to(root)))
    assert found == allowed


def test_nothing_of_a_cell_or_an_association_is_logged(
    city: City, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    predicting.predict(NOW)
    tour(cell_of(city.nord), NOW + timedelta(hours=4), met=3, by=cast.maraude.pk)
    comparing.compare_due(NOW + timedelta(days=3))
    checked(city.sud, FLAT)
    predicted(city.sud, LOW)
    assert cut_proposals.propose_cuts() == 1
    text = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert str(cell_of(city.nord)) not in text and cast.maraude.name not in text and "sud" not in text.lower()


def test_an_association_that_is_erased_takes_its_sums_with_it(city: City, cast: Cast) -> None:
    gone = Association.objects.create(slug="gone", name="Gone")
    team(city.nord, gone)
    team(city.nord, cast.maraude)
    gone.delete()
    assert list(CheckedAssociation.objects.values_list("association", flat=True)) == [cast.maraude.pk]


def test_sums_are_deleted_after_62_days_and_forgotten_predictions_after_ten(city: City, cast: Cast) -> None:
    today = timezone.localdate()
    checked(city.nord, FLAT[:1])
    CheckedDay.objects.update(day=today - timedelta(days=64))
    team(city.nord, cast.maraude)
    CheckedAssociation.objects.update(day=today - timedelta(days=64))
    predicted(city.nord, LOW)
    Prediction.objects.update(day=today - timedelta(days=12))
    checked(city.sud, FLAT[:1])
    runner.run(timezone.now())
    assert list(CheckedDay.objects.values_list("territory", flat=True)) == [city.sud.pk]
    assert not CheckedAssociation.objects.exists() and not Prediction.objects.exists()
