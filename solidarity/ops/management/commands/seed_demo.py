"""manage.py seed_demo: an invented winter in Paris."""

import time
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.seeding import seed


class Command(BaseCommand):
    requires_system_checks = ()  # imported here, so that the command is fast if the demonstration exists
    help = "Stores a made-up winter in Paris: territories, associations, accounts, tours, encounters, needs, zones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, help="length of the story (default: 90)")
        parser.add_argument("--seed", type=int, default=1, help="number of the story (default: 1)")
        parser.add_argument("--until", default="", help="end of the story: a date, or a date and time (default: now)")
        parser.add_argument("--fresh", action="store_true", help="replace the existing demonstration")
        parser.add_argument("--i-know", action="store_true", help="store it although SOLIDARITY_DEMO is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or options["i_know"]):
            raise CommandError(
                "This is not a demonstration (SOLIDARITY_DEMO is off): invented reports would mix with real ones. "
                "With --i-know they are stored anyway, with logins that nobody can sign in to."
            )
        if options["days"] < 7:
            raise CommandError("The story needs at least 7 days.")
        started = time.monotonic()
        until = self._until(options["until"])
        stored = seed(options["days"], options["seed"], until, fresh=options["fresh"], passwords=settings.DEMO)
        if not stored.rows:
            self.stdout.write("The demonstration already exists. Use --fresh to replace it.")
            return
        counts = ", ".join(f"{number} {name}" for name, number in stored.rows.items())
        self.stdout.write(
            f"The demonstration is stored ({time.monotonic() - started:.1f} s): {counts}; {stored.zones} zones."
        )

    def _until(self, text: str) -> datetime:
        """Return the end of the story; for a date, 23:00 of that day."""
        if not text:
            return timezone.now()
        try:
            moment = parse_datetime(text) if "T" in text or ":" in text else None
            day: date | None = moment.date() if moment else parse_date(text)
        except ValueError as error:
            raise CommandError(f"--until: {error}.") from error
        if moment is None and day is not None:
            moment = datetime(day.year, day.month, day.day, 23)
        if moment is None:
            raise CommandError("--until takes a date such as 2025-01-31, or a date and time such as 2025-01-31T21:00.")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
        if aware > timezone.now():
            raise CommandError("--until is in the future.")
        return aware
