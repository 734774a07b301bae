"""Django's ``migrate``. The command makes the tables of a new database at once instead of step by step."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connection

from solidarity.ops.deployment import migrating, new_database


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        part = ("app_label", "migration_name", "plan", "check_unapplied", "fake", "fake_initial", "prune")
        if options["database"] != connection.alias:
            return super().handle(*args, **options)
        try:
            migrating.refuse_between(migrating.applied())
        except migrating.MigrationRefused as refusal:
            raise CommandError(str(refusal)) from None
        if not any(options[name] for name in part) and new_database.is_new():
            new_database.create()
        return super().handle(*args, **options)
