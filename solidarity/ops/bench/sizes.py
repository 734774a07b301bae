"""Sizes of a benchmark run: short (for the tests), usual, and full (without a time limit)."""

from collections.abc import Sequence
from dataclasses import dataclass

from solidarity.ops.model_benchmark.seed_ranges import REPORTING_SEEDS


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a run.

    rows: number of reports in the ledger. growth: numbers of reports between which growth is measured. lake:
    numbers of rows in the lakes, the smallest first. side: number of territories along each side of the region.
    cells_share: width and height of the region as a share of the full region. rounds: factor for the number of
    repetitions (usually 1). seconds: number of seconds for which requests are sent to the filing endpoint.
    processes: number of processes of the measured server. needs, volunteers: number of needs and number of
    volunteers for matching. queued: number of reports in the phone's queue. model_seeds, loop_seeds, world_seeds,
    attack_seeds: simulated cities; world_seeds are for the other worlds. sentences: the largest number of sentences
    from the PII corpus. strict: whether missed limits fail the run.
    """

    rows: int
    growth: Sequence[int]
    lake: Sequence[int]
    side: int
    cells_share: float
    rounds: float
    seconds: float
    processes: int
    needs: int
    volunteers: int
    queued: int
    model_seeds: Sequence[int]
    loop_seeds: Sequence[int]
    world_seeds: Sequence[int]
    attack_seeds: Sequence[int]
    attack_targets: int
    sentences: int
    strict: bool

    def repeat(self, usual: int, least: int = 1) -> int:
        """Return a number of repetitions: ``usual`` in the usual run, never fewer than ``least``."""
        return max(least, round(usual * self.rounds))

    @property
    def label(self) -> str:
        return label(self.rows)


def label(rows: int) -> str:
    """Return a short text for a number of rows: "1M", "100k", "200"."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if rows >= unit:
            return f"{rows // unit}{letter}"
    return str(rows)


SIZES = {
    "short": Size(
        growth=(200, 500), lake=(2_000, 6_000),
        rows=500, side=2, cells_share=0.1, rounds=0.005, seconds=0.5, processes=1, needs=60, volunteers=300, queued=5,
        model_seeds=REPORTING_SEEDS[:1], loop_seeds=[], world_seeds=[], attack_seeds=[500], attack_targets=1, sentences=40,
        strict=False,
    ),
    "usual": Size(
        growth=(100_000, 1_000_000), lake=(100_000, 1_000_000),
        rows=1_000_000, side=16, cells_share=1.0, rounds=1.0, seconds=6.0, processes=2, needs=10_000, volunteers=50_000, queued=200,
        model_seeds=REPORTING_SEEDS[:4], loop_seeds=REPORTING_SEEDS[:1], world_seeds=REPORTING_SEEDS[:1],
        attack_seeds=range(500, 502), attack_targets=20, sentences=10_000, strict=False,
    ),
    "full": Size(
        growth=(100_000, 1_000_000, 10_000_000), lake=(1_000_000, 10_000_000),
        rows=1_000_000, side=16, cells_share=1.0, rounds=2.0, seconds=20.0, processes=2, needs=10_000, volunteers=50_000, queued=200,
        model_seeds=REPORTING_SEEDS, loop_seeds=REPORTING_SEEDS[:3], world_seeds=REPORTING_SEEDS,
        attack_seeds=range(500, 508), attack_targets=20, sentences=10_000, strict=True,
    ),
}  # fmt: skip
