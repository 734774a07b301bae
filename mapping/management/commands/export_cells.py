"""manage.py export_cells: the state of every cell at a given time, from the ledger."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mapping.out.event_log import cell_csv
from mapping.out.event_log.entered_datetimes import moment_of
from volunteers.models import Territory


class Command(BaseCommand):
    help = "Write the state of every cell at a given time as CSV, computed from the ledger. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="TIME", help="ISO 8601; default: now")
        parser.add_argument("--format", choices=["csv"], default="csv")
        parser.add_argument(
            "--territory", metavar="SLUG", help="only cells of this territory and the territories below it"
        )
        parser.add_argument("--hxl", action="store_true", help="with a row of HXL tags below the headings")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            as_of = moment_of(options["as_of"]) if options["as_of"] else timezone.now()
        except ValueError as error:
            raise CommandError(str(error)) from error
        territory = None
        if options["territory"]:
            territory = Territory.objects.filter(slug=options["territory"]).first()
            if territory is None:
                raise CommandError(f"There is no territory {options['territory']!r}.")
        lines = cell_csv.lines(as_of, territory, tagged=options["hxl"])
        if options["output"]:
            try:
                with options["output"].open("w", encoding="utf-8", newline="") as file:
                    file.writelines(lines)
            except OSError as error:
                raise CommandError(f"{options['output']} cannot be written: {error.strerror}") from error
        else:
            for line in lines:
                self.stdout.write(line, ending="")
        outside = cell_csv.reports_elsewhere()
        if outside:
            print(f"{outside} reports lie outside every zoned territory and belong to no cell.", file=sys.stderr)
