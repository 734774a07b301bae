"""Simulated attack: can one person be located in the public record? (docs/adr/0020)

A simulated city is published every week by mapping.map.releases.public, as in production. The attacker knows the
deployment's secret, all reports except one, and the time, the reporter and the H3 cell of resolution 7 of the remaining
report. The attacker tries to find the exact cell of that report. Every cell that would have led to the published
releases is a candidate.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model, help_by_day
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.map.releases.public import noise, partition
from mapping.map.releases.public.partition import Evidence, Memory, PartPlace
from solidarity.ops.model_benchmark.in_memory_fold import EVALUATION_TIME, Fold
from solidarity.ops.model_benchmark.score import by_day, expected_unmet
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import CITIZENS_FROM, EventKind, Events, Options, World, simulate

Ints = NDArray[np.int64]

DATES = (60, 88, 116)  # days since the start of the simulation
WEEKS_BEFORE = 4  # releases before the first release that contains the report
WEEKS_AFTER = 2  # further releases that the attacker uses
DAYS = max(DATES) + 7 * WEEKS_AFTER + 1
COMMUNES = 20
OTHER_CITY: Mapping[str, Any] = {"persons": 600, "tours": 10, "associations": 8}  # fewer people, tours and sources
K = 5
DRAWS = 200
NEW_SOURCE = CITIZENS_FROM - 1  # an association of which no other report is known
MECHANISMS = ("exact", "res 8 exact", "k ≥ 5 exact", "partition", "partition, noisy counts")


@dataclass(frozen=True, slots=True)
class Found:
    """The result of attacks.

    success: the share of persons located, by mechanism. informed: the same share for an attacker who expects people
    where others were seen. chance, informed_chance: these two shares if nothing is released. persons: number of persons
    attacked. new_source, new_source_chance: share of persons located in the public record and by chance, if the source
    of their report is new to the place. shown: share of the expected unmet need in places published at resolution 8 or
    7.
    """

    success: dict[str, float]
    informed: dict[str, float]
    chance: float
    informed_chance: float
    persons: int
    new_source: float
    new_source_chance: float
    shown: float

    def ratio(self, mechanism: str) -> float:
        return self.success[mechanism] / self.chance


class City:
    """A simulated city with parent cells and communes. known: the events of the city without repeats, because repeats
    have no effect. options: differences from the plain city."""

    def __init__(
        self,
        seed: int,
        model: Model,
        cells: Sequence[int] | None = None,
        days: int = DAYS,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.world: World = simulate(cells or disc(), seed, days, **options)
        self.model, self.secret = model, b"city %d" % seed
        self.cell = self.world.ground.cell
        self.parent8, self.parent7 = (
            np.array([h3.cell_to_parent(int(cell), above) for cell in self.cell]) for above in (8, 7)
        )
        self.commune = _communes(self.world, np.random.default_rng(seed))
        self.m0 = Options(**options).persons / len(disc())
        events = self.world.events
        self.known = events.where(events.kind != EventKind.REPEAT)
        self.models = {int(commune): model for commune in np.unique(self.commune)}

    def evidence_at(self, day: int, known: Events) -> Evidence:
        """Return the evidence that production would have at the end of a day, from these events."""
        events = known.where(known.day <= day)
        age, cells = (day - events.day).astype(np.float64), len(self.cell)
        own = events.source < CITIZENS_FROM
        weight = weights(self.model, events)
        fade = coverage_model.decay(age, self.model.half_life)
        aid = help_by_day.share(events.day, day + EVALUATION_TIME) * events.contacts * own
        sweeps = np.where(own, coverage_model.sweeps(self.model, events.hours, weight), 0.0) * fade
        source = np.where(own, events.source, -1)
        rows = [
            np.stack([self.cell[events.cell[late]], source[late], np.full(int(late.sum()), delay)], axis=1)
            for delay in partition.DELAYS
            for late in [(age >= 7 * delay) & (age < 7 * delay + partition.WINDOW_DAYS)]
        ]
        heard = np.unique(np.concatenate(rows), axis=0)
        return Evidence(
            cell=self.cell,
            parent8=self.parent8,
            parent7=self.parent7,
            commune=self.commune,
            m0=np.full(cells, self.m0),
            seen=np.bincount(events.cell, weight * events.persons * fade, cells),
            contacts=np.bincount(events.cell, aid, cells),
            sweeps=np.bincount(events.cell, sweeps, cells),
            toured=np.bincount(events.cell[own & (age < Model().recent_days)], minlength=cells) > 0,
            source_cell=heard[:, 0],
            source=heard[:, 1],
            source_delay=heard[:, 2],
            source_monthly=np.zeros(len(heard), dtype=bool),
        )

    def concerned(self, around: Ints) -> Ints:
        """Return the rows that a report from some cells can move to another place.

        These are whole communes, extended to whole cells of resolution 7.
        """
        rows = np.isin(self.parent8, self.parent8[around])
        rows = np.isin(self.commune, self.commune[rows])
        rows = np.isin(self.parent8, self.parent8[rows])
        return np.flatnonzero(np.isin(self.parent7, self.parent7[rows]))

    def published(self, found: Evidence, memory: Memory) -> tuple[list[PartPlace], Memory]:
        return partition.plan(found, self.models, self.secret, memory)

    def memory_before(self, date: int) -> Memory:
        memory: Memory = {}
        for week in range(WEEKS_BEFORE, 0, -1):
            _places, memory = self.published(self.evidence_at(date - 7 * week, self.known), memory)
        return memory


def weights(model: Model, events: Events) -> Floats:
    """Return the weight of each event's persons: logged, unlogged, or from a citizen."""
    own = events.source < CITIZENS_FROM
    return np.where(own, np.where(np.isnan(events.hours), model.unlogged_weight, 1.0), model.citizen_trust)


def _communes(world: World, chance: np.random.Generator) -> Ints:
    """Return each cell's commune: the nearest of some random cells. The number of communes scales with the size of the
    city."""
    count = max(2, round(COMMUNES * len(world.ground) / len(disc())))
    middles = chance.choice(len(world.ground), size=count, replace=False)
    return np.asarray(world.ground.apart[:, middles].argmin(axis=1), dtype=np.int64)


# --- the public record ---------------------------------------------------------------------------------------------


def record(places: Sequence[PartPlace]) -> Hashable:
    """Return the complete public record of one release."""
    return tuple((place.key, int(place.status), place.coverage, place.atoms) for place in places)


def need_shown(city: City, day: int, places: Sequence[PartPlace]) -> float:
    """Return the share of the expected unmet need in places of resolution 8 or 7."""
    fold = Fold(city.world.ground, city.model, city.m0)
    for number, events in enumerate(by_day(city.world)[: day + 1]):
        fold.enter(float(number), events)
    need = expected_unmet(city.model, fold.derive())
    atoms = {atom for place in places if place.level in "87" for atom in place.atoms}
    return float(need[np.isin(city.parent8, list(atoms))].sum() / need.sum())


# --- the attack ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One report of one person that the attacker tries to locate.

    true: row of the true cell. around: rows of the candidate cells. atom: for each candidate, the index of its parent
    at resolution 8. outcome, counts and places have one value for each parent: the releases if the report came from
    that parent, the persons that others reported there in the week, and the index of the place that contains it (-1 for
    none). prior: for each candidate, the persons expected or seen there in four weeks.
    """

    true: int
    around: Ints
    atom: Ints
    outcome: list[Hashable]
    counts: list[float]
    places: list[int]
    prior: Floats


def targets(
    city: City, date: int, number: int, chance: np.random.Generator, *, new_source: bool = False
) -> Iterator[Target]:
    """Yield random reports of one person from the week before a release. new_source: whether a source made the report
    of which the attacker knows no other report, so that it is new wherever the report is."""
    known = city.known
    week = np.flatnonzero((known.day > date - 7) & (known.day <= date) & (known.persons == 1))
    if new_source:
        week = week[[_is_new(city, date, int(one)) for one in week]]
    memory = city.memory_before(date)
    moments = [date + 7 * later for later in range(WEEKS_AFTER + 1)]
    for one in chance.choice(week, size=min(number, len(week)), replace=False):
        others = known.where(np.arange(len(known)) != one)
        report = known.where(np.arange(len(known)) == one)
        # The attacker also knows the tour that met the person, so it stays with zero persons.
        if known.source[one] < CITIZENS_FROM:
            nobody = np.zeros(1, dtype=np.int64)
            others = Events.join([others, replace(report, persons=nobody, contacts=nobody)])
        own = int(report.source[0]) if report.source[0] < CITIZENS_FROM else -1
        yield _target(city, report, others, memory, moments, NEW_SOURCE if new_source else own)


def _is_new(city: City, date: int, one: int) -> bool:
    """Return whether the source of a report has no other report in its cell of resolution 8 in the window."""
    known = city.known
    same = (known.source == known.source[one]) & (known.day > date - partition.WINDOW_DAYS) & (known.day <= date)
    return int(np.count_nonzero(same & (city.parent8[known.cell] == city.parent8[known.cell[one]]))) == 1


def _target(city: City, event: Events, others: Events, memory: Memory, moments: Sequence[int], source: int) -> Target:
    true = int(event.cell[0])
    around = np.flatnonzero(city.parent7 == city.parent7[true])
    atoms, atom = np.unique(city.parent8[around], return_inverse=True)
    rows = city.concerned(around)  # other rows are published identically for every candidate
    bases = [_part(city.evidence_at(moment, others), rows) for moment in moments]
    outcome: list[Hashable] = []
    places: list[int] = []
    for number in range(len(atoms)):
        # Any cell of the parent will do, because the same sums change by the same amount wherever the report is.
        cell = int(np.searchsorted(rows, around[atom == number][0]))
        outcome.append(tuple(_releases(city, event, cell, bases, memory, moments, source)))
    shown = city.published(bases[0], memory)[0]
    place_of = {each: number for number, place in enumerate(shown) for each in place.atoms}
    places = [place_of.get(int(each), -1) for each in atoms]
    week, month = (
        np.bincount(some.cell, some.persons, len(city.cell))
        for some in (others.where((others.day > moments[0] - days) & (others.day <= moments[0])) for days in (7, 28))
    )
    counts = [float(week[city.parent8 == each].sum()) for each in atoms]
    return Target(true, around, atom, outcome, counts, places, month[around] + city.m0)


def _part(found: Evidence, rows: Ints) -> Evidence:
    columns = ("cell", "parent8", "parent7", "commune", "m0", "seen", "contacts", "sweeps", "toured")
    return replace(found, **{name: getattr(found, name)[rows] for name in columns})


def _releases(
    city: City, event: Events, cell: int, bases: Sequence[Evidence], memory: Memory, moments: Sequence[int], source: int
) -> Iterator[Hashable]:
    """Yield the releases of some days as they would be if the report were from this cell."""
    model, own = city.model, event.source[0] < CITIZENS_FROM
    for base, moment in zip(bases, moments, strict=True):
        age = np.array([float(moment - event.day[0])])
        seen, contacts = base.seen.copy(), base.contacts.copy()
        seen[cell] += weights(model, event)[0] * coverage_model.decay(age, model.half_life)[0]
        contacts[cell] += own * event.contacts[0] * help_by_day.share(event.day, moment + EVALUATION_TIME)[0]
        delays = [delay for delay in partition.DELAYS if 7 * delay <= age[0] < 7 * delay + partition.WINDOW_DAYS]
        found = replace(
            base, seen=seen, contacts=contacts,
            source_cell=np.append(base.source_cell, np.full(len(delays), base.cell[cell])),
            source=np.append(base.source, np.full(len(delays), source)),
            source_delay=np.append(base.source_delay, np.array(delays, dtype=np.int64)),
            source_monthly=np.append(base.source_monthly, np.zeros(len(delays), dtype=bool)),
        )  # fmt: skip
        places, memory = city.published(found, memory)
        yield record(places)


def located(target: Target, groups: Sequence[Hashable], prior: Floats) -> float:
    """Return the probability that the attacker names the true cell.

    The attacker names the most probable cell, or a random cell of several that are equally probable. groups: the
    releases that the attacker would have seen, for each candidate. prior: the prior probability of each candidate.
    """
    mine = groups[int(np.flatnonzero(target.around == target.true)[0])]
    held = np.array([group == mine for group in groups]) * prior
    best = held >= held.max() - 1e-12
    return float(best[target.around == target.true][0] / best.sum())


def groups_of(target: Target, mechanism: str) -> list[Hashable]:
    """Return, for each candidate cell, the releases that would be published if the report came from this cell."""
    atoms: list[Hashable]
    if mechanism == "exact":
        return [int(cell) for cell in target.around]
    if mechanism == "res 8 exact":
        atoms = list(range(len(target.outcome)))
    elif mechanism == "k ≥ 5 exact":  # only counts of at least k, including the person, are published
        atoms = [number if count + 1 >= K else -1 for number, count in enumerate(target.counts)]
    else:
        atoms = target.outcome
    return [atoms[number] for number in target.atom]


def located_in_noise(target: Target, prior: Floats, chance: np.random.Generator) -> float:
    """Return the probability of naming the true cell from the partition and noisy counts of its places.

    The noise is discrete Laplace with ε = noise.EPSILON per report, drawn once. Cells without a published place have no
    count.
    """
    groups = groups_of(target, "partition")
    at = int(np.flatnonzero(target.around == target.true)[0])
    same = np.array([group == groups[at] for group in groups])
    place = np.array([target.places[number] for number in target.atom])
    own = place[at]
    keep = np.exp(-noise.EPSILON)
    hits = 0.0
    names = [name for name in np.unique(place) if name >= 0]
    for _draw in range(DRAWS):
        likely = np.ones(len(place))
        for name in names:
            off = chance.geometric(1 - keep) - chance.geometric(1 - keep) + (name == own)
            likely[place == name] = keep ** (abs(off - 1) - abs(off))
        held = same * prior * likely
        best = held >= held.max() * (1 - 1e-12)
        hits += best[at] / best.sum()
    return hits / DRAWS


def attack(city: City, date: int, number: int, chance: np.random.Generator) -> Found:
    """Attack some persons of a city on a date, once per mechanism."""
    flat: dict[str, list[float]] = {name: [] for name in MECHANISMS}
    bets: dict[str, list[float]] = {name: [] for name in MECHANISMS}
    blind: list[float] = []
    blind_bets: list[float] = []
    for target in targets(city, date, number, chance):
        even = np.ones(len(target.around))
        for kept, prior in ((flat, even), (bets, target.prior)):
            for name in MECHANISMS[:-1]:
                kept[name].append(located(target, groups_of(target, name), prior))
            kept[MECHANISMS[-1]].append(located_in_noise(target, prior, chance))
        blind.append(1.0 / len(target.around))
        blind_bets.append(located(target, [0] * len(target.around), target.prior))
    fresh = list(targets(city, date, number, chance, new_source=True))
    places, _memory = city.published(city.evidence_at(date, city.known), city.memory_before(date))
    return Found(
        {name: float(np.mean(values)) for name, values in flat.items()},
        {name: float(np.mean(values)) for name, values in bets.items()},
        float(np.mean(blind)),
        float(np.mean(blind_bets)),
        len(blind),
        float(np.mean([located(one, groups_of(one, "partition"), np.ones(len(one.around))) for one in fresh])),
        float(np.mean([1.0 / len(one.around) for one in fresh])),
        need_shown(city, date, places),
    )
