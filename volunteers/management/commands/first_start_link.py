"""manage.py first_start_link: print the link of the first start. ``make run`` and the containers call it at each
start."""

from typing import Any

from django.core.management.base import BaseCommand

from volunteers.site.first_start import start_link


class Command(BaseCommand):
    requires_system_checks = ()
    help = (
        "Prints the link that creates the first administrator; prints nothing if there is one. The earlier link ends."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if link := start_link.make():
            self.stdout.write(link)
