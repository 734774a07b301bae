"""The partition of the public release: one level per place, hysteresis, rounding. All functions work on arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import h3.api.basic_int as h3
import numpy as np
import pytest

from mapping.coverage.cells.coverage_model import Model
from mapping.enums import Status
from mapping.map.releases.public import blur, partition

SECRET = b"a secret of the tests"
MODELS = {1: Model(), 2: Model()}
ENOUGH = 8  # more sources than any place requires


def ground(rings: int = 8, persons: float = 2.0) -> partition.Evidence:
    """Return a disc of cells with people expected and searches everywhere, nobody seen and no sources."""
    cells = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(48.8566, 2.3522, 9), rings)), dtype=np.int64)
    count = len(cells)
    return partition.Evidence(
        cell=cells,
        parent8=np.array([h3.cell_to_parent(int(cell), 8) for cell in cells]),
        parent7=np.array([h3.cell_to_parent(int(cell), 7) for cell in cells]),
        commune=np.ones(count, dtype=np.int64),
        m0=np.full(count, persons),
        seen=np.zeros(count),
        contacts=np.zeros(count),
        sweeps=np.zeros(count),
        toured=np.zeros(count, dtype=bool),
        source_cell=np.zeros(0, dtype=np.int64),
        source=np.zeros(0, dtype=np.int64),
        source_delay=np.zeros(0, dtype=np.int64),
        source_monthly=np.zeros(0, dtype=bool),
    )


def with_sources(found: partition.Evidence, cells: Iterable[int], sources: int = ENOUGH) -> partition.Evidence:
    return heard(found, [(cell, source) for cell in cells for source in range(sources)])


def heard(
    found: partition.Evidence, pairs: Sequence[tuple[int, int]], weeks: int = 3, *, monthly: bool = False
) -> partition.Evidence:
    """Return the evidence with these sources by cell instead of its own. weeks: for how many weeks they have been
    active."""
    rows = [(cell, source, delay) for cell, source in pairs for delay in partition.DELAYS if delay <= weeks]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return replace(
        found,
        source_cell=columns[0], source=columns[1], source_delay=columns[2], source_monthly=np.full(len(rows), monthly),
    )  # fmt: skip


def also(found: partition.Evidence, more: partition.Evidence) -> partition.Evidence:
    """Return the evidence with the sources of both."""
    names = ("source_cell", "source", "source_delay", "source_monthly")
    return replace(found, **{name: np.append(getattr(found, name), getattr(more, name)) for name in names})


def whole_atom(found: partition.Evidence) -> int:
    """Return a resolution 8 cell whose seven children are all in the disc."""
    atoms, counts = np.unique(found.parent8, return_counts=True)
    return int(atoms[counts == 7][3])


def released(found: partition.Evidence, weeks: int = 2) -> list[partition.PartPlace]:
    memory: dict[str, partition.Kept] = {}
    places: list[partition.PartPlace] = []
    for _week in range(weeks):
        places, memory = partition.plan(found, MODELS, SECRET, memory)
    return places


def test_a_place_is_shown_at_one_level_only_and_nothing_lies_in_another() -> None:
    found = ground()
    rng = np.random.default_rng(4)
    some = rng.choice(found.cell, 60, replace=False)
    places = released(with_sources(found, some.tolist()))
    assert {place.level for place in places} == {"8", "7", "c"}
    atoms = [atom for place in places for atom in place.atoms]
    assert len(atoms) == len(set(atoms))


def test_nothing_is_shown_before_the_second_release() -> None:
    found = with_sources(ground(), ground().cell.tolist())
    assert released(found, 1) == []
    assert len(released(found, 2)) > 10


def test_a_place_of_few_sources_is_shown_only_within_a_larger_one() -> None:
    found, atom = ground(), whole_atom(ground())
    key = f"8-{h3.int_to_str(atom)}"
    shown = [
        key in {place.key for place in released(of_sources(found, {atom: range(sources)}))} for sources in range(ENOUGH)
    ]
    assert shown == sorted(shown) and shown[-1]
    assert partition.SOURCES < shown.index(True) <= partition.SOURCES + partition.SOURCES_SPREAD


def weeks_until_shown(old: int, new: Sequence[int], *, monthly: bool = False) -> dict[str, int]:
    """Return the week in which each place of resolution 8 first appears. Everywhere, some sources have been active for
    long; from week 0, others are active, too."""
    found = ground()
    base = with_sources(found, found.cell.tolist(), old)
    memory: dict[str, partition.Kept] = {}
    first: dict[str, int] = {}
    for week in range(-2, 6):
        pairs = [(cell, source) for cell in found.cell.tolist() for source in new]
        evidence = also(base, heard(found, pairs, min(week, 3), monthly=monthly))
        places, memory = partition.plan(evidence, MODELS, SECRET, memory)
        for place in places:
            if place.level == "8":
                first.setdefault(place.key, week)
    return first


def test_a_new_source_counts_one_to_three_weeks_late() -> None:
    """The release in which a new source completes a place depends on the secret, the source and the place."""
    alone = weeks_until_shown(3, [50])
    assert 10 < len(alone) == sum(week in (2, 3, 4) for week in alone.values())  # a place is shown after two releases
    assert set(alone.values()) == {2, 3, 4}
    assert weeks_until_shown(3, [50]) == alone
    other = weeks_until_shown(3, [51])
    assert set(other) == set(alone) and other != alone


def test_pseudonyms_of_one_month_share_the_delay_of_a_place() -> None:
    """Otherwise, a person could count under the pseudonyms of two months at once."""
    assert weeks_until_shown(3, [60], monthly=True) == weeks_until_shown(3, [61], monthly=True)


def test_an_atom_hardly_in_a_territory_is_never_a_place_of_its_own() -> None:
    found = ground()
    atom = whole_atom(found)
    members = np.flatnonzero(found.parent8 == atom)
    keep = np.ones(len(found.cell), dtype=bool)
    keep[members[3:]] = False
    columns = ("cell", "parent8", "parent7", "commune", "m0", "seen", "contacts", "sweeps", "toured")
    cut = replace(found, **{name: getattr(found, name)[keep] for name in columns})
    cut = replace(cut, m0=cut.m0 * 10)
    assert f"8-{h3.int_to_str(atom)}" not in {place.key for place in released(with_sources(cut, cut.cell.tolist()))}


def of_sources(found: partition.Evidence, of_atom: dict[int, range]) -> partition.Evidence:
    """Give every cell ENOUGH sources, except in the atoms of ``of_atom``: their cells get the sources listed there."""
    pairs = [
        (cell, source)
        for cell, atom in zip(found.cell.tolist(), found.parent8.tolist(), strict=True)
        for source in of_atom.get(atom, range(ENOUGH))
    ]
    return heard(found, pairs)


@pytest.mark.parametrize(("silent", "shown"), [(2, False), (3, True)])
def test_what_is_left_of_a_parent_is_shown_only_if_it_merges_three(silent: int, shown: bool) -> None:
    found = ground()
    whole_parents = [
        (int(parent), np.unique(found.parent8[found.parent7 == parent]).tolist())
        for parent in np.unique(found.parent7)
        if (found.parent7 == parent).sum() == 49
    ]
    parent, atoms = whole_parents[0]
    # Each quiet atom has two sources, too few for a place of its own. Merged atoms add up their sources.
    quiet = {atom: range(100 + 4 * place, 102 + 4 * place) for place, atom in enumerate(atoms[:silent])}
    places = {place.key: place for place in released(of_sources(found, quiet))}
    key = f"7-{h3.int_to_str(parent)}"
    assert (key in places) is shown
    if shown:
        assert set(places[key].atoms) == set(quiet)


def test_shown_from_ten_hidden_below_seven() -> None:
    found = with_sources(ground(), ground().cell.tolist())
    model = Model()
    memory: dict[str, partition.Kept] = {}
    atom = whole_atom(found)
    members = found.parent8 == atom
    key = f"8-{h3.int_to_str(atom)}"
    seen_at = []
    for persons in (20.0, 20.0, 8.0, 8.0, 6.0, 8.0, 8.0):
        week = replace(found, m0=np.where(members, persons / members.sum(), found.m0))
        places, memory = partition.plan(week, {1: model}, SECRET, memory)
        seen_at.append(key in {place.key for place in places})
    assert seen_at == [False, True, True, True, False, False, False]


def test_a_status_changes_only_when_two_releases_find_the_same() -> None:
    found = with_sources(ground(), ground().cell.tolist())
    every = np.ones(len(found.cell))
    swept = replace(found, seen=10 * every, sweeps=3 * every, contacts=30 * every)
    memory: dict[str, partition.Kept] = {}
    shown = []
    for week in (found, found, swept, found, swept, swept):
        places, memory = partition.plan(week, MODELS, SECRET, memory)
        shown.append({place.status for place in places if place.level == "8"})
    first, last = shown[1], shown[-1]
    assert first == {Status.TO_VERIFY} and last == {Status.COVERED}
    assert shown == [set(), first, first, first, first, last]


def test_the_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    found = ground()
    found = replace(found, seen=rng.gamma(0.5, 2.0, len(found.cell)), sweeps=rng.gamma(1.0, 1.0, len(found.cell)))
    found = with_sources(found, rng.choice(found.cell, 80, replace=False).tolist())
    mixed = rng.permutation(len(found.cell))
    columns = ("cell", "parent8", "parent7", "commune", "m0", "seen", "contacts", "sweeps", "toured")
    other = replace(found, **{name: getattr(found, name)[mixed] for name in columns})
    pairs = rng.permutation(len(found.source))
    names = ("source_cell", "source", "source_delay", "source_monthly")
    other = replace(other, **{name: getattr(found, name)[pairs] for name in names})
    assert released(found, 3) == released(other, 3)


def test_where_in_a_place_a_report_was_made_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    found = ground()
    found = replace(found, seen=rng.gamma(0.5, 2.0, len(found.cell)), sweeps=rng.gamma(1.0, 1.0, len(found.cell)))
    found = with_sources(found, found.cell.tolist(), 4)
    memory: dict[str, partition.Kept] = {}
    for _week in range(2):
        _places, memory = partition.plan(found, MODELS, SECRET, memory)
    members = np.flatnonzero(found.parent8 == whole_atom(found))
    answers = []
    for row in members:
        seen = found.seen.copy()
        seen[row] += 1.0
        told = also(replace(found, seen=seen), heard(found, [(int(found.cell[row]), 99)]))
        answers.append(partition.plan(told, MODELS, SECRET, memory))
    assert all(answer == answers[0] for answer in answers)


def test_rounding_is_right_on_average_and_never_moves() -> None:
    offsets = [blur.chance_of(SECRET, "seen", place) for place in range(4000)]
    assert np.mean([blur.rounded(7.0, offset) for offset in offsets]) == pytest.approx(7.0, abs=0.15)
    assert {blur.rounded(7.0, offset) for offset in offsets} == {5.0, 10.0}
    assert offsets == [blur.chance_of(SECRET, "seen", place) for place in range(4000)]
    assert offsets[:5] != [blur.chance_of(b"another", "seen", place) for place in range(5)]


def test_coverage_is_told_in_quarters_and_nothing_is_a_bucket_of_its_own() -> None:
    shares = (0.0, 0.001, 0.24, 0.25, 0.5, 0.74, 1.0)
    assert [blur.coverage_of(share) for share in shares] == [0, 1, 1, 25, 50, 50, 75]
