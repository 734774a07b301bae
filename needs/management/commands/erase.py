"""manage.py erase: erase on request what no page of its own has, or what nobody may erase from a page."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from needs.retention import erasure
from volunteers.models import Association, User


class Command(BaseCommand):
    help = "Erase a report, a contact, an account or an association for good (docs/retention.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(erasure.ERASERS))
        parser.add_argument(
            "id", help="a report's number (UUID), an account's e-mail address, an association's short name"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, eraser = options["kind"], erasure.ERASERS[options["kind"]]
        key = self._key(kind, options["id"])
        if key is None or key not in set(eraser.ids()):
            raise CommandError(f"There is no such {kind}.")
        if not options["yes"] and input("It cannot be brought back. Type yes to erase it: ") != "yes":
            raise CommandError("Nothing was erased.")
        try:
            eraser.erase(key)
        except erasure.LastAdministrator:
            raise CommandError("It is the only administrator's account.") from None
        self.stdout.write("erased")

    @staticmethod
    def _key(kind: str, said: str) -> uuid.UUID | None:
        if kind == erasure.ACCOUNT:
            return User.objects.filter(email=said.lower()).values_list("key", flat=True).first()
        if kind == "association":
            return Association.objects.filter(slug=said).values_list("key", flat=True).first()
        try:
            return uuid.UUID(said)
        except ValueError:
            return None
