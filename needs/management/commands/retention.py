"""manage.py retention: forget what is due, or say what would be forgotten."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from needs.retention import erasure, runner


class Command(BaseCommand):
    help = "Forget what is due (docs/retention.md). Prints how many rows of each rule; the report is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due, change nothing")
        parser.add_argument(
            "--after-restore", action="store_true",
            help="the database comes from a back-up: take the list of erasures over from its file first",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        again = None
        if options["after_restore"]:
            if options["dry_run"]:
                raise CommandError("--after-restore changes the database; leave --dry-run out.")
            again = {"known": erasure.adopt()}
        done = runner.run(dry_run=options["dry_run"], again=again)
        if again is not None:
            again["erased"] = done.counts.get("erased", 0)
        if options["json"]:
            told = {
                "dry_run": done.dry_run,
                "at": done.at.isoformat(),
                "rules": done.counts,
                "failed": done.failed,
                "after_restore": options["after_restore"],
                "again": again,
            }
            self.stdout.write(json.dumps(told))
        else:
            for name, number in done.counts.items():
                self.stdout.write(f"{number:>9}  {name}")
            self.stdout.write("would be forgotten" if done.dry_run else "forgotten")
        if done.failed:
            raise CommandError(f"not carried out: {', '.join(done.failed)} (the log says where)")
