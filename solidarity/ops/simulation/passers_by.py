"""The passers-by of a simulated city who report people, and the people who send false reports."""

import numpy as np

from solidarity.ops.simulation.city_cells import CityCells, Floats
from solidarity.ops.simulation.city_records import CITIZENS_FROM, SPAMMERS_FROM, EventKind, Events, Ints
from solidarity.ops.simulation.world_options import Options

Chance = np.random.Generator

QUIET = 0.2  # factor that multiplies the reports of a quiet quarter


class PassersBy:
    """Passers-by who report people. Some reports are wrong, and some people send many."""

    def __init__(self, ground: CityCells, options: Options, chance: Chance, odd: Chance, footfall: Floats) -> None:
        self.options, self.chance, self.footfall = options, chance, footfall
        home = chance.integers(len(ground), size=options.citizens)
        zeal = chance.permutation(1.0 / np.arange(1, options.citizens + 1) ** 0.8)
        reach = np.exp(-ground.apart[:, home]) * zeal
        self.reach = np.cumsum(reach, axis=1) / reach.sum(axis=1, keepdims=True)
        self.spammed: list[tuple[int, int]] = []
        self.told = np.ones(len(ground))  # factor that multiplies the reports of each cell
        if options.quiet_quarters:
            field = ground.patchwork(odd, 0.8)
            self.told[field >= np.quantile(field, 1.0 - options.quiet_quarters)] = QUIET

    def report(self, day: int, present: Ints, outdoors: float = 1.0) -> Events:
        """Return all citizens' reports of a day. present: number of people who can be seen in each cell. outdoors:
        factor on the number of passers-by."""
        options, chance = self.options, self.chance
        expected = options.citizen_rate * outdoors * self.footfall * self.told * present
        true = np.repeat(np.arange(len(present)), chance.poisson(expected))
        who = (chance.random((len(true), 1)) > self.reach[true]).sum(axis=1).clip(max=options.citizens - 1)
        false = chance.choice(
            len(present),
            size=chance.poisson(options.false_citizens * expected.sum()),
            p=self.footfall / self.footfall.sum(),
        )
        cells, sources = [true, false], [who, chance.integers(options.citizens, size=len(false))]
        empty = np.flatnonzero(present == 0)
        if options.spam and len(empty):
            turn = day % options.spam_every
            if turn in (options.spam_every // 4, options.spam_every * 3 // 4):
                alone = turn == options.spam_every // 4
                target = int(chance.choice(empty))
                number = options.spam_reports if alone else options.brigade * options.brigade_reports
                accounts = np.zeros(number, dtype=np.int64) if alone else np.arange(number) % options.brigade
                cells.append(np.full(number, target))
                sources.append(SPAMMERS_FROM - CITIZENS_FROM + day * max(options.brigade, 1) + accounts)
                self.spammed.append((day, target))
        cell = np.concatenate(cells)
        number = len(cell)
        return Events(
            np.full(number, day),
            np.full(number, int(EventKind.CITIZEN)),
            cell,
            CITIZENS_FROM + np.concatenate(sources),
            np.ones(number, dtype=np.int64),
            np.zeros(number, dtype=np.int64),
            np.full(number, np.nan),
            np.full(number, -1),
            np.full(number, -1),
        )
