"""manage.py recompute_zones: recalculate cells and zones from the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from mapping.coverage.folding import rebuild
from mapping.enums import Status
from mapping.event_log.entered_datetimes import moment_of
from mapping.models import Zone
from volunteers.models import Territory


class Command(BaseCommand):
    help = (
        "Recalculate the state of all cells from the ledger and redraw the zones. With --as-of the map shows that time "
        "until the next refresh; the worker refreshes every 15 minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="TIME", help="ISO 8601; default: now")
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
        done = rebuild.recompute_all(as_of, rebuild=True, job="command")
        self.stdout.write(f"As of {as_of.isoformat()}: {done.cells} cells, {done.zones} zones.")
        for row in zones.values("status").annotate(count=Count("pk")).order_by("status"):
            self.stdout.write(f"  {row['count']:>7}  {Status(row['status']).label}")
