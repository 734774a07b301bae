"""manage.py import_events: import an event log in JSON Lines (docs/event-log.md)."""

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mapping.coverage.folding import fold
from mapping.out.event_log.cell_csv import reports_elsewhere
from mapping.out.event_log.log_import import OUTCOMES, Ledger, Totals, analyse, ingest, lines_of
from mapping.out.event_log.value_readers import SLUG
from volunteers.models import Association

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import events from export_events or from another program, in any order. Known events change nothing. "
        "Cells and zones are updated at the end."
    )

    # Skip the system checks: they load every page, which costs memory.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON Lines file; - for standard input")
        parser.add_argument(
            "--association", default="", metavar="SLUG", help="for events that need an association but name none"
        )
        parser.add_argument("--strict", action="store_true", help="refuse events of unknown associations")
        parser.add_argument("--dry-run", action="store_true", help="report the result without storing anything")
        parser.add_argument("--ledger", type=Path, metavar="OUT.csv", help="write one line for each event not imported")
        parser.add_argument(
            "--no-recompute", action="store_true", help="leave the update of cells and zones to the worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        default = options["association"]
        if default and not SLUG.fullmatch(default):
            raise CommandError(f"{default!r} is not a valid short name of an association.")
        if default and options["strict"] and not Association.objects.filter(slug=default).exists():
            raise CommandError(f"There is no association {default!r}.")
        shown = 0

        def show(number: int, outcome: str, code: str, sentence: str) -> None:
            nonlocal shown
            shown += 1
            if shown <= SHOWN:
                self.stderr.write(f"line {number}: {outcome}, {code}: {sentence}")
            if ledger is not None:
                ledger(number, outcome, code, sentence)

        ledger: Ledger | None = None
        with ExitStack() as stack:
            try:
                file = sys.stdin.buffer if options["file"] == "-" else stack.enter_context(open(options["file"], "rb"))
                if options["ledger"]:
                    ledger = Ledger(stack.enter_context(options["ledger"].open("w", encoding="utf-8", newline="")))
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}") from error
            totals = ingest(
                lines_of(file), association=default, strict=options["strict"], dry_run=options["dry_run"], listener=show
            )
        if shown > SHOWN:
            self.stderr.write(f"… and {shown - SHOWN} more; use --ledger to write them all.")
        self._print(totals, options["dry_run"])
        new = totals.types.total()
        if new and not options["dry_run"] and not options["no_recompute"]:
            self._update_zones(new)

    def _print(self, totals: Totals, dry_run: bool) -> None:
        parts = " + ".join(f"{totals.outcomes[name]} {name}" for name in OUTCOMES)
        self.stdout.write(f"{totals.events} events = {parts}." + (" Nothing was stored (dry run)." if dry_run else ""))
        for name, count in totals.types.most_common():
            self.stdout.write(f"  {count:>9}  {name}")
        for name, count in totals.reasons.most_common():
            self.stdout.write(f"  {count:>9}  {name}")
        if totals.associations:
            self.stdout.write(f"Associations created: {', '.join(totals.associations)}")
        if totals.ignored:
            names = ", ".join(f"{name} ({count} times)" for name, count in totals.ignored.most_common(20))
            self.stdout.write(f"Unknown fields that were ignored: {names}")

    def _update_zones(self, new: int) -> None:
        if new > fold.BATCH:
            analyse()
        fold.recompute_after_import(new)
        outside = reports_elsewhere()
        if outside:
            self.stdout.write(f"{outside} reports lie outside every zoned territory and count in no cell.")
