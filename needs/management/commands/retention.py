"""manage.py retention: delete data past its retention period, or count it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from needs.doors.retention import erasure, runner


class Command(BaseCommand):
    help = (
        "Delete data past its retention period (docs/retention.md). Prints the rows of each rule and stores a record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count the rows due without changing them")
        parser.add_argument(
            "--after-restore", action="store_true",
            help="after restoring a back-up: first import the recorded erasures from their file",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        again = None
        if options["after_restore"]:
            if options["dry_run"]:
                raise CommandError("--after-restore changes the database: omit --dry-run.")
            again = {"known": erasure.import_erasure_file()}
        done = runner.run(dry_run=options["dry_run"], again=again)
        if again is not None:
            again["erased"] = done.counts.get("erased", 0)
        if options["json"]:
            result = {
                "dry_run": done.dry_run,
                "at": done.at.isoformat(),
                "rules": done.counts,
                "failed": done.failed,
                "after_restore": options["after_restore"],
                "again": again,
            }
            self.stdout.write(json.dumps(result))
        else:
            for name, number in done.counts.items():
                self.stdout.write(f"{number:>9}  {name}")
            self.stdout.write("Dry run: nothing was deleted." if done.dry_run else "Deleted.")
        if done.failed:
            raise CommandError(f"Rules that failed: {', '.join(done.failed)}. The log has the details.")
