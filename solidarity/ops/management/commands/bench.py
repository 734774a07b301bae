"""``make bench``: the measurements of docs/benchmarks.md. Results go to bench/results.json."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.core.management.base import CommandParser
from django.db import connection

from solidarity.ops.bench import bench_run, machine
from solidarity.ops.bench.parts import PARTS
from solidarity.ops.bench.sizes import SIZES


class Command(BaseCommand):
    help = "Run the benchmarks in a database of their own and print each figure as a ratio against its reference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS), help="parts to run")
        parser.add_argument("--size", choices=list(SIZES), default="usual", help="how much is measured")
        parser.add_argument(
            "--lake-rows", type=int, nargs="*", help="rows of the part lake, for example 1000000 100000000"
        )
        parser.add_argument("--out", type=Path, default=settings.ROOT / "bench" / "results.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if any(PARTS[name].database for name in options["only"]):
            name = str(connection.settings_dict["NAME"])
            if not name.endswith("_bench"):
                self._make_database(f"{name}_bench")
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    anchor = str(Path(folder) / "anchor.json")  # the anchor of the site belongs to another audit log
                    own = {"SOLIDARITY_DB_NAME": f"{name}_bench", "SOLIDARITY_AUDIT_ANCHOR": anchor}
                    sys.exit(subprocess.call([sys.executable, *sys.argv], env={**os.environ, **own}))
            call_command("migrate", verbosity=0)
        self.stdout.write(machine.description())
        size = SIZES[options["size"]]
        if options["lake_rows"]:
            size = replace(size, lake=sorted(options["lake_rows"]))
        results = bench_run.run(options["only"], size, options["out"], self.stdout.write)
        self.stdout.write(bench_run.summary(results))
        self.stdout.write(f"written to {options['out']}")
        if results.failed:
            sys.exit(1)

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
