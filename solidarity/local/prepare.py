"""Database updates before the web server starts: ``python -m solidarity.local.prepare COMMAND…``.

COMMAND is a management command with its arguments; COMMAND=FILE writes its output to a file. One process runs all
commands, because starting Django takes longer than most of the commands.
"""

import os
import sys

import django
from django.core.management import CommandError, call_command, get_commands

OLDER = """This database was made by a version before 0.2.0, which no migration brings up to date. Nothing was changed.
To start with an empty database: make reset, then make run. To keep the old data, run the old version from another checkout."""


def main(names: list[str]) -> None:
    """Run the management commands in order, and skip unknown commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")
    django.setup()
    from solidarity.ops.deployment import migrating

    if migrating.unknown():
        sys.exit(OLDER)
    known = get_commands()
    for word in names:
        command, _, file = word.partition("=")
        name, *arguments = command.split()
        if name not in known:
            continue
        try:
            if not file:
                call_command(name, *arguments)
            else:
                with open(file, "w", encoding="utf-8") as output:
                    call_command(name, *arguments, stdout=output)
        except CommandError as refusal:
            sys.exit(str(refusal))


if __name__ == "__main__":
    main(sys.argv[1:])
