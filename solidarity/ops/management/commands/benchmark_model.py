"""manage.py benchmark_model: the coverage model on simulated cities and real reports (docs/benchmarks.md)."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from mapping.coverage.cells.coverage_model import MODELS, Model
from solidarity.ops.model_benchmark import (
    benchmark_report,
    benchmark_run,
    closed_loop,
    count_checks,
    la_backtest,
    misspecified_worlds,
    required_limits,
    seed_ranges,
    worlds_report,
)
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.worlds import WORLDS

DOCUMENT = settings.ROOT / "docs" / "benchmarks.md"


def _seeds(text: str) -> list[int]:
    try:
        return seed_ranges.listed(text)
    except ValueError:
        raise ArgumentTypeError(f"write numbers such as 320-339 or 0-4,7, not {text!r}") from None


class Command(BaseCommand):
    help = "Run the zone benchmark without the database; fails when a line that must hold does not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seeds", type=_seeds, help="such as 320-339 or 0-4,7; by default those for reporting")
        parser.add_argument("--choosing", action="store_true", help="choose parameters: use the seeds for choosing")
        parser.add_argument("--worlds", help='run these worlds instead of the plain city: "all", or such as 1,5,10-12')
        parser.add_argument("--workers", type=int, help="processes for the worlds and the closed loop (one per core)")
        parser.add_argument(
            "--write-docs", action="store_true", help="replace the table and plot in docs/benchmarks.md"
        )
        parser.add_argument(
            "--write-figures", action="store_true", help="replace the figures that the page “Is the map right?” shows"
        )
        parser.add_argument("--counts", action="store_true", help="test right and wrong counts of people")
        parser.add_argument("--closed-loop", action="store_true", help="let tours follow the suggestions")
        parser.add_argument("--loop-seeds", type=_seeds, help="seeds of the closed loop (the first three)")
        parser.add_argument("--real", choices=["la311"], help="backtest on real reports")
        parser.add_argument("--data", type=Path, default=settings.DATA_DIR or None, help="folder of the real data")
        parser.add_argument("--model", choices=list(MODELS), default="default", help="parameters to start from")
        parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="parameters to try")
        parser.add_argument("--out", type=Path, default=settings.ROOT / "bench" / "zones.json")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        choosing = options["choosing"]
        try:
            tried = {name: float(value) for name, _is, value in (item.partition("=") for item in options["set"])}
            model = Model.of({**MODELS[options["model"]].values(), **tried})
            seeds = seed_ranges.seeds_for(options["seeds"], choosing)
            loop_seeds = seed_ranges.seeds_for(options["loop_seeds"] or seeds[:3], choosing)
            kinds = misspecified_worlds.chosen(options["worlds"]) if options["worlds"] else ()
        except (KeyError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["write_docs"] and (choosing or len(kinds) < len(WORLDS)):
            raise CommandError("--write-docs writes the figures of all worlds on seeds for reporting: add --worlds all")
        if options["write_figures"] and (choosing or tried or not any(kind.number == 0 for kind in kinds)):
            raise CommandError(
                "--write-figures writes the figures of the plain city with the default parameters on seeds for reporting: "
                "add --worlds 0"
            )
        if tried and set(seeds) & set(seed_ranges.REPORTING_SEEDS):
            raise CommandError("--set tries parameters, never on the seeds for reporting: add --choosing")
        results: benchmark_run.Results = {"seeds": seeds}
        if kinds:
            results["worlds"] = misspecified_worlds.run_worlds(
                kinds, seeds, model, workers=options["workers"], say=self.stdout.write
            )
            worlds_report.write_beside(results["worlds"], seeds, model, out)
            if options["write_docs"]:
                worlds_report.write_section(results["worlds"], seeds, model, DOCUMENT)
            if options["write_figures"]:
                worlds_report.write_figures(results["worlds"], seeds)
        elif not options["counts"]:
            found = benchmark_run.benchmark(seeds, model, say=self.stdout.write)
            results = found.results
            benchmark_report.write_plot(found, out)
            self.stdout.write(benchmark_report.table(found))
        if options["counts"]:
            results["counts"] = count_checks.run(seeds, model, workers=options["workers"])
        if options["closed_loop"]:
            results["closed_loop"] = closed_loop.closed_loop(disc(), loop_seeds, model, options["workers"])
        if options["real"]:
            results["real"] = benchmark_run.real(_folder(options["data"]))
        benchmark_report.write(results, out)
        self.stdout.write(benchmark_report.other_parts(results))
        self.stdout.write(benchmark_report.conclusion(results))
        self.stdout.write(f"written to {out}")
        if not all(rule.holds for rule in required_limits.must_hold(results)):
            sys.exit(1)


def _folder(given: Path | None) -> Path:
    if given is None or not (Path(given) / la_backtest.FILE).exists():
        raise CommandError("set SOLIDARITY_DATA, or --data, to the folder of the real data")
    return Path(given)
