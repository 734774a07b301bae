"""Each zone keeps its cells and the sums over them. After any fold, they are exactly those of the stored states."""

import uuid
from random import Random
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pytest
from django.utils import timezone

from mapping.coverage.cells import cell_states, stored_states, zone_rows, zone_sums
from mapping.coverage.folding import fold, rebuild, territory_cells
from mapping.enums import Status
from mapping.map.overrides import override_filing
from mapping.map.overrides.override_filing import OverrideDraft
from mapping.models import CellState, CoverageSettings, Zone
from needs.reports import filing
from solidarity.lib import cell_geometry, grid
from tests.mapping.coverage.test_fold import SPOTS, drawn_anew, file, partition
from tests.support import Cast, City
from volunteers.models import Cell


def kept() -> dict[uuid.UUID, tuple[list[int], list[float], int, float | None]]:
    """Return the cells, sums, number of cells and last search that each live zone keeps."""
    rows = Zone.objects.live().values_list("key", "members", "sums", "cells", "last_search")
    return {key: (zone_rows.unpacked(members or b""), sums, cells, last) for key, members, sums, cells, last in rows}


def added_up() -> dict[uuid.UUID, tuple[list[int], list[float], int, float | None]]:
    """Return the same from the stored states of all cells."""
    states, params_of = stored_states.load("true", []), cell_states.territory_params_of()
    groups: dict[uuid.UUID, list[int]] = {}
    for row, key in enumerate(states.zone):
        groups.setdefault(key, []).append(row)
    totals = zone_sums.totals(states, [np.array(rows) for rows in groups.values()], params_of)
    return {
        key: (
            states.cell[rows].tolist(),
            [float(getattr(totals, name)[number]) for name in zone_sums.SUMS],
            len(rows),
            None if np.isnan(totals.last[number]) else float(totals.last[number]),
        )
        for number, (key, rows) in enumerate(groups.items())
    }


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Notes how many zones are added up from the states of their cells, each time that a fold does so."""
    noted: list[int] = []
    summing = zone_sums.summing

    def note(limits: Any, *rest: Any) -> Any:
        noted.append(len(limits))
        return summing(limits, *rest)

    monkeypatch.setattr(zone_sums, "summing", note)
    return noted


def outlines_are_those_of_the_cells() -> bool:
    shapes = (
        (zone.shape, cell_geometry.dissolve(zone_rows.unpacked(zone.members or b""))) for zone in Zone.objects.live()
    )
    return all(shape.normalize(clone=True).equals_exact(drawn.normalize(clone=True), 1e-9) for shape, drawn in shapes)


@pytest.mark.parametrize("sparse", [False, True], ids=["small cells", "larger cells"])
def test_zones_keep_exactly_the_sums_of_their_cells(cast: Cast, city: City, added: list[int], sparse: bool) -> None:
    """Reports of all kinds, retractions and contested statuses let zones begin, grow, join, fall apart and end."""
    if sparse:
        CoverageSettings.objects.update(adaptive=False, resolution=8)
        territory_cells.assign_cells(city.root)
    random, now = Random(7), timezone.now()
    filed: list[tuple[Any, uuid.UUID]] = []
    contests: list[uuid.UUID] = []
    cells = CellState.objects.order_by("cell").values_list("cell", flat=True)
    steps = 36
    for step in range(steps):
        kind = ("encounter", "encounter", "citizen", "encounter", "aid", "need", "contest", "retract", "withdraw")[
            step % 9
        ]
        if kind == "contest":
            state = CellState.objects.get(cell=random.choice(cells))
            status = Status.UNCOVERED if state.status != Status.UNCOVERED else Status.UNDER_COVERED
            one = OverrideDraft(
                cells=[state.cell], persons=4, hours=0.5, status=status, reason="a camp behind the station"
            )
            override_filing.file_override(
                one, shown=Status(state.status), association=cast.maraude.pk, author=cast.bob.pk
            )
            contests.append(one.id)
        elif kind == "retract":
            filing.retract(*filed.pop(random.randrange(len(filed))), author=None)
        elif kind == "withdraw":
            override_filing.withdraw(contests.pop(0), author=cast.bob.pk)
        else:
            key, extra = uuid.uuid4(), 60 if kind == "encounter" else None if kind == "aid" else True
            what = (kind, random.choice(SPOTS), random.randrange(1, 6), random.uniform(0, 9), extra)
            filed.append((file(cast, now, key, what), key))
        assert fold.fold_outbox() > 0
        assert kept() == added_up(), step
        assert partition() == drawn_anew(), step
        assert outlines_are_those_of_the_cells(), step
    assert len(added) < steps / 4, "few folds add up cells"
    rebuild.recompute_all()
    assert kept() == added_up()


def test_a_zone_that_falls_apart_keeps_the_sums_and_the_last_search_of_each_part(
    cast: Cast, city: City, added: list[int]
) -> None:
    """Visits along a meridian cut the zone that nobody had searched, and then take the place of the last search away."""
    rebuild.recompute_all()
    now = timezone.now()
    cells = CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True)
    centres = sorted((grid.centre(cell) for cell in cells), key=lambda centre: centre[1])
    middle = centres[len(centres) // 2][1]
    across = sorted(centre for centre in centres if abs(centre[1] - middle) < 0.0025)
    for days in (9, 1):
        for centre in across:
            file(cast, now, uuid.uuid4(), ("encounter", centre, 0, days, 60))
            fold.fold_outbox()
            assert kept() == added_up()
    assert added, "both parts are larger than what a fold reads"


def test_a_part_that_leaves_a_zone_can_take_the_last_search_with_it(cast: Cast, city: City) -> None:
    rebuild.recompute_all()
    now = timezone.now()
    cells = sorted(CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True))
    paths = (h3.grid_path_cells(one, other) for one in cells for other in cells)
    strip = next(path for path in paths if len(path) == 7 and set(path) <= set(cells))

    def visit(cell: int, persons: int, age: float) -> None:
        file(cast, now, uuid.uuid4(), ("encounter", grid.centre(cell), persons, age, 90))
        fold.fold_outbox()

    for days, cell in zip(range(9, 2, -1), strip, strict=True):
        visit(cell, 0, days)
    assert sorted(strip) in [members for members, *_rest in kept().values()]
    visit(strip[4], 12, 9.5)
    parts = [members for members, *_rest in kept().values()]
    assert sorted(strip[:4]) in parts and sorted(strip[5:]) in parts
    assert kept() == added_up()


@pytest.mark.parametrize("seed", [1, 6])
def test_the_last_search_of_a_zone_is_right_wherever_its_cells_go(seed: int, cast: Cast, city: City) -> None:
    rebuild.recompute_all()
    random, now = Random(seed), timezone.now()
    cells = sorted(CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True))
    for cell in [*random.sample(cells, len(cells)), *random.choices(cells, k=120)]:
        persons, age = random.choice([0, 0, 12]), random.uniform(0, 9)
        file(cast, now, uuid.uuid4(), ("encounter", grid.centre(cell), persons, age, 90))
        fold.fold_outbox()
        assert kept() == added_up()


def test_a_zone_whose_cell_belongs_to_no_territory_any_more_is_drawn_again(city: City) -> None:
    rebuild.recompute_all()
    cell = CellState.objects.filter(territory=city.nord.pk).order_by("cell").values_list("cell", flat=True)[0]
    zone = Zone.objects.live().get(key__in=CellState.objects.filter(cell=cell).values("zone"))
    assert cell in cell_geometry.cells_in(zone.shape, zone.territory.coverage.resolution)
    Cell.objects.filter(cell=cell).delete()
    rebuild.recompute_all()
    assert kept() == added_up()
    shapes = [cell_geometry.cells_in(each.shape, grid.resolution_of(cell)) for each in Zone.objects.live()]
    assert shapes and all(cell not in cells for cells in shapes)


def test_sums_that_do_not_agree_with_the_figures_are_not_used(cast: Cast, added: list[int]) -> None:
    """An earlier version of the program changes figures and cells, and leaves the sums and the list of cells as they are."""
    now = timezone.now()

    def report(spot: tuple[float, float]) -> None:
        file(cast, now, uuid.uuid4(), ("encounter", spot, 3, 0, 60))
        fold.fold_outbox()

    report(SPOTS[4])
    wrong: tuple[list[float], bytes] = [1.0] * len(zone_sums.SUMS), zone_rows.packed([grid.cell_of(*SPOTS[4])])
    for (sums, members), spot in zip((([], None), wrong), (SPOTS[0], SPOTS[8]), strict=True):
        Zone.objects.live().update(sums=sums, members=members)
        added.clear()
        report(spot)
        assert added, "the cells were added up"
        touched = {key: each for key, each in kept().items() if each[1] != sums}
        truth = added_up()
        assert touched and all(each[1:] == truth[key][1:] for key, each in touched.items())
        assert partition() == drawn_anew()
        rebuild.recompute_all()
        truth = added_up()
        for key, (cells, *numbers) in kept().items():
            assert cells in (truth[key][0], []) and tuple(numbers) == truth[key][1:]
