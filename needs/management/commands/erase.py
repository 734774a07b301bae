"""manage.py erase: erase, on request, data that no page can erase."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from needs.doors.retention import erasure
from volunteers.models import Association, User


class Command(BaseCommand):
    help = "Permanently erase a report, a contact, an account or an association (docs/retention.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(erasure.ERASERS))
        parser.add_argument("id", help="a report's UUID, an account's e-mail address or an association's short name")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, eraser = options["kind"], erasure.ERASERS[options["kind"]]
        key = self._key(kind, options["id"])
        if key is None or key not in set(eraser.ids()):
            raise CommandError(f"There is no such {kind}.")
        if not options["yes"] and input("This cannot be undone. Type yes to erase it: ") != "yes":
            raise CommandError("Nothing was erased.")
        try:
            eraser.erase(key)
        except erasure.LastAdministrator:
            raise CommandError("This is the account of the only administrator.") from None
        self.stdout.write("Erased.")

    @staticmethod
    def _key(kind: str, identifier: str) -> uuid.UUID | None:
        if kind == erasure.ACCOUNT:
            return User.objects.filter(email=identifier.lower()).values_list("key", flat=True).first()
        if kind == "association":
            return Association.objects.filter(slug=identifier).values_list("key", flat=True).first()
        try:
            return uuid.UUID(identifier)
        except ValueError:
            return None
