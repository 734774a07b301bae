"""manage.py import_places: import places from a file of another guide (docs/places.md)."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mapping.out.file_imports import place_jobs
from needs.guide.places.imports import guide_upload, place_import
from needs.reports.importers.any_table.uploaded_tables import PROBLEMS, TableRefused
from needs.reports.importers.import_run import ledger_path
from volunteers.models import Association, Territory


class Command(BaseCommand):
    help = (
        "Import places of another guide. The kind of file is recognised. Every row is accepted, repaired, refused or "
        "known; the log file gives the reasons. What people wrote is never overwritten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--association", required=True, metavar="SLUG", help="the association that imports")
        parser.add_argument(
            "--territory", required=True, metavar="SLUG", help="the territory where the places should be"
        )
        parser.add_argument("--dry-run", action="store_true", help="store nothing except the log file")
        parser.add_argument(
            "--ledger", type=Path, metavar="OUT.csv", help="default: a file in imports/ in the media folder"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        association = Association.objects.filter(slug=options["association"]).first()
        if association is None:
            raise CommandError(f"There is no association {options['association']!r}.")
        territory = Territory.objects.filter(slug=options["territory"]).first()
        if territory is None:
            raise CommandError(f"There is no territory {options['territory']!r}.")
        source: Path = options["file"]
        with tempfile.TemporaryDirectory() as folder:
            try:
                file = guide_upload.convert(source, Path(folder) / "rows.jsonl")
            except TableRefused as error:
                raise CommandError(str(PROBLEMS[error.problem])) from error
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}") from error
            record = place_jobs.new_record(file, source.name, association.pk, dry_run=options["dry_run"])
            if not record.dry_run:
                record.save()
            ledger = options["ledger"] or ledger_path(record, source)
            totals = place_import.run(file, place_jobs.reading_of(territory), record, ledger)
        outcome = "Nothing was stored (dry run)." if record.dry_run else f"Import {record.pk}."
        self.stdout.write(
            f"{record.file_name}: {file.guide.value}, {record.rows} rows = {record.accepted} accepted + "
            f"{record.repaired} repaired + {record.refused} refused + {record.known} already known. {outcome}"
        )
        for code, count in totals.reasons.most_common():
            self.stdout.write(f"  {count:>7}  {code}")
        self.stdout.write(f"Log: {ledger}")
