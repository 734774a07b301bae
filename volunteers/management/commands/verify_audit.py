"""manage.py verify_audit: a check of the audit log. Exit code 0 means that no entry was changed, moved or removed."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.people.audit import verifying
from volunteers.people.audit.anchor import Anchor


class Command(BaseCommand):
    help = "Check the hash chain of the audit log, its recorded end and the anchor in the state folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", type=_end, metavar="SEQ:HASH", help="an end of the log that you recorded elsewhere"
        )
        parser.add_argument(
            "--after-restore", action="store_true", help="accept the log of a restored back-up and record this in it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = verifying.accept_restore() if options["after_restore"] else verifying.verify(options["expect"])
        if not found.intact:
            raise CommandError("The audit log is NOT intact:\n" + "\n".join(f"- {fault}" for fault in found.faults))
        self.stdout.write(f"The audit log is intact: {found.entries} entries. Its end: {found.seq}:{found.hash}")


def _end(text: str) -> Anchor:
    seq, separator, hash = text.partition(":")
    if not separator or not seq.isdecimal() or len(hash) != 64:
        raise argparse.ArgumentTypeError("the end is a number, a colon and 64 hexadecimal digits")
    return Anchor(int(seq), hash)
