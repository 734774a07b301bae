"""The limits that the model must meet (docs/model.md), and the goals beyond them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from solidarity.ops.model_benchmark import la_backtest
from solidarity.ops.simulation.worlds import WORLDS

Results = dict[str, Any]

CALIBRATED_WORLDS = 15


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit. found: the value that was found. wanted: the requirement as text."""

    name: str
    found: float
    limit: float
    wanted: str
    holds: bool

    @property
    def ratio(self) -> float | None:
        """found / limit, or None if the limit is 0."""
        return self.found / self.limit if self.limit else None


def at_least(name: str, found: float, limit: float, unit: str = "") -> Rule:
    return Rule(name, found, limit, f"≥ {limit:g}{unit}", found >= limit)


def at_most(name: str, found: float, limit: float, unit: str = "") -> Rule:
    return Rule(name, found, limit, f"≤ {limit:g}{unit}", found <= limit)


def must_hold(results: Results) -> Iterator[Rule]:
    """Yield the required limits of the parts that were run."""
    if results.get("model"):
        yield from _on_the_plain_city(results)
    if results.get("closed_loop"):
        ratio = results["closed_loop"]["ratio"]["model_and_needs"]
        yield at_most("people without contact, against habit", ratio, 0.45, " ×")
        yield from _needs_leave_nobody_behind(results["closed_loop"])
    if results.get("counts"):
        yield from _of_counts(results["counts"])
    if results.get("worlds"):
        yield from _in_other_worlds(results["worlds"])
    if results.get("real"):
        yield from _on_real_reports(results["real"])


def goals(results: Results) -> Iterator[Rule]:
    """Yield the goals. Nothing fails if they are not reached."""
    if results.get("counts"):
        half = results["counts"]["half the people, told truthfully"]
        yield at_least("F1 with the proposed threshold, half the people", half["f1_proposed"], 0.43)
    if results.get("model"):
        model = results["model"]
        yield at_least("F1", model["f1"], 0.535)
        yield at_least("PEI at 5 %", model["pei5"], 0.70)
        yield at_most("ECE", model["ece"], 0.02)


def _on_the_plain_city(results: Results) -> Iterator[Rule]:
    model = results["model"]
    yield at_least("F1", model["f1"], 0.52)
    yield at_least("PEI at 5 %", model["pei5"], 0.67)
    effort = results["baselines"].get("count_per_effort")
    if effort:
        yield at_least("F1 against count / effort", model["f1"] / effort["f1"], 1.25, " ×")
        yield at_least("PEI against count / effort", model["pei5"] / effort["pei5"], 1.25, " ×")
    yield at_most("ECE", model["ece"], 0.03)
    yield at_least("90 % interval coverage", model["coverage90"], 0.87)
    yield at_most("90 % interval coverage", model["coverage90"], 0.94)
    yield at_least("coverage of the range of the unseen estimate", model["unseen_coverage"], 0.85)
    yield at_most("under-covered, given called covered", model["under_given_covered"], 0.02)
    yield at_most("covered without any search", model["false_covered_unsearched"], 0.0)
    for name, share in results["attacks"].items():
        yield at_most(f"attacks confirmed: {name}", share, 0.01)


def _needs_leave_nobody_behind(found: Results) -> Iterator[Rule]:
    """Yield the limits for suggestions that use open needs: they must answer more needs. They must not leave more
    people without contact or unsearched than suggestions without needs; a difference up to twice the standard error
    over the seeds is allowed."""
    if "difference" not in found:
        return
    more, error = found["difference"], found["error"]
    yield at_least("more needs answered, with needs", more["needs_answered"], 0.02)
    for figure, name in (("without_contact_14d", "without contact"), ("unsearched_28d", "unsearched")):
        limit = 2 * error[figure]
        wanted = f"≤ {limit:.4f}, twice the standard error"
        yield Rule(f"more people {name}, with needs", more[figure], limit, wanted, more[figure] <= limit)


def _of_counts(found: Results) -> Iterator[Rule]:
    """Yield the limits of counts that are right, wrong by two, and truthful where half as many people live."""
    noticed = min(found["halved"]["alarms"], found["doubled"]["alarms"])
    yield at_least("counts wrong by two that are noticed in 60 days", noticed, 0.9)
    yield at_most("right counts that are doubted in 60 days", found["right"]["alarms"], 0.05)
    for name in ("right", "half the people, told truthfully"):
        ratio = found[name]["f1_proposed"] / max(found[name]["f1"], 1e-9)
        yield at_least(f"F1 with the proposed threshold, against the usual one: {name}", ratio, 0.99, " ×")


def _in_other_worlds(rows: list[Results]) -> Iterator[Rule]:
    """Yield the limits over the worlds that were run. The limit on the number of calibrated worlds applies only if all
    worlds were run."""
    others = [row for row in rows if row["number"]]
    if len(others) == len(WORLDS) - 1:
        calibrated = sum(row["ece"] <= 0.05 for row in others)
        yield at_least(f"worlds with ECE ≤ 0.05, of {len(others)}", calibrated, CALIBRATED_WORLDS)
    if others:
        ahead = sum(row["f1"] > row["best_baseline"]["f1"] for row in others)
        yield at_least(f"worlds with F1 above the best baseline, of {len(others)}", ahead, len(others))


def _on_real_reports(found: Results) -> Iterator[Rule]:
    lead, error = found["lead"], found["lead_standard_error"]
    name = "hit rate beyond the best single forecast, against its standard error"
    yield Rule(name, lead, error, f"> {error:.4f}", lead > error)
    errors = found["district_error"]
    least = min(value for name, value in errors.items() if name.startswith("EWMA"))
    ours = errors[la_backtest.MIX]
    yield Rule("error of district counts, against the best EWMA", ours, least, f"< {least:.2f}", ours < least)
