"""manage.py draw_lifecycle: write docs/lifecycle.md from the table of transitions."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from needs.lifecycle.diagram import lifecycle_page


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the table of transitions. --check: only verify that it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the diagram is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.ROOT / "docs" / "lifecycle.md"
        text = lifecycle_page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write("docs/lifecycle.md is written.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/lifecycle.md is out of date: run manage.py draw_lifecycle.")
