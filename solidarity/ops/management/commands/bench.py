"""Run the benchmarks of docs/benchmarks.md; results go to bench/results.json."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.core.management.base import CommandParser
from django.db import connection

PARTS = ("filing", "http", "recompute", "tiles", "exports", "matching", "fold", "zones", "privacy", "guard", "street")


class Command(BaseCommand):
    help = "Run the benchmarks in a database of their own and print each figure as a ratio against its reference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
        parser.add_argument("--rows", type=int, default=1_000_000, help="reports stored (default 1,000,000)")
        parser.add_argument("--out", type=Path, default=settings.ROOT / "bench" / "results.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if set(options["only"]) <= {"zones", "privacy", "guard"}:
            self._without_database(options["only"], options["out"])
            return
        name = str(connection.settings_dict["NAME"])
        if not name.endswith("_bench"):
            self._make_database(f"{name}_bench")
            environment = {**os.environ, "SOLIDARITY_DB_NAME": f"{name}_bench"}
            sys.exit(subprocess.call([sys.executable, *sys.argv], env=environment))
        call_command("migrate", verbosity=0)
        self._measure(options["only"], options["rows"], options["out"])
        self._without_database(options["only"], options["out"])

    def _without_database(self, only: list[str], out: Path) -> None:
        """The parts about simulated cities; the command fails when a line that must hold does not."""
        if "guard" in only:
            self._guard(out)
        holds = [self._privacy(out)] if "privacy" in only else []
        holds += [self._zones(out)] if "zones" in only else []
        if not all(holds):
            sys.exit(1)

    def _guard(self, out: Path) -> None:
        """The guard of free text; its goals hold in the tests."""
        from solidarity.ops.bench import pii_check_quality
        from solidarity.ops.bench.timing import save, table

        figures = pii_check_quality.measure()
        self.stdout.write(table(figures))
        save(figures, out)

    def _privacy(self, out: Path) -> bool:
        """How often one person is found in the public record, against chance."""
        from solidarity.ops.bench import privacy_attack
        from solidarity.ops.bench.timing import save, table

        figures, holds = privacy_attack.measure(self.stdout.write)
        self.stdout.write("\n" + table(figures))
        save(figures, out)
        return holds

    def _zones(self, out: Path) -> bool:
        """The zone benchmark: whether every line that must hold does."""
        from solidarity.ops.bench import model_scores
        from solidarity.ops.bench.timing import save

        data = Path(settings.DATA_DIR) if settings.DATA_DIR else None
        figures, holds = model_scores.measure(out.with_name("zones.json"), data, self.stdout.write)
        save(figures, out)
        return holds

    def _make_database(self, name: str) -> None:
        values = connection.settings_dict
        raw = psycopg2.connect(
            dbname="postgres", host=values["HOST"], port=values["PORT"] or None, user=values["USER"],
            password=values["PASSWORD"] or None,
        )  # fmt: skip
        raw.autocommit = True
        with raw.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')
        raw.close()

    def _measure(self, only: list[str], rows: int, out: Path) -> None:
        from solidarity.ops.bench import export_speed, filing_and_fold, filing_http, matching_speed, region, tile_speed
        from solidarity.ops.bench.timing import Figure, save, table

        figures: list[Figure] = []

        def say(found: list[Figure]) -> None:
            figures.extend(found)
            self.stdout.write(table(found).split("\n", 1)[1])

        if "matching" in only:
            say(matching_speed.measure())
        if only == ["matching"]:
            save(figures, out)
            return
        if "street" in only:
            from solidarity.ops.bench import phone

            say(phone.measure())
        if only == ["street"]:
            save(figures, out)
            return
        region.bare_table()
        self.stdout.write(f"{region.lay_out():,} cells")
        self.stdout.write(table([]))
        if "fold" in only:
            say(filing_and_fold.fold_figures(rows // 10, rows))
        else:
            region.fill(rows)
        if "recompute" in only:
            say(filing_and_fold.full_recompute())
        if "tiles" in only:
            say(tile_speed.measure())
        if "exports" in only:
            say(export_speed.measure())
        if "filing" in only or "http" in only:
            verb = filing_and_fold.filing_verb()
            if "filing" in only:
                say(verb)
            if "http" in only:
                say(filing_http.measure(verb[0]))
        self.stdout.write("\n" + table(figures))
        difference = filing_and_fold.largest_difference()
        self.stdout.write(f"\nincremental state against the ledger after all this: {difference:.2g}")
        save(figures, out)
        self.stdout.write(f"written to {out}")
