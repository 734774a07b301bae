"""``make upgrade``, and in containers ``docker compose run --rm web upgrade``."""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from solidarity.ops.deployment import upgrading
from solidarity.ops.deployment.migrating import MigrationRefused


class Command(BaseCommand):
    help = "Checks the settings, makes a back-up, and applies all outstanding migrations or none."
    requires_system_checks: list[str] = []  # the upgrade runs them itself, and says what to do

    def handle(self, *args: Any, **options: Any) -> None:
        loud = options["verbosity"] > 0
        began = timezone.localtime()
        try:
            done = upgrading.upgrade(self.stdout.write if loud else lambda _line: None)
        except MigrationRefused as refusal:
            raise CommandError(str(refusal)) from None
        if done.migrations == 0:
            if loud:
                self.stdout.write("The database is up to date.")
            return
        self.stdout.write(f"The database is up to date: {done.migrations} migrations applied.")
        if done.backup:
            self.stdout.write(
                f"To go back: install the earlier version again, and restore {done.backup.file} (docs/upgrade.md). "
                f"What was filed after {began:%H:%M} is then lost."
            )
