"""manage.py unseen_history: fill the past days of the unseen estimate from the evidence."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from mapping.coverage.unseen import unseen_estimate


class Command(BaseCommand):
    help = (
        "Fill in the past days of the unseen estimate (people in places not searched for 14 and 28 days). Days with "
        "figures keep them: reports are erased after 60 days, so later figures would be wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DAY", help="the first day, such as 2025-01-31; default: 60 days ago")
        parser.add_argument(
            "--again", action="store_true", help="recompute days that already have figures, from the evidence known now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        last = unseen_estimate.last_day(timezone.now())
        first = self._day(options["since"]) if options["since"] else last - timedelta(days=59)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        computed = unseen_estimate.fill(days, recompute=options["again"])
        self.stdout.write(f"{computed} days computed, {len(days) - computed} left unchanged.")

    def _day(self, text: str) -> date:
        try:
            day = parse_date(text)
        except ValueError as error:
            raise CommandError(f"--since: {error}.") from error
        if day is None:
            raise CommandError("--since takes a date such as 2025-01-31.")
        if day > unseen_estimate.last_day(timezone.now()):
            raise CommandError("--since: that day is not over yet.")
        return day
