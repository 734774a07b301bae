"""manage.py recompute_zones: recalculate cells and zones from the ledger."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from mapping.coverage.folding import rebuild
from mapping.coverage.lake import lake_recompute, writing_lake
from mapping.coverage.lake.lake_recompute import ENGINES
from mapping.coverage.lake.manifest import LakeError
from mapping.enums import Status
from mapping.models import Recompute, Zone
from mapping.out.event_log.entered_datetimes import moment_of
from volunteers.models import Territory

WIDTH = 40  # characters of the progress bar


class Command(BaseCommand):
    help = (
        "Recalculate the state of all cells from the ledger and redraw the zones. With --as-of the map shows that time "
        "until the next refresh; the worker refreshes every 15 minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="TIME", help="ISO 8601; default: now")
        parser.add_argument(
            "--engine",
            choices=ENGINES,
            help="compute from the Parquet lake instead (docs/scale.md): in this process, on the cluster SOLIDARITY_DASK, or "
            "with DuckDB",
        )
        parser.add_argument("--territory", metavar="SLUG", help="print only the zones of this territory")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = moment_of(options["as_of"]) if options["as_of"] else timezone.now()
        except ValueError as error:
            raise CommandError(str(error)) from error
        zones = Zone.objects.live()
        if options["territory"]:
            territory = Territory.objects.filter(slug=options["territory"]).first()
            if territory is None:
                raise CommandError(f"There is no territory {options['territory']!r}.")
            zones = zones.within(territory)
        if options["engine"] is None:
            done = rebuild.recompute_all(as_of, rebuild=True, job="command")
        else:
            done = self._from_lake(options["engine"], as_of)
        self.stdout.write(f"As of {as_of.isoformat()}: {done.cells} cells, {done.zones} zones.")
        for row in zones.values("status").annotate(count=Count("pk")).order_by("status"):
            self.stdout.write(f"  {row['count']:>7}  {Status(row['status']).label}")

    def _from_lake(self, engine: str, as_of: datetime) -> Recompute:
        try:
            return lake_recompute.recompute(
                writing_lake.folder(), lake_recompute.engine_of(engine), as_of, self._progress
            )
        except LakeError as error:
            raise CommandError(str(error)) from error

    def _progress(self, done: int, rows: int) -> None:
        """Draw a bar over the last one; in a file, print only the end."""
        filled = WIDTH * done // max(rows, 1)
        last = done == rows
        if self.stderr.isatty():
            bar = "█" * filled + "·" * (WIDTH - filled)
            self.stderr.write(f"\r{bar} {done:,} of {rows:,} rows", ending="\n" if last else "")
            self.stderr.flush()
        elif last:
            self.stderr.write(f"{rows:,} rows of evidence read.")
