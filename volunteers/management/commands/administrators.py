"""Lists, names and removes administrators at once, for people with access to the server."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.models import User
from volunteers.people.administrators import administrator_mail, administrators
from volunteers.people.administrators.administrators import AdministratorRefused


class Command(BaseCommand):
    help = "List administrators; name or remove one at once. Everybody concerned gets a mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["list", "name", "remove"])
        parser.add_argument("email", nargs="?", default="")

    def handle(self, *args: Any, action: str, email: str, **options: Any) -> None:
        if action == "list":
            self._list()
            return
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None or not EmailAddress.objects.filter(user=person, verified=True).exists():
            raise CommandError("There is no account with this confirmed address.")
        try:
            administrators.set_now(person, action == "name")
        except AdministratorRefused as refused:
            raise CommandError(f"Nothing changed: {refused.why.value}.") from None
        administrator_mail.tell_server(person)
        self.stdout.write("Done. All administrators are told.")

    def _list(self) -> None:
        for person in User.objects.filter(is_superuser=True, is_active=True).order_by("email"):
            factor = "" if administrators.has_factor(person) else " (no second factor)"
            self.stdout.write(f"{person.email}{factor}")
