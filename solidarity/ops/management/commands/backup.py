"""``make backup``."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand

from solidarity.ops.backups import making
from solidarity.ops.backups.backup_archive import Unsafe


class Command(BaseCommand):
    help = (
        "Writes database, media and the list of erasures into one file, encrypted where SOLIDARITY_BACKUP_KEY is set."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = making.make()
        except Unsafe as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{made.file} ({made.rows} rows, {made.file.stat().st_size / 1e6:.1f} MB)")
        for path in made.deleted:
            self.stdout.write(f"deleted {path.name}: older than {settings.BACKUP_DAYS} days")
        if not made.encrypted:
            self.stderr.write(
                "This file is NOT encrypted: set SOLIDARITY_BACKUP_KEY (docs/settings.md) before it leaves this machine."
            )
        self.stdout.write("Keep SOLIDARITY_SECRET_KEY, _FIELD_KEY and _AUDIT_KEY elsewhere: they are not in it.")
