"""manage.py export_events: the event log as JSON Lines (docs/event-log.md)."""

import io
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from mapping.out.event_log.entered_datetimes import moment_of
from mapping.out.event_log.event_schema import event_schema
from mapping.out.event_log.log_export import Scope, export
from volunteers.models import Association, Territory


class _Standard(io.RawIOBase):
    """The command's standard output as a binary file."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._rest = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Write only complete lines, so that no multi-byte character is divided."""
        complete, end, rest = (self._rest + bytes(data)).rpartition(b"\n")
        self._out.write((complete + end).decode(), ending="")
        self._rest = rest
        return len(data)


class Command(BaseCommand):
    help = "Write the event log as JSON Lines (docs/event-log.md)."

    # Skip the system checks: they load every page, which costs memory.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--territory", metavar="SLUG", help="only events in this territory; tours that touch it are complete"
        )
        parser.add_argument("--association", metavar="SLUG", help="only events that this association filed")
        parser.add_argument("--from", dest="start", metavar="TIME", help="ISO 8601: only events at this time or later")
        parser.add_argument("--to", dest="end", metavar="TIME", help="ISO 8601: only events before this time")
        parser.add_argument("--schema", action="store_true", help="write the JSON Schema of the events instead")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(event_schema(), indent=1))
            return
        try:
            start, end = (moment_of(options[name]) if options[name] else None for name in ("start", "end"))
        except ValueError as error:
            raise CommandError(str(error)) from error
        scope = Scope(
            territory=self._by_slug(Territory, options["territory"]),
            association=getattr(self._by_slug(Association, options["association"]), "pk", None),
            start=start,
            end=end,
        )
        if options["output"]:
            try:
                with options["output"].open("wb") as file:
                    counts = export(file, scope)
            except OSError as error:
                raise CommandError(f"{options['output']} cannot be written: {error.strerror}") from error
        else:
            counts = export(cast(IO[bytes], _Standard(self.stdout)), scope)
        summary = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
        self.stderr.write(f"{sum(counts.values())} events: {summary}")

    @staticmethod
    def _by_slug(model: Any, slug: str | None) -> Any:
        if not slug:
            return None
        row = model.objects.filter(slug=slug).first()
        if row is None:
            raise CommandError(f"There is no {model._meta.verbose_name} {slug!r}.")
        return row
