"""The seeds of simulated cities: some for choosing parameters, others for reporting figures."""

from collections.abc import Sequence

CHOOSING_SEEDS = range(200, 220)
REPORTING_SEEDS = range(320, 340)


def listed(text: str) -> list[int]:
    """Return the numbers of a list such as "3", "0-9" or "0-4,7"; raise ValueError for another text."""
    found: list[int] = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def seeds_for(given: Sequence[int] | None, choosing: bool) -> list[int]:
    """Return the given seeds, or by default the seeds for the purpose. Raise ValueError if seeds for choosing and seeds
    for reporting would be mixed, or used for the other purpose."""
    if given is None:
        return list(CHOOSING_SEEDS if choosing else REPORTING_SEEDS)
    wrong = REPORTING_SEEDS if choosing else CHOOSING_SEEDS
    mixed = sorted(set(given) & set(wrong))
    if mixed and choosing:
        raise ValueError(
            f"parameters are never chosen on the seeds {_words(REPORTING_SEEDS)}, which are for reporting; take others"
        )
    if mixed:
        raise ValueError(f"the seeds {_words(CHOOSING_SEEDS)} are for choosing parameters; add --choosing")
    return list(given)


def _words(seeds: range) -> str:
    return f"{seeds[0]} to {seeds[-1]}"
