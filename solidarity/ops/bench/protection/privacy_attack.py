"""How often one person is located in the public record, compared with chance (docs/adr/0020). It needs no database."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mapping.coverage.cells.coverage_model import Model
from solidarity.ops.bench.protection.attacker import DATES, MECHANISMS, OTHER_CITY, City, Found, attack
from solidarity.ops.bench.timing import Figure, figure

SEEDS = range(500, 508)  # held out: these seeds were not used to tune mapping.map.releases.public
OTHER_SEEDS = range(500, 503)
TARGETS = 20
LIMIT = 1.5
SHOWN, SHOWN_ELSEWHERE = 0.8, 0.75  # minimum share of the need that the map shows, in the plain and in the other city
PRODUCTION = "partition"
HELD = (PRODUCTION, "partition, noisy counts")  # mechanisms to which the limit applies


def measure(
    say: Callable[[str], object], seeds: Sequence[int] = SEEDS, targets: int = TARGETS
) -> tuple[list[Figure], bool]:
    """Attack every city on every date and print the results. Return the figures and whether the limit is met."""
    model = Model()
    say("share of single persons located at resolution 9, and × chance")
    say(f"{'city':>5} {'day':>4} {'chance':>7}  " + "  ".join(f"{name:>18}" for name in (*MECHANISMS, "need shown")))
    found: list[Found] = []
    elsewhere: list[Found] = []
    cities = [(found, seed, City(seed, model)) for seed in seeds]
    cities += [(elsewhere, seed, City(seed, model, options=OTHER_CITY)) for seed in OTHER_SEEDS]
    for results, seed, city in cities:
        for date in DATES:
            one = attack(city, date, targets, np.random.default_rng([seed, date]))
            results.append(one)
            said = "  ".join(f"{one.success[name]:>9.3f} {one.ratio(name):>6.2f} ×" for name in MECHANISMS)
            say(f"{seed:>5} {date:>4} {one.chance:>7.4f}  {said}  {one.shown:>18.3f}")
    figures, held = _figures(found, f"seeds {seeds[0]}–{seeds[-1]}")
    more = _of_new_sources(found, "", SHOWN) + _of_new_sources(elsewhere, ", other city", SHOWN_ELSEWHERE)
    return figures + more, held and all(
        figure.ratio <= LIMIT if figure.name.startswith("one person") else figure.ratio >= 1 for figure in more
    )


def _of_new_sources(found: Sequence[Found], where: str, shown: float) -> list[Figure]:
    """Return how often a person is located whose source is new to the place, and the need that the map shows."""
    success = float(np.mean([one.new_source for one in found]))
    chance = float(np.mean([one.new_source_chance for one in found]))
    need = float(np.mean([one.shown for one in found]))
    return [
        figure(f"one person: new source{where}", success, "", chance, f"≤ {LIMIT:g} × chance"),
        figure(
            f"need shown{where}", need, "", shown, f"≥ {shown:g}", "expected unmet need in places of resolution 8 or 7"
        ),
    ]


def _figures(found: Sequence[Found], seeds: str) -> tuple[list[Figure], bool]:
    share = np.array([one.persons for one in found], dtype=float)
    share /= share.sum()

    def mean(values: Iterable[float]) -> float:
        return float(share @ np.array(list(values)))

    chance, bets = mean(one.chance for one in found), mean(one.informed_chance for one in found)
    persons = sum(one.persons for one in found)
    rows = []
    for name in MECHANISMS:
        success = mean(one.success[name] for one in found)
        informed = mean(one.informed[name] for one in found)
        note = f"{persons} persons, {seeds}; betting on where others were seen {informed:.3f}, {informed / max(bets, 1e-9):.2f} × blind"
        wanted = f"≤ {LIMIT:g} × chance" if name in HELD else ""
        rows.append(figure(f"one person: {name}", success, "", chance, wanted, note))
    return rows, all(rows[MECHANISMS.index(name)].ratio <= LIMIT for name in HELD)
