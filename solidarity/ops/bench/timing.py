"""Alternating time measurements, and the table of results."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One result. ratio: value divided by reference, which are both in ``unit``. goal: the requirement as text."""

    name: str
    value: float
    unit: str
    reference: float
    ratio: float
    goal: str = ""
    note: str = ""


def figure(name: str, value: float, unit: str, reference: float, goal: str = "", note: str = "") -> Figure:
    return Figure(name, value, unit, reference, value / reference if reference else float("nan"), goal, note)


def once(work: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(
    one: Callable[[], object], other: Callable[[], object], rounds: int, warm: int = 2
) -> tuple[list[float], list[float]]:
    """Return the seconds of ``rounds`` alternating calls, so that changes in the machine's speed affect all calls
    alike."""
    ours, theirs = [], []
    for number in range(rounds + warm):
        first, second = once(one), once(other)
        if number >= warm:
            ours.append(first)
            theirs.append(second)
    return ours, theirs


def median(seconds: list[float]) -> float:
    return statistics.median(seconds)


def percentile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def resident_mb() -> float:
    """Return the resident memory of this process in MB."""
    return _memory_mb("VmRSS:")


def peak_mb() -> float:
    """Return the largest resident memory of this process since :func:`forget_peak`, in MB."""
    return _memory_mb("VmHWM:")


def _memory_mb(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return float("nan")


def forget_peak() -> None:
    """Reset the peak of :func:`peak_mb`."""
    Path("/proc/self/clear_refs").write_text("5")


def table(figures: list[Figure]) -> str:
    lines = [f"{'name':<22} {'value':>12} {'unit':<6} {'reference':>12} {'ratio':>8}  goal"]
    for row in figures:
        lines.append(
            f"{row.name:<22} {row.value:>12,.3f} {row.unit:<6} {row.reference:>12,.3f} {row.ratio:>8.3f}  {row.goal}"
            + (f"  ({row.note})" if row.note else "")
        )
    return "\n".join(lines)


def save(figures: list[Figure], path: Path) -> None:
    """Write the figures, and keep earlier figures in the file that were not measured this time."""
    kept = {row["name"]: row for row in json.loads(path.read_text())} if path.is_file() else {}
    kept.update({row.name: asdict(row) for row in figures})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(kept.values()), indent=1, ensure_ascii=False) + "\n")
