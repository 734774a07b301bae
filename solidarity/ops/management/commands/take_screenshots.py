"""``make screenshots``: the pictures of the guides, taken from the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from solidarity.ops.bench import bench_server
from solidarity.ops.bench.measurements.phone import chromium_program
from solidarity.ops.demo.people import LOGINS
from solidarity.ops.guide_screenshots.picture_files import sessions, take
from solidarity.ops.guide_screenshots.shots import SHOTS
from volunteers.models import User
from volunteers.site.guides.guide_files import FOLDER


class Command(BaseCommand):
    help = "Take the screenshots of docs/guides from the demonstration, in English and French."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [shot.name for shot in SHOTS]
        parser.add_argument("--only", nargs="*", choices=names, default=names, help="screenshots to take")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or not User.objects.filter(email=LOGINS[0].email).exists():
            raise CommandError("There is no demonstration here. Start it once: make run")
        from playwright.sync_api import sync_playwright

        chosen = [shot for shot in SHOTS if shot.name in options["only"]]
        signed_in = sessions()
        with bench_server.granian() as site, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
            for path in take(browser, f"http://127.0.0.1:{site.port}", chosen, signed_in, FOLDER / "screenshots"):
                self.stdout.write(f"{path.relative_to(settings.ROOT)} ({path.stat().st_size // 1024} KB)")
            browser.close()
