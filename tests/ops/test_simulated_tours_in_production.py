"""The benchmark's fold has the cell sums that production has after the same tours and reports were filed."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from mapping.coverage.cells import cell_states, stored_states
from mapping.coverage.folding import fold
from mapping.models import evidence_day
from needs.base.records.declarations import DraftPlace, EncounterDraft, PresenceDraft
from needs.models import Tour
from needs.reports import filing
from solidarity.lib import grid
from solidarity.ops.model_benchmark.in_memory_fold import EVENT_TIME, Fold
from solidarity.ops.simulation.simulate import EventKind, Events, World, simulate
from tests import filing_verbs
from tests.support import Cast, City
from volunteers.models import Cell

DAYS = 3


def moment(first: datetime, day: int) -> datetime:
    return first + timedelta(days=day + EVENT_TIME)


def place_of(cell: int) -> DraftPlace:
    return DraftPlace(*grid.centre(cell))


def file_tour(cast: Cast, world: World, passes: Events, at: datetime) -> None:
    """File a simulated tour as its crew would: start, encounters, end."""
    filed = filing.start_tour(association=cast.maraude.pk, author=None, at=at)
    cells = world.ground.cell[passes.cell].tolist()
    for cell, persons, contacts in zip(cells, passes.persons.tolist(), passes.contacts.tolist(), strict=True):
        if persons:
            draft = EncounterDraft(at=at, place=place_of(cell), persons=persons, contacts=contacts, tour=filed.id)
            filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    spent: dict[int, list[float]] = {}
    for cell, hours in zip(cells, passes.hours.tolist(), strict=True):
        spent.setdefault(cell, []).append(60.0 * hours)
    logged = not np.isnan(passes.hours).any()
    tour = Tour.objects.get(pk=filed.id)
    filing.close_tour(
        tour, ended_at=at + timedelta(minutes=1) if logged else None, cells=spent if logged else list(spent)
    )


def test_filed_tours_and_reports_have_the_sums_of_the_benchmark(cast: Cast, city: City) -> None:
    cells = list(Cell.objects.values_list("cell", flat=True))
    world = simulate(
        cells,
        3,
        DAYS,
        persons=150,
        tours=6,
        steps=8,
        unlogged_tours=0.5,
        citizen_rate=0.5,
        spam_every=2,
        spam_reports=5,
    )
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS)
    tours = world.events.where(world.events.kind == EventKind.PASS)
    twice = set()
    for number in np.unique(tours.tour).tolist():
        passes = tours.where(tours.tour == number)
        if len(np.unique(passes.cell)) < len(passes):
            twice.add(bool(np.isnan(passes.hours).any()))
        file_tour(cast, world, passes, moment(first, int(passes.day[0])))
    assert twice == {False, True}  # tours with and without logged time went through a cell twice
    said = world.events.where(world.events.kind == EventKind.CITIZEN)
    for row, (day, cell) in enumerate(zip(said.day.tolist(), world.ground.cell[said.cell].tolist(), strict=True)):
        at = moment(first, day)
        source = str(said.source[row])
        filing.report_presence(PresenceDraft(at=at, place=place_of(cell), source=source, with_account=True))
    while fold.fold_outbox():
        pass
    params = cell_states.territory_params_of()
    theirs = stored_states.load("true", [])
    model = params[int(theirs.territory[0])]
    ours = Fold(world.ground, model.model, model.m0)
    for day in range(DAYS):
        ours.enter(float(day), world.events.where(world.events.day == day))
    ours.derive()
    theirs.aged(params, evidence_day(today) + 2)
    ours.states.aged(ours.parameters, DAYS + 2.0)
    assert (theirs.cell == ours.states.cell).all()
    for name in ("a", "x", "xt", "s", "ac"):
        assert getattr(ours.states, name).max() > 0, name
        assert np.allclose(getattr(ours.states, name), getattr(theirs, name), rtol=0, atol=1e-9), name
    assert np.allclose(ours.states.last + evidence_day(first), theirs.last, rtol=0, atol=1e-9, equal_nan=True)
