"""Brings the database up to date before the web server starts, in one Django process.

Run as ``python -m solidarity.local.prepare COMMAND…``: management commands without arguments, or COMMAND=FILE to write
their output into a file. Starting Django takes longer than most of the commands, so one process runs all of them.
"""

import os
import sys

import django
from django.core.management import call_command, get_commands

APPS = ("volunteers", "needs", "mapping")
OLDER = """This database was made by a version before 0.2.0, which no migration brings up to date. Nothing was changed.
To start with an empty database: make reset, then make run. To keep the old data, run the old version from another checkout."""


def main(names: list[str]) -> None:
    """Run the management commands in order; names that this version of the project does not have are skipped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")
    django.setup()
    if unknown_migrations():
        sys.exit(OLDER)
    known = get_commands()
    for word in names:
        name, _, file = word.partition("=")
        if name not in known:
            continue
        if not file:
            call_command(name)
        else:
            with open(file, "w", encoding="utf-8") as output:
                call_command(name, stdout=output)


def unknown_migrations() -> list[tuple[str, str]]:
    """Applied migrations of our apps that this version does not have: the database is of another set. Only reads."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    return sorted(key for key in loader.applied_migrations if key[0] in APPS and key not in loader.disk_migrations)


if __name__ == "__main__":
    main(sys.argv[1:])
