"""The plan of a fold, computed from arrays without a database."""

import uuid
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.coverage.cells import zone_sums, zones
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.cells.ledger import NO_ROWS, EvidenceRows
from mapping.coverage.cells.zone_changes import StoredZone
from mapping.coverage.folding import fold_plan
from mapping.enums import Source
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database.region import region_of
from tests.repetitions import examples

DAY = 2500.0
NOW = datetime(2026, 11, 5, tzinfo=UTC)
CENTRE = h3.latlng_to_cell(48.866, 2.345, 9)
CELLS = sorted(h3.grid_disk(CENTRE, 6))
INSIDE = sorted(h3.grid_disk(CENTRE, 4))  # cells with all six neighbours in CELLS
RINGS = cell_geometry.neighbour_rows(CELLS)
PARAMS = {1: TerritoryParams(Model(), 7, 1.0), 2: TerritoryParams(Model(), 8, 0.4)}


def evidence(visits: list[tuple[int, int, float]]) -> EvidenceRows:
    """Return the evidence of logged visits (cell, persons, hours) on DAY."""
    count = len(visits)
    cells, persons, hours = (np.array(column) for column in zip(*visits, strict=True))
    return EvidenceRows(
        cells.astype(np.int64),
        np.full(count, DAY),
        np.full(count, int(Source.LOGGED), dtype=np.int16),
        np.ones(count, dtype=np.int64),
        persons.astype(np.float64),
        hours.astype(np.float64),
        np.zeros(count),
    )


def blank() -> CellStates:
    """Return a town of two territories without evidence, with its zones."""
    territory = np.where(np.arange(len(CELLS)) % len(CELLS) < len(CELLS) // 2, 1, 2).astype(np.int32)
    states = CellStates.blank(np.array(CELLS), territory, DAY)
    states.evaluate(PARAMS, RINGS)
    for zone in zones.draw_all(states, RINGS):
        for row in zone.rows.tolist():
            states.zone[row] = zone.key
    return states


def stored_zones(states: CellStates) -> dict[uuid.UUID, StoredZone]:
    """Return the zones of the states as the database would store them."""
    found = {}
    for number, key in enumerate(dict.fromkeys(states.zone)):
        rows = [row for row, other in enumerate(states.zone) if other == key]
        kind = int(states.territory[rows[0]]), int(states.status[rows[0]]), bool(states.overridden[rows[0]])
        ((_cells, sums, last),) = fold_plan.shares_of(states, np.array(rows), PARAMS).values()
        found[key] = StoredZone(
            number, key, *kind, NOW - timedelta(days=9), len(rows), sums[0],
            last=last, sums=sums, members=states.cell[rows].tolist(),
        )  # fmt: skip
    return found


def fold(
    states: CellStates, old: EvidenceRows, new: EvidenceRows, overrides: dict[int, int] | None = None
) -> tuple[fold_plan.FoldPlan, CellStates]:
    """Return the plan of a fold, and the states of all cells after the fold."""
    concerned = {*old.cell.tolist(), *new.cell.tolist(), *(overrides or {})}
    evaluated = concerned | {other for cell in concerned for other in grid.neighbours(cell)}
    inputs = fold_plan.FoldInputs(
        states, np.array(sorted(evaluated)), PARAMS, old, new,
        last_searches={}, citizens=NO_ROWS, retained=np.zeros(len(states)), overrides=overrides or {},
        stored=states,
    )  # fmt: skip
    plan = fold_plan.plan_states(inputs)
    live = stored_zones(states)
    stored = {key: live[key] for key in plan.touched | plan.around}
    zone_plan = fold_plan.plan_zones(plan, stored)
    place = {cell: row for row, cell in enumerate(CELLS)}
    known, unknown = fold_plan.plan_rest(plan, zone_plan, stored, PARAMS)
    groups: dict[uuid.UUID, list[int]] = {}
    for row, key in enumerate(states.zone):
        if row not in plan.rows and key in unknown:
            groups.setdefault(zone_plan.moves.get(CELLS[row], key), []).append(row)
    added = zone_sums.totals(states, [np.array(rows) for rows in groups.values()], PARAMS)
    ends = dict.fromkeys(CELLS, NOW + timedelta(days=3))
    done = fold_plan.plan_changes(plan, zone_plan, stored, [*known, (list(groups), added)], ends, PARAMS)
    after = replace(done.states, zone=list(done.states.zone))
    for cell, key in done.moves.items():
        after.zone[place[cell]] = key
    return done, after


def by_cells(states: CellStates) -> dict[frozenset[int], uuid.UUID]:
    found: dict[uuid.UUID, set[int]] = {}
    for cell, key in zip(CELLS, states.zone, strict=True):
        found.setdefault(key, set()).add(cell)
    return {frozenset(cells): key for key, cells in found.items()}


visits = st.lists(
    st.tuples(st.sampled_from(INSIDE), st.integers(0, 6), st.sampled_from([0.1, 0.5, 2.0])), min_size=1, max_size=12
)


@settings(max_examples=examples(60), deadline=None)
@given(visits, visits)
def test_a_plan_gives_the_states_zones_and_figures_of_a_rebuild(
    first: list[tuple[int, int, float]], second: list[tuple[int, int, float]]
) -> None:
    states = blank()
    for visit in (first, second):
        before = states.part(np.arange(len(states)))
        done, states = fold(states, NO_ROWS, evidence(visit))
        whole = states.part(np.arange(len(states)))
        whole.computed[:] = before.computed
        whole.evaluate(PARAMS, RINGS)
        assert whole.status.tolist() == states.status.tolist()
        whole.zone = list(before.zone)
        drawn = zones.draw_all(whole, RINGS)
        assert {frozenset(whole.cell[zone.rows].tolist()) for zone in drawn} == by_cells(states).keys()
        old_keys = set(before.zone)
        for zone in drawn:
            key = by_cells(states)[frozenset(whole.cell[zone.rows].tolist())]
            assert key == zone.key if zone.key in old_keys else key not in old_keys
        for place, row in enumerate(done.changes.rows):
            cells = np.array([number for number, key in enumerate(states.zone) if key == row.key])
            own = zones.figures_of(states.part(cells), PARAMS[row.territory])
            for name, value in own.items():
                figure = done.changes.figures[name][place]
                if name == "last_search" and figure == zone_sums.LAST_OF_CELLS:
                    continue  # PostgreSQL reads it from the cells (test_zone_sums)
                assert figure == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), name


def test_planning_leaves_its_inputs_as_they_are() -> None:
    states = blank()
    copy = states.part(np.arange(len(states)))
    fold(states, NO_ROWS, evidence([(CENTRE, 5, 2.0)]))
    for field in fields(CellStates):
        if field.name != "posterior":
            assert np.array_equal(np.array(getattr(states, field.name)), np.array(getattr(copy, field.name))) or (
                field.name == "last" and np.isnan(states.last).all()
            ), field.name


def test_history_holds_each_new_zone_and_each_end_and_nothing_else() -> None:
    states = blank()
    done, after = fold(states, NO_ROWS, evidence([(CENTRE, 5, 2.0)]))
    new = set(after.zone) - set(states.zone)
    assert new and {(key, before) for key, _t, before, *_rest in done.changes.history} == {(key, None) for key in new}
    for row in done.changes.rows:
        if row.key in new:
            cells = [cell for cell, key in zip(CELLS, after.zone, strict=True) if key == row.key]
            assert row.region == region_of(min(cells)) and row.shape == cell_geometry.dissolve_to_wkb(cells)


def test_taking_the_evidence_out_again_restores_the_states() -> None:
    states = blank()
    rows = evidence([(CENTRE, 5, 2.0)])
    done, after = fold(states, NO_ROWS, rows)
    assert len(done.recount) > 0
    undone, last = fold(after, rows, NO_ROWS)
    assert last.a == pytest.approx(states.a, abs=1e-12) and np.isnan(last.last).all()
    assert {frozenset(cells) for cells in by_cells(last)} == {frozenset(cells) for cells in by_cells(states)}
    assert len(undone.changes.ended) == len(set(after.zone)) - len(set(last.zone))


def test_an_override_makes_a_zone_of_its_own_that_says_when_it_ends() -> None:
    states = blank()
    status = int(states.status[0]) % 6 + 1
    done, after = fold(states, NO_ROWS, NO_ROWS, {CENTRE: status})
    (row,) = [row for row in done.changes.rows if row.overridden]
    assert (row.status, row.until) == (status, NOW + timedelta(days=3))
    assert [cell for cell, key in zip(CELLS, after.zone, strict=True) if key == row.key] == [CENTRE]
