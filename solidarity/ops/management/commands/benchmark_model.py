"""manage.py benchmark_model: the coverage model on simulated cities and real reports (docs/benchmarks.md)."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from mapping.coverage.coverage_model import MODELS, Model
from solidarity.ops.model_benchmark import benchmark_report, benchmark_run, la_backtest


def _seeds(text: str) -> list[int]:
    """Return the numbers of a list such as "3", "0-9" or "0-4,7"."""
    found: list[int] = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


class Command(BaseCommand):
    help = "Run the zone benchmark without the database; fails when a line that must hold does not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seeds", type=_seeds, default=_seeds("100-119"), help="such as 100-119 or 0-4,7")
        parser.add_argument("--closed-loop", action="store_true", help="let tours follow the suggestions")
        parser.add_argument("--loop-seeds", type=_seeds, help="seeds of the closed loop (the first three)")
        parser.add_argument("--real", choices=["la311"], help="backtest on real reports")
        parser.add_argument("--data", type=Path, default=settings.DATA_DIR or None, help="folder of the real data")
        parser.add_argument("--model", choices=list(MODELS), default="default", help="parameters to start from")
        parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="parameters to try")
        parser.add_argument("--out", type=Path, default=settings.ROOT / "bench" / "zones.json")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tried = {name: float(value) for name, _is, value in (item.partition("=") for item in options["set"])}
            model = Model.of({**MODELS[options["model"]].values(), **tried})
        except (KeyError, ValueError) as error:
            raise CommandError(str(error)) from error
        found = benchmark_run.benchmark(options["seeds"], model, say=self.stdout.write)
        results = found.results
        if options["closed_loop"]:
            results["closed_loop"] = benchmark_run.closed_loop(options["loop_seeds"] or options["seeds"][:3], model)
        if options["real"]:
            results["real"] = benchmark_run.real(_folder(options["data"]))
        self.stdout.write(benchmark_report.table(found))
        out: Path = options["out"]
        benchmark_report.write(found, out)
        rules = list(benchmark_run.must_hold(results))
        self.stdout.write(benchmark_report.conclusion(rules))
        self.stdout.write(f"written to {out}")
        if not all(rule.holds for rule in rules):
            sys.exit(1)


def _folder(given: Path | None) -> Path:
    if given is None or not (Path(given) / la_backtest.FILE).exists():
        raise CommandError("set SOLIDARITY_DATA, or --data, to the folder of the real data")
    return Path(given)
