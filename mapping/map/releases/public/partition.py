"""The partition of the public map (docs/privacy.md): each place is shown at one level only. Pure functions on arrays.

Atoms are H3 cells of resolution 8. An atom that qualifies is a place. The other atoms of a cell of resolution 7 form
one place if they qualify together. After that, the remaining atoms of a commune form one place if they qualify
together. The rest is not published. For each place, only its own evidence is published. No place contains another
place, so nobody can subtract one place from another. SHOW_PERSONS and SOURCES are the thresholds. Memory passes the
state that hysteresis needs to the next release.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.enums import Status
from mapping.map.releases.public import blur
from solidarity.lib import grid

Ints = NDArray[np.int64]

SHOW_PERSONS, KEEP_PERSONS = 10.0, 7.0  # a place with 10 persons or more is shown; below 7 it is hidden
SOURCES = 3  # minimum number of sources
SOURCES_SPREAD = 3  # the secret adds 1, 2 or 3 to SOURCES for a new place; a shown place may lose one source
RELEASES = 2  # number of consecutive releases in which a place must qualify
MERGED = 3  # minimum number of remaining atoms that form a place
LEAST_SHARE = 0.5  # minimum share of an atom's area that must be in territories

WINDOW_DAYS = 28.0  # a source counts only if it has evidence in WINDOW_DAYS that end with its delay
DELAYS = (1, 2, 3)  # weeks after which a source counts; the secret chooses one for each source and place


@dataclass(frozen=True, slots=True)
class Evidence:
    """Columns of equal length, with one row per cell (resolution 9 or 8), in any order. The sums are decayed to the
    time of the release.

    commune: primary key of the zoned territory. m0: people expected according to the official count. seen: decayed
    number of persons seen. contacts: number of contacts of the last seven days. sweeps: decayed sweeps of tours only,
    since a citizen's report is not a search. toured: whether a tour searched the cell recently (Model.recent_days).
    source_cell, source, source_delay: one row for each source and delay in weeks with evidence in a cell in the
    WINDOW_DAYS that ended so many weeks ago. A source is an association or a citizen with an account. All citizens
    without an account together are a single source, because one person could appear as several citizens.
    source_monthly: whether the source is a pseudonym of one month. Such sources share the delay of a place, so that a
    person never counts under the pseudonyms of two months.
    """

    cell: Ints
    parent8: Ints
    parent7: Ints
    commune: Ints
    m0: Floats
    seen: Floats
    contacts: Floats
    sweeps: Floats
    toured: NDArray[np.bool_]
    source_cell: Ints
    source: Ints
    source_delay: Ints
    source_monthly: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kept:
    """State of a place for the next release. weeks: number of consecutive releases in which the place qualified, at
    most RELEASES. computed: the status that the latest evidence gives. status: the shown status (0: not shown)."""

    weeks: int = 0
    shown: bool = False
    computed: int = 0
    status: int = 0


type Memory = Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class PartPlace:
    """One published record; nothing else is published. key: "8-…", "7-…" (H3 notation) or "c-…" (the commune).
    coverage: search coverage in per cent, as the lower edge of its bucket. atoms: the place's cells of resolution 8."""

    key: str
    level: str
    commune: int
    status: Status
    coverage: int
    atoms: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Rows of Evidence by atom, and sums over them. sources: (source, delay, monthly) of each atom."""

    atom: Ints
    parent7: Ints
    commune: Ints
    rows: list[Ints]
    share: Floats
    sources: list[frozenset[tuple[int, int, bool]]]


def plan(
    evidence: Evidence,
    models: Mapping[int, Model],
    secret: bytes,
    memory: Memory,
    uncounted: Collection[int] = (),
) -> tuple[list[PartPlace], dict[str, Kept]]:
    """Return the published records, sorted by key, and the memory for the next release. models: the model of each
    commune. uncounted: communes without a count that has a source; each is one place that shows the search alone. The
    result depends only on the arguments and not on the order of the rows."""
    atoms = _atoms_of(evidence)
    judge = _Judge(evidence, atoms, models, secret, memory)
    left: dict[int, list[int]] = {}
    rest: dict[int, list[int]] = {}
    for one in range(len(atoms.atom)):
        if int(atoms.commune[one]) in uncounted:
            rest.setdefault(int(atoms.commune[one]), []).append(one)
            continue
        judged = atoms.share[one] >= LEAST_SHARE and judge.place("8", grid.to_text(int(atoms.atom[one])), [one])
        if not judged:
            left.setdefault(int(atoms.parent7[one]), []).append(one)
    for parent, members in sorted(left.items()):
        if len(members) < MERGED or not judge.place("7", grid.to_text(parent), members):
            for one in members:
                rest.setdefault(int(atoms.commune[one]), []).append(one)
    for commune, members in sorted(rest.items()):
        if commune in uncounted:
            judge.search(commune, members)
        elif len(members) >= MERGED:
            judge.place("c", str(commune), members)
    return sorted(judge.places, key=lambda place: place.key), judge.memory


class _Judge:
    """Decides for each place whether it is shown, and builds the memory."""

    def __init__(
        self, evidence: Evidence, atoms: _Atoms, models: Mapping[int, Model], secret: bytes, memory: Memory
    ) -> None:
        self.evidence, self.atoms, self.models, self.secret, self.before = evidence, atoms, models, secret, memory
        self.places: list[PartPlace] = []
        self.memory: dict[str, Kept] = {}

    def place(self, level: str, name: str, members: list[int]) -> bool:
        """Decide whether the atoms are shown as one place; if so, add the place."""
        key = f"{level}-{name}"
        pool = self._pool(members)
        commune = _most(self.atoms.commune[members])
        figures = blur.figures_of(pool, self.models[commune], self.secret, key)
        sources = self._sources(key, members)
        before = self.before.get(key, Kept())
        wanted = SOURCES + 1 + int(SOURCES_SPREAD * blur.chance_of(self.secret, "sources", key))
        enough = figures.persons >= SHOW_PERSONS and sources >= wanted
        weeks = min(before.weeks + 1, RELEASES) if enough else 0
        keeps = before.shown and figures.persons >= KEEP_PERSONS and sources >= wanted - 1
        shown = keeps or weeks >= RELEASES
        # A status changes only when two releases in a row agree, so the reports of a single week never change it.
        steady = not before.status or before.computed == figures.status
        status = int(figures.status) if steady else before.status
        if shown or enough:
            self.memory[key] = Kept(weeks, shown, int(figures.status), status if shown else 0)
        if shown:
            atoms = tuple(int(self.atoms.atom[one]) for one in members)
            self.places.append(PartPlace(key, level, commune, Status(status), blur.coverage_of(pool.covered), atoms))
        return shown

    def search(self, commune: int, members: list[int]) -> None:
        """Add a commune as one place that says how much of it tours searched. No report of a person changes it."""
        coverage = blur.coverage_of(self._pool(members).covered)
        status = Status.SEARCHED if coverage else Status.NOT_SEARCHED
        atoms = tuple(int(self.atoms.atom[one]) for one in members)
        self.places.append(PartPlace(f"c-{commune}", "c", commune, status, coverage, atoms))

    def _sources(self, key: str, members: list[int]) -> int:
        """Count the sources of a place, each with its delay. A source that is new to a place therefore changes the map
        one to three weeks late, and nobody without the secret knows when."""
        heard = frozenset().union(*(self.atoms.sources[one] for one in members))
        delays: dict[object, int] = {}
        counted = set()
        for source, delay, monthly in heard:
            name = "monthly" if monthly else source
            if name not in delays:
                delays[name] = DELAYS[int(len(DELAYS) * blur.chance_of(self.secret, "delay", key, name))]
            if delays[name] == delay:
                counted.add(source)
        return len(counted)

    def _pool(self, members: list[int]) -> blur.Pool:
        return pool_of(self.evidence, np.concatenate([self.atoms.rows[one] for one in members]))


def pool_of(found: Evidence, rows: Ints) -> blur.Pool:
    """Return the evidence of some rows together."""
    return blur.Pool(
        cells=len(rows),
        m0=float(found.m0[rows].sum()),
        seen=float(found.seen[rows].sum()),
        contacts=float(found.contacts[rows].sum()),
        sweeps=float(found.sweeps[rows].mean()),
        walked=float(np.minimum(found.sweeps[rows], 1.0).mean()),
        covered=float(found.toured[rows].mean()),
    )


def _atoms_of(evidence: Evidence) -> _Atoms:
    """Return the atoms in ascending order. An atom belongs to the commune that contains most of its cells."""
    order = np.argsort(evidence.cell, kind="stable")
    atom, first = np.unique(evidence.parent8[order], return_index=True)
    place = np.searchsorted(atom, evidence.parent8[order])
    by_atom = order[np.argsort(place, kind="stable")]
    rows = np.split(by_atom, np.cumsum(np.bincount(place, minlength=len(atom)))[:-1]) if len(atom) else []
    position = {int(cell): int(at) for cell, at in zip(evidence.cell[order], place, strict=True)}
    sources: list[set[tuple[int, int, bool]]] = [set() for _ in atom]
    columns = (evidence.source_cell, evidence.source, evidence.source_delay, evidence.source_monthly)
    for cell, *source in zip(*(column.tolist() for column in columns), strict=True):
        if cell in position:
            sources[position[cell]].add(tuple(source))
    fine = (evidence.cell >> 52) & 15 == 9
    share = np.where(fine, 1.0 / 7.0, 1.0)
    return _Atoms(
        atom=atom,
        parent7=evidence.parent7[order][first],
        commune=np.array([_most(evidence.commune[some]) for some in rows], dtype=np.int64),
        rows=rows,
        share=np.array([share[some].sum() for some in rows]),
        sources=[frozenset(some) for some in sources],
    )


def _most(values: Iterable[int]) -> int:
    """Return the most frequent value. If several are equally frequent, return the lowest."""
    found, counts = np.unique(np.asarray(list(values)), return_counts=True)
    return int(found[counts.argmax()])
