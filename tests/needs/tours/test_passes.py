"""The passes of a tour through a cell: where they come from, and that each is one sweep of search in the map."""

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.map.why import why_presenter
from mapping.map.why.recalculation import recalculate_cell
from mapping.map.why.zone_evidence import counted_rows, evidence_of
from mapping.models import Evidence, Parameters, evidence_day
from mapping.out.event_log.cell_csv import reports_elsewhere
from mapping.plans.parameters import nightly_proposals
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.base.records.time_per_cell import columns_of, passes_of
from needs.enums import ReportKind
from needs.models import Tour, TourCell
from needs.reports import filing
from solidarity.lib import grid
from tests import filing_verbs
from tests.mapping.coverage.test_fold import difference_of, sums
from tests.needs.phone_queue.queue_cases import item, one
from tests.support import Cast, City, Seen, SignedIn

HERE = grid.cell_of(48.866, 2.350)
NEXT = grid.neighbours(HERE)[0]
FAR = next(cell for cell in grid.neighbours(NEXT) if cell not in (HERE, *grid.neighbours(HERE)))


def _started(cast: Cast, minutes: float = 120) -> Tour:
    began = timezone.now() - timedelta(minutes=minutes)
    return Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began).id)


def _line(*cells: int) -> list[tuple[float, float]]:
    """A line from the centre of each cell to that of the next, as (longitude, latitude)."""
    return [(lng, lat) for lat, lng in map(grid.centre, cells)]


def _there_and_back(cast: Cast) -> Tour:
    """A tour of two hours that met four people, and whose line passes twice through HERE and NEXT."""
    tour = _started(cast)
    met = EncounterDraft(at=tour.at, place=DraftPlace(*grid.centre(HERE)), persons=4, contacts=3, tour=tour.pk)
    filing_verbs.log_encounter(met, association=cast.maraude.pk, author=cast.bob.pk)
    return filing.close_tour(tour, ended_at=tour.at + timedelta(hours=2), line=_line(HERE, NEXT, FAR, NEXT, HERE))


# --- which stays are a pass ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stays", "passes"),
    [
        ([(1, 20)], {1: (20,)}),
        ([(1, 20), (2, 5), (1, 20)], {1: (20, 20), 2: (5,)}),
        ([(1, 20), (1, 20)], {1: (40,)}),
        ([(1, 20), (2, 1.9), (1, 20)], {1: (40,), 2: (1.9,)}),
        ([(1, 20), (2, 1.2), (3, 0.8), (1, 20)], {1: (20, 20), 2: (1.2,), 3: (0.8,)}),
        ([(1, 0.4), (2, 0.4)] * 60, {1: (pytest.approx(24),), 2: (pytest.approx(24),)}),
    ],
)  # fmt: skip
def test_a_cell_is_left_for_two_minutes_before_a_pass_ends(
    stays: list[tuple[int, float]], passes: dict[int, Any]
) -> None:
    assert passes_of(stays) == passes


def test_a_pass_of_less_than_a_minute_is_part_of_the_pass_beside_it() -> None:
    assert columns_of([20, 0.5, 10]) == {"minutes": 30.5, "pass_minutes": [20.5, 10]}
    assert columns_of([0.5, 20, 10]) == {"minutes": 30.5, "pass_minutes": [20.5, 10]}
    assert columns_of([0.5, 20]) == {"minutes": 20.5, "pass_minutes": None}
    assert columns_of([0.3] * 8) == {"minutes": pytest.approx(2.4), "pass_minutes": None}
    assert columns_of(None) == {"minutes": None, "pass_minutes": None}
    joined = columns_of([7.3, 0.2, 9.1, 0.9, 0.8, 4.7])
    assert columns_of(joined["pass_minutes"]) == joined


@pytest.mark.django_db
def test_a_line_that_comes_back_gives_two_passes_that_share_the_time_by_length(cast: Cast) -> None:
    tour = _there_and_back(cast)
    found = {row.cell: row for row in tour.cells.all()}
    assert sum(row.minutes or 0 for row in found.values()) == pytest.approx(120)
    assert found[HERE].passes == pytest.approx([15, 15], abs=1) and found[NEXT].passes == pytest.approx([30, 30], abs=1)
    assert found[FAR].pass_minutes is None and found[FAR].minutes == pytest.approx(30, abs=2)


@pytest.mark.django_db
def test_a_line_along_the_border_of_two_cells_gives_one_pass_through_each(cast: Cast) -> None:
    """Every 20 m, the position is on the other side of the border, as between high buildings."""
    (lat0, lng0), (lat1, lng1) = grid.centre(HERE), grid.centre(NEXT)
    along = np.linspace(-0.3, 0.3, 80)
    side = np.where(np.arange(80) % 2 == 0, 0.44, 0.56)
    metre = np.cos(np.radians(lat0))
    line = [
        (lng0 + (lng1 - lng0) * b - (lat1 - lat0) / metre * a, lat0 + (lat1 - lat0) * b + (lng1 - lng0) * metre * a)
        for a, b in zip(along.tolist(), side.tolist(), strict=True)
    ]
    assert len(grid.runs_along(line)) > 70
    tour = _started(cast, 40)
    filing.close_tour(tour, ended_at=timezone.now(), line=line)
    assert {row.cell for row in tour.cells.all()} == {HERE, NEXT}
    assert all(row.pass_minutes is None and (row.minutes or 0) > 10 for row in tour.cells.all())


# --- the phone --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "passes"),
    [
        ([(HERE, 40.0), (NEXT, 10.0)], {HERE: [40.0], NEXT: [10.0]}),  # from a phone with older scripts
        ([(HERE, 20.0), (NEXT, 10.0), (HERE, 20.0)], {HERE: [20.0, 20.0], NEXT: [10.0]}),
        ([(HERE, 1.0)] * 40, {HERE: [40.0]}),  # one stay cannot be divided into many
        ([(HERE, 20.0), (NEXT, 1.0), (HERE, 20.0)], {HERE: [40.0], NEXT: [1.0]}),
        ([(HERE, 20.0), (NEXT, 10.0), (HERE, 0.5)], {HERE: [20.5], NEXT: [10.0]}),
    ],
)
def test_each_time_a_phone_names_a_cell_again_is_a_pass(
    cast: Cast, signed_in: SignedIn, sent: list[tuple[int, float]], passes: dict[int, list[float]]
) -> None:
    tour = _started(cast, 60)
    cells = [f"{grid.to_text(cell)}:{minutes}" for cell, minutes in sent]
    end = item("tour-minutes", {"cells": cells}, parent=str(tour.pk))
    bob = signed_in(cast.bob)
    assert [one(bob, cast.bob, end)["status"] for _ in range(2)] == [201, 200]
    assert {row.cell: row.passes for row in tour.cells.all()} == passes


@pytest.mark.django_db
def test_the_passes_of_a_phone_may_not_last_longer_than_the_tour(cast: Cast, signed_in: SignedIn) -> None:
    tour = _started(cast, 60)
    cells = [f"{grid.to_text(cell)}:10" for cell in (HERE, NEXT) * 4]
    assert (
        one(signed_in(cast.bob), cast.bob, item("tour-minutes", {"cells": cells}, parent=str(tour.pk)))["status"] == 400
    )
    assert not tour.cells.exists() and Tour.objects.get().is_open


# --- the map ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_pass_is_a_sweep_in_fold_rebuild_and_recalculation_and_leaves_with_the_tour(
    cast: Cast, city: City, seen: Seen
) -> None:
    lat, lng = grid.centre(HERE)
    seen(lat, lng, persons=2, minutes=30, hours_ago=50)
    fold.fold_outbox()
    day = evidence_day(timezone.now()) + 0.1
    before = sums(day)
    tour = _there_and_back(cast)
    fold.fold_outbox()
    passes = {row.cell: row.passes for row in tour.cells.all()}
    rows = Evidence.objects.filter(kind=ReportKind.TOUR).values_list("cell", "hours", "persons", "contacts")
    assert sorted(rows) == sorted(
        (cell, minutes / 60, 4.0 if (cell, number) == (HERE, 0) else 0.0, 3.0 if (cell, number) == (HERE, 0) else 0.0)
        for cell, own in passes.items()
        for number, minutes in enumerate(own)
    )
    model = Model.of(Parameters.objects.in_force(city.nord).values)
    fade = 2 ** (-(day - evidence_day(tour.at)) / model.half_life)
    after = sums(day)
    for cell, own in passes.items():
        sweeps = sum(-np.expm1(-model.search_rate * minutes / 60) for minutes in own)
        assert after[cell][1] - before[cell][1] == pytest.approx(sweeps * fade, abs=1e-9)
        assert after[cell][2] == after[cell][1]  # X_T
    together = -np.expm1(-model.search_rate * sum(passes[NEXT]) / 60)
    assert after[NEXT][1] > 1.2 * together * fade
    assert difference_of(reconciliation.reconcile()) < 1e-9
    assert recalculate_cell(HERE).largest < 1e-9
    rebuild.recompute_all(rebuild=True)
    for cell in passes:
        assert sums(day)[cell] == pytest.approx(after[cell], abs=1e-9)
    filing.retract(ReportKind.TOUR, tour.pk, author=cast.bob.pk)
    fold.fold_outbox()
    for cell in passes:
        assert sums(day)[cell] == pytest.approx(before[cell], abs=1e-9)
    assert not Evidence.objects.filter(kind=ReportKind.TOUR).exists()


@pytest.mark.django_db
def test_people_who_were_not_found_count_once_however_often_the_tour_passed(cast: Cast) -> None:
    tour = _there_and_back(cast)
    TourCell.objects.filter(tour=tour, cell=NEXT).update(need_not_found=True)
    fold.fold_outbox()
    assert sorted(Evidence.objects.filter(cell=NEXT).values_list("persons", flat=True)) == [0.0, 1.0]
    assert sorted(Evidence.objects.filter(cell=HERE).values_list("persons", flat=True)) == [0.0, 4.0]


@pytest.mark.django_db
def test_two_passes_of_a_tour_are_one_visit_for_the_reader_and_for_the_proposals(cast: Cast, city: City) -> None:
    _there_and_back(cast)
    other = _started(cast, 30)
    filing.close_tour(other, ended_at=None, over_at=timezone.now(), cells=[HERE])
    fold.fold_outbox()
    page = why_presenter.cell_page(HERE)
    assert page is not None
    assert "2 searches by teams" in page["tally"] and "4 people met" in page["tally"]
    assert [row[3:5] for row in page["rows"]] == [["0", "0"], ["4", "3"]]
    assert re.fullmatch(r"(29|30|31) minutes in 2 passes", page["rows"][1][2])
    assert any(line.startswith("The time of 1 of 2 searches") for line in page["unknowns"])
    evidence = evidence_of([HERE])
    assert counted_rows(evidence)[1].sum() == pytest.approx(evidence.states.x[0])

    model = Model.of(Parameters.objects.in_force(city.nord).values)
    model, past = nightly_proposals.past_of(city.nord, model, timezone.now())
    [cell] = np.flatnonzero(past.met == 4)
    assert (~np.isnan(past.met)).sum() == TourCell.objects.count()
    passes = TourCell.objects.get(cell=HERE, tour__cells__cell=FAR).passes
    assert past.seen[cell] == pytest.approx(sum(-np.expm1(-model.search_rate * minutes / 60) for minutes in passes))
    assert past.sweeps[cell] == past.seen[cell] and past.persons[cell] == 4


@pytest.mark.django_db
def test_a_tour_outside_every_territory_is_one_report_per_cell(cast: Cast) -> None:
    away = grid.cell_of(45.76, 4.83)
    ring = grid.neighbours(away)
    filing.close_tour(_started(cast), ended_at=timezone.now(), line=_line(away, ring[0], away, ring[3]))
    fold.fold_outbox()
    assert Evidence.objects.count() == 4 and reports_elsewhere() == 3
