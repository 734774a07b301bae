"""Half-life and neighbour weight are learnt from the past: planted values are found. Proposals are never applied."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Model
from mapping.enums import Source
from mapping.models import Evidence, Parameters, evidence_day
from mapping.plans.parameters import learning, nightly_proposals, versions
from mapping.plans.parameters.learning import HALF_LIVES, NEIGHBOUR_WEIGHTS, Past, of_reports, of_visits
from needs.enums import ReportKind
from tests.repetitions import again
from tests.support import Cast, City
from volunteers.enums import CountKind
from volunteers.models import Territory

SIDE = 12
PLANTED = [again(4.5, 0.1), (10.0, 0.1), again(22.0, 0.1)]


def torus(side: int) -> np.ndarray:
    """Return the six neighbours of each cell of a small world without a border."""
    rows, columns = np.divmod(np.arange(side * side), side)
    steps = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, -1), (-1, 1)]
    return np.stack([((rows + r) % side) * side + (columns + c) % side for r, c in steps], axis=1)


def walked(model: Model, seed: int, days: int = 200, tours: int = 12, cells_of_tour: int = 8) -> Past:
    """Generate visits whose counts are drawn from the model's own distribution before each visit."""
    dice = np.random.default_rng(seed)
    near, m0 = torus(SIDE), 1.0
    count = len(near)
    a, x = np.zeros(count), np.zeros(count)
    fade = 2.0 ** (-1.0 / tours / model.half_life)
    rows: list[tuple[int, float, float, float]] = []
    for step in range(days * tours):
        chosen = dice.choice(count, cells_of_tour, replace=False)
        seen = coverage_model.sweeps(model, dice.uniform(0.1, 1.0, cells_of_tour), np.ones(cells_of_tour))
        posterior = coverage_model.posterior(
            model, m0, a[chosen], x[chosen], a[near[chosen]].sum(axis=1), x[near[chosen]].sum(axis=1),
            np.zeros(cells_of_tour),
        )  # fmt: skip
        met = dice.poisson(dice.gamma(posterior.shape) / posterior.rate * seen).astype(float)
        rows += [(int(c), step / tours, m, s) for c, m, s in zip(chosen, met, seen, strict=True)]
        a[chosen] += met
        x[chosen] += seen
        a, x = a * fade, x * fade
    cell, day, met, seen = (np.array(column) for column in zip(*rows, strict=True))
    return Past(cell, day, met, seen, met, seen, near, np.ones(count, dtype=bool), m0)


@pytest.mark.parametrize(("half_life", "weight"), PLANTED)
def test_a_planted_half_life_comes_back_within_a_step_of_the_grid(half_life: float, weight: float) -> None:
    past = walked(Model(half_life=half_life, neighbour_weight=weight), seed=int(half_life))
    found = of_visits(Model(half_life=50.0, neighbour_weight=0.0), past)
    assert abs(HALF_LIVES.index(found.best[0]) - HALF_LIVES.index(half_life)) <= 1
    planted = found.score[HALF_LIVES.index(half_life), NEIGHBOUR_WEIGHTS.index(weight)]
    assert found.score.max() - planted < 4.0  # half of the 98 % quantile of chi-square with two degrees of freedom
    assert found.worth_it


def test_of_points_as_good_as_the_best_the_nearest_to_what_is_in_force_is_taken() -> None:
    model = Model(half_life=22.0, neighbour_weight=0.1)
    found = of_visits(model, walked(model, seed=22))
    assert found.score.argmax() % len(NEIGHBOUR_WEIGHTS) != NEIGHBOUR_WEIGHTS.index(0.1)
    assert found.best == (22.0, 0.1) and found.gain == 0.0 and not found.worth_it


def test_the_truth_in_force_is_left_alone() -> None:
    model = Model(half_life=10.0, neighbour_weight=0.1)
    worth = [of_visits(model, walked(model, seed, days=90)).worth_it for seed in range(100, 106)]
    assert not any(worth)


def test_each_visit_is_foretold_from_what_came_before_it_alone() -> None:
    model = Model(half_life=10.0)
    past = walked(model, 7, days=60)
    late = past.day > 40
    met = past.met.copy()
    met[late] = 100.0
    changed = Past(past.cell, past.day, np.where(late, 100.0, past.persons), past.sweeps, met, past.seen, past.near,
                   past.inside, past.m0)  # fmt: skip
    early = past.day <= 40
    part = Past(past.cell[early], past.day[early], past.persons[early], past.sweeps[early], past.met[early],
                past.seen[early], past.near, past.inside, past.m0)  # fmt: skip
    whole, alone = of_visits(model, changed), of_visits(model, part)
    hidden = Past(past.cell, past.day, changed.persons, past.sweeps, np.where(late, np.nan, past.met), past.seen,
                  past.near, past.inside, past.m0)  # fmt: skip
    assert of_visits(model, hidden).current == pytest.approx(alone.current, abs=1e-9)
    assert whole.current < alone.current


def test_the_order_of_the_rows_does_not_matter() -> None:
    past = walked(Model(), 3, days=40)
    turn = np.random.default_rng(1).permutation(len(past.cell))
    mixed = Past(past.cell[turn], past.day[turn], past.persons[turn], past.sweeps[turn], past.met[turn],
                 past.seen[turn], past.near, past.inside, past.m0)  # fmt: skip
    assert of_visits(Model(), mixed).score == pytest.approx(of_visits(Model(), past).score, rel=1e-12)


def test_a_long_past_does_not_overflow() -> None:
    past = walked(Model(half_life=3.0), 5, days=40)
    stretched = Past(past.cell, past.day * 60.0, past.persons, past.sweeps, past.met, past.seen, past.near, past.inside,
                     past.m0)  # fmt: skip
    assert np.isfinite(of_visits(Model(half_life=3.0), stretched).score).all()


@pytest.mark.parametrize("half_life", [7.0, 15.0, 30.0])
def test_a_planted_half_life_of_reports_comes_back(half_life: float) -> None:
    dice, near = np.random.default_rng(int(half_life)), torus(SIDE)
    other = {"prior": 0.25, "evidence_weight": 1.4}
    model, count = Model(half_life=half_life, neighbour_weight=0.1, **other), SIDE * SIDE
    a, x, rows = np.zeros(count), np.zeros(count), []
    for week in range(80):
        posterior = coverage_model.posterior(
            model, 1.0, a, x, a[near].sum(axis=1), x[near].sum(axis=1), np.zeros(count)
        )
        told = dice.multinomial(400, posterior.mean / posterior.mean.sum())
        cells = np.repeat(np.arange(count), told)
        rows += [(cell, week * 7 + 3.5) for cell in cells.tolist()]
        back = 2.0 ** (-3.5 / half_life)
        a, x = a * 2.0 ** (-7 / half_life) + 0.3 * told * back, x * 2.0 ** (-7 / half_life) + 0.06 * told * back
    cell, day = (np.array(column) for column in zip(*rows, strict=True))
    weight, nothing = np.full(len(cell), 0.3), np.full(len(cell), np.nan)
    past = Past(cell, day, weight, weight * 0.2, nothing, nothing, near, np.ones(count, dtype=bool), 1.0)
    found = of_reports(Model(half_life=240.0 if half_life < 30 else 7.0, neighbour_weight=0.4, **other), past)
    steps = learning.REPORT_HALF_LIVES
    nearest = min(range(len(steps)), key=lambda row: abs(np.log(steps[row] / half_life)))
    assert abs(steps.index(found.best[0]) - nearest) <= 1
    assert found.worth_it


# --- in the database ------------------------------------------------------------------------------------------------


def lived(territory: Territory, seed: int = 1, days: int = 60, tours: int = 12) -> None:
    """Store past tours in a territory where nobody ever moves. A long half-life predicts such tours best."""
    dice = np.random.default_rng(seed)
    cells = list(territory.cells.values_list("cell", flat=True))
    today, here = evidence_day(timezone.now()), dice.gamma(0.5, 2.0, len(cells))
    rows = []
    for step in range(days * tours):
        day = today - days + step / tours
        for row in dice.choice(len(cells), 3, replace=False).tolist():
            rows.append(
                Evidence(
                    kind=ReportKind.TOUR, report=f"00000000-0000-4000-8000-{step:012d}", cell=cells[row], day=day,
                    source=Source.LOGGED, origin=1, persons=float(dice.poisson(here[row] * -np.expm1(-1.0))),
                    hours=0.5, contacts=0,
                )
            )  # fmt: skip
    Evidence.objects.bulk_create(rows)


def test_a_past_that_speaks_for_other_parameters_is_proposed_once_and_not_applied(city: City) -> None:
    lived(city.nord)
    before = Parameters.objects.in_force(city.nord)
    row = nightly_proposals.propose(city.nord)
    assert row is not None and row.proposed and row.declined_at is None
    assert row.values["half_life"] > before.values["half_life"]
    assert {k: v for k, v in row.values.items() if k not in ("half_life", "neighbour_weight")} == {
        k: v for k, v in versions.values_of(before).items() if k not in ("half_life", "neighbour_weight")
    }
    grounds = row.grounds
    assert grounds["kind"] == "visits" and grounds["observations"] > 300 and grounds["groups"] > 40
    assert grounds["gain"] > 2 * grounds["standard_error"] > 0
    assert grounds["proposed"]["log_likelihood"] > grounds["current"]["log_likelihood"]
    assert Parameters.objects.in_force(city.nord) == before and versions.behind() == {}
    assert nightly_proposals.propose(city.nord) is None
    assert Parameters.objects.proposals().count() == 1


def test_what_was_declined_is_not_proposed_again_until_another_version_is_in_force(city: City, cast: Cast) -> None:
    lived(city.nord)
    row = nightly_proposals.propose(city.nord)
    assert row is not None
    assert versions.close(row, "declined", "the winter was odd", cast.diane)
    assert nightly_proposals.propose(city.nord) is None
    current = Parameters.objects.in_force(city.nord)
    changed = versions.values_of(current) | {"least_persons": 3.0}
    versions.save(city.nord, changed, base=current.pk, reason="larger groups", author=cast.diane)
    again = nightly_proposals.propose(city.nord)
    assert again is not None and again.values["least_persons"] == 3.0


def test_a_newer_proposal_supersedes_the_open_one(city: City) -> None:
    lived(city.nord)
    first = nightly_proposals.propose(city.nord)
    assert first is not None
    Parameters.objects.filter(pk=first.pk).update(values={**first.values, "half_life": 5.0})
    second = nightly_proposals.propose(city.nord)
    assert second is not None and list(Parameters.objects.proposals()) == [second]
    first.refresh_from_db()
    assert first.grounds["outcome"] == "superseded"


def test_without_a_count_nothing_is_proposed_and_open_proposals_are_withdrawn(city: City) -> None:
    lived(city.nord)
    first = nightly_proposals.propose(city.nord)
    assert first is not None
    Territory.objects.filter(slug="ville").update(count_kind="")
    assert nightly_proposals.propose_all() == 0 and not Parameters.objects.proposals().exists()
    first.refresh_from_db()
    assert first.grounds["outcome"] == "superseded"
    Territory.objects.filter(slug="ville").update(count_kind=CountKind.OFFICIAL)
    assert nightly_proposals.propose_all() == 1


def test_a_short_past_says_nothing(city: City) -> None:
    lived(city.nord, days=10, tours=3)
    assert nightly_proposals.propose_all() == 0


def test_a_territory_where_nobody_logs_search_learns_from_the_places_of_reports(city: City) -> None:
    city.nord.coverage.presence_only = True
    city.nord.coverage.save()
    dice = np.random.default_rng(4)
    cells = list(city.nord.cells.values_list("cell", flat=True))
    weights = dice.dirichlet(np.full(len(cells), 0.3))
    today = evidence_day(timezone.now())
    Evidence.objects.bulk_create(
        Evidence(
            kind=ReportKind.CITIZEN_REPORT, report=f"00000000-0000-4000-8000-{number:012d}",
            cell=cells[dice.choice(len(cells), p=weights)], day=today - 200 * dice.random(), source=Source.CITIZEN,
            origin=number, persons=1, hours=0, contacts=0,
        )
        for number in range(3000)
    )  # fmt: skip
    row = nightly_proposals.propose(city.nord)
    assert row is not None and row.grounds["kind"] == "reports"
    assert row.values["half_life"] > 10.0  # a long half-life, because nobody ever moved
    assert row.grounds["from"] >= today - 201 and timezone.now() - row.made_at < timedelta(minutes=1)
