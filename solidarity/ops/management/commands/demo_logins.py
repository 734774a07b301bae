"""manage.py demo_logins: how to sign in to a demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from solidarity.ops.demo.people import LOGINS, PASSWORD
from volunteers.models import User


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Prints one login per role of the demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration: SOLIDARITY_DEMO is off.")
        there = set(User.objects.filter(email__in=[login.email for login in LOGINS]).values_list("email", flat=True))
        rows = [(login.role, login.email, PASSWORD) for login in LOGINS if login.email in there]
        if not rows:
            raise CommandError("There is no demonstration yet: manage.py seed_demo stores it.")
        for row in (("role", "e-mail", "password"), *rows):
            self.stdout.write(f"  {row[0]:<15}{row[1]:<30}{row[2]}")
