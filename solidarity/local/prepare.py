"""Brings the database up to date before the web server starts, in one Django process.

Run as ``python -m solidarity.local.prepare COMMAND…``, each one a management command without arguments, or COMMAND=FILE
to write what it prints into a file. Starting Django costs more than most of the commands, so that one process for all of
them is what makes a second start quick.
"""

import os
import sys

import django
from django.core.management import call_command, get_commands


def main(names: list[str]) -> None:
    """Runs the management commands in order; one that this version of the project does not have is passed over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")
    django.setup()
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


if __name__ == "__main__":
    main(sys.argv[1:])
