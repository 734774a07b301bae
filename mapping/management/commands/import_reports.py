"""manage.py import_reports: import reports from a file of another system (docs/importing.md)."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from mapping.coverage.folding import fold
from mapping.out.file_imports import mapped_import
from mapping.out.file_imports.mapped_import import MappingUnusable
from needs.reports.importers.any_table.uploaded_tables import PROBLEMS, TableRefused
from needs.reports.importers.import_run import PROFILES, Result, run
from needs.reports.importers.row_places import Borders
from needs.reports.importers.table_reader import Unreadable
from volunteers.models import Association, Territory


class Command(BaseCommand):
    help = (
        "Import a file of reports. Every row is accepted, repaired or refused; the ledger file gives the reasons. "
        "Importing the same file twice adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--profile", choices=sorted(PROFILES), help="a kind of file whose columns are known")
        how.add_argument(
            "--mapping", metavar="NAME", help="a mapping that the association saved on the page, or a JSON file of one"
        )
        parser.add_argument(
            "--association", required=True, metavar="SLUG", help="the association that imports the reports"
        )
        parser.add_argument(
            "--territory", required=True, metavar="SLUG", help="the territory where the reports should be"
        )
        parser.add_argument("--dry-run", action="store_true", help="store nothing except the ledger file")
        parser.add_argument(
            "--archive", action="store_true", help="import as history: exempt from retention and in no queue"
        )
        parser.add_argument(
            "--ledger", type=Path, metavar="OUT.csv", help="default: a file in imports/ in the media folder"
        )
        parser.add_argument(
            "--time-zone", default="", metavar="ZONE", help="time zone of the file; default: that of the profile"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        association = Association.objects.filter(slug=options["association"]).first()
        if association is None:
            raise CommandError(f"There is no association {options['association']!r}.")
        territory = Territory.objects.filter(slug=options["territory"]).first()
        if territory is None:
            raise CommandError(f"There is no territory {options['territory']!r}.")
        try:
            if options["time_zone"]:
                ZoneInfo(options["time_zone"])
            if options["mapping"]:
                result = self._mapped(territory, association, options)
            else:
                result = run(
                    options["file"],
                    options["profile"],
                    borders_of(territory),
                    association=association,
                    archive=options["archive"],
                    dry_run=options["dry_run"],
                    ledger=options["ledger"],
                    time_zone=options["time_zone"],
                )
        except ZoneInfoNotFoundError:
            raise CommandError(f"There is no time zone {options['time_zone']!r}.") from None
        except (Unreadable, MappingUnusable) as error:
            raise CommandError(str(error)) from error
        except TableRefused as error:
            raise CommandError(str(PROBLEMS[error.problem])) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if result.new:
            fold.recompute_after_import(result.new)
        self._print(result)

    def _mapped(self, territory: Territory, association: Association, options: dict[str, Any]) -> Result:
        mapping = mapped_import.mapping_named(options["mapping"], association)
        changes: dict[str, Any] = {"archive": True} if options["archive"] else {}
        if options["time_zone"]:
            changes["time_zone"] = options["time_zone"]
        return mapped_import.import_file(
            options["file"], replace(mapping, **changes), territory, association, dry_run=options["dry_run"],
            ledger=options["ledger"],
        )  # fmt: skip

    def _print(self, result: Result) -> None:
        record = result.run
        outcome = "Nothing was stored (dry run)." if record.dry_run else f"Import {record.pk}."
        self.stdout.write(
            f"{record.file_name}: {record.rows} rows = {record.accepted} accepted + {record.repaired} repaired + "
            f"{record.refused} refused + {record.known} already known. {outcome}"
        )
        live = result.totals.live
        if live["needs"]:
            advice = " --archive stores them as history." if live["old"] else ""
            verb = "would go" if record.dry_run else "went"
            self.stdout.write(f"Needs that {verb} live: {live['needs']}; older than a month: {live['old']}.{advice}")
        for code, count in result.totals.reasons.most_common():
            self.stdout.write(f"  {count:>7}  {code}")
        for name, value in record.notes.items():
            if name != "reasons":
                self.stdout.write(f"  {name}: {value}")
        self.stdout.write(f"Ledger: {result.ledger}")


def borders_of(territory: Territory) -> Borders:
    """Return the outline of a territory and of the zoned territories directly below it."""
    below = Territory.objects.filter(parent=territory).zoned().order_by("path")
    return Borders(territory.polygon, [(child.name, child.polygon) for child in below])
