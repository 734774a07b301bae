"""``make restore FILE=…``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand

from solidarity.ops.backups import restoring
from solidarity.ops.backups.backup_archive import Unsafe


class Command(BaseCommand):
    help = "Restores a back-up into an empty database, verifies rows and audit log, and runs retention again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="delete the data in the database; accept other keys")

    def handle(self, *args: Any, **options: Any) -> None:
        identity = Path(settings.BACKUP_IDENTITY) if settings.BACKUP_IDENTITY else None
        try:
            done = restoring.restore(options["file"], identity, force=options["force"])
        except Unsafe as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Restored the back-up of {done.made_at}: {done.rows} rows and {done.files} files, verified.")
