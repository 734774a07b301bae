"""How often one person is located in the public record, compared with chance (docs/adr/0020). It needs no database."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mapping.coverage.coverage_model import Model
from solidarity.ops.bench.protection.attacker import DATES, MECHANISMS, City, Found, attack
from solidarity.ops.bench.timing import Figure, figure

SEEDS = range(500, 508)  # held out: these seeds were not used to tune mapping.releases.public
TARGETS = 20
LIMIT = 1.5
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
    for seed in seeds:
        city = City(seed, model)
        for date in DATES:
            one = attack(city, date, targets, np.random.default_rng([seed, date]))
            found.append(one)
            said = "  ".join(f"{one.success[name]:>9.3f} {one.ratio(name):>6.2f} ×" for name in MECHANISMS)
            say(f"{seed:>5} {date:>4} {one.chance:>7.4f}  {said}  {one.shown:>18.3f}")
    return _figures(found, f"seeds {seeds[0]}–{seeds[-1]}")


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
    shown = mean(one.shown for one in found)
    rows.append(
        figure("need mass still shown", shown, "", 1.0, "", "expected unmet need in places of resolution 8 or 7")
    )
    return rows, all(rows[MECHANISMS.index(name)].ratio <= LIMIT for name in HELD)
