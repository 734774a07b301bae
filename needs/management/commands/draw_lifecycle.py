"""manage.py draw_lifecycle: write docs/lifecycle.md and docs/loans.md from the tables of transitions."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from needs.base.lifecycle.diagram import lifecycle_page
from needs.neighbours.loans.loan_transitions import loans_page

PAGES = {"lifecycle.md": lifecycle_page, "loans.md": loans_page}


class Command(BaseCommand):
    help = "Write docs/lifecycle.md and docs/loans.md. --check: only verify that they are up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, page in PAGES.items():
            path, text = settings.ROOT / "docs" / name, page()
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"docs/{name} is written.")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"docs/{name} is out of date: run manage.py draw_lifecycle.")
