"""Measure the coverage zones against simulated cities and real reports; docs/benchmark.md describes it."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from mapping.evidence import Model
from mapping.zonebench import la311, loop, picture, run
from mapping.zonebench.proposed import MODELS


def _seeds(text: str) -> list[int]:
    """ "3", "0-9" or "0-4,7": the numbers meant."""
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
        found = run.benchmark(options["seeds"], model, say=self.stdout.write)
        results = found.results
        if options["closed_loop"]:
            results["closed_loop"] = run.closed_loop(options["loop_seeds"] or options["seeds"][:3], model)
        if options["real"]:
            results["real"] = run.real(_folder(options["data"]))
        self._table(found)
        out: Path = options["out"]
        picture.draw_calibration(found.chance, found.under, out.with_name("calibration.png"))
        out.write_text(json.dumps(results, indent=1) + "\n")
        broken = 0
        self.stdout.write("\nmust hold")
        for rule in run.must_hold(results):
            broken += not rule.holds
            self.stdout.write(f"  {'yes' if rule.holds else 'NO ':3}  {rule.name}: {rule.found:.4g} ({rule.wanted})")
        self.stdout.write(f"written to {out}")
        if broken:
            sys.exit(1)

    def _table(self, found: run.Run) -> None:
        results, write = found.results, self.stdout.write
        write(f"\n{'':28}{'F1':>8}{'PAI@5%':>8}{'PEI@5%':>8}")
        for name, row in {**results["baselines"], "this model": results["model"]}.items():
            write(f"{name:28}{row['f1']:8.3f}{row['pai5']:8.2f}{row['pei5']:8.3f}")
        write("\nthis model, with the standard error over the seeds")
        for name, value in results["model"].items():
            error = found.deviation.get(name)
            write(f"  {name:28}{value:8.4f}" + (f" ± {error:.4f}" if error is not None else ""))
        write("\nF1 without a part of it")
        for name, value in results["ablations"].items():
            write(f"  {name:28}{value:8.3f}")
        write("\nattacks that turn an empty cell, or one beside it, to under-covered")
        for name, value in found.attacks.items():
            write(f"  {name:34}{value:8.4f}")
        write(f"  {'(a brigade of 12 on 5 days in a row)':34}{found.spread:8.4f}")
        if results["closed_loop"]:
            write("\nshare of people without contact for 14 days, unsearched for 28; contacts per person and week")
            for name in loop.POLICIES:
                row = results["closed_loop"][name]
                write(f"  {name:28}" + "".join(f"{value:8.3f}" for value in row.values()))
        if results["real"]:
            row = results["real"]
            write(
                f"\nLos Angeles, {row['months'][0]} to {row['months'][-1]}: hit rate in the top 5 % of {row['cells']} cells"
            )
            for name, value in row["hit_rate_top5"].items():
                write(f"  {name:34}{value:8.4f}")
            write(f"  ahead of the best single by {row['lead']:.4f} ± {row['lead_standard_error']:.4f}")
            write("mean absolute error of next month's reports per district")
            for name, value in row["district_error"].items():
                write(f"  {name:34}{value:8.2f}")


def _folder(given: Path | None) -> Path:
    if given is None or not (Path(given) / la311.FILE).exists():
        raise CommandError("set SOLIDARITY_DATA, or --data, to the folder of the real data")
    return Path(given)
