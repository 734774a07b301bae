"""manage.py write_lake: write the evidence to the lake."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mapping.coverage.lake import writing_lake
from mapping.coverage.lake.manifest import LakeError


class Command(BaseCommand):
    help = "Write the evidence that changed to the Parquet files in SOLIDARITY_LAKE_FOLDER (docs/scale.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="write all files again, for example after one was damaged"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = writing_lake.write(writing_lake.folder(), everything=options["all"])
        except LakeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.files} files with {done.rows} rows; {done.written} files written, {done.deleted} deleted."
        )
