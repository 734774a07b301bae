"""manage.py import_addresses: the French national address file, for the address search."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.places.place_names.imports import address_download, address_installation, national_addresses
from volunteers.places.place_names.imports.address_installation import DEPARTMENT


class Command(BaseCommand):
    help = "Import streets and house numbers from the French national address file, for the address search."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--area", default="", help="number of a department, for example 75; several with commas")
        parser.add_argument("--file", default="", help="a file that was downloaded before (.csv or .csv.gz)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.last = 0.0
        if bool(options["area"]) == bool(options["file"]):
            raise CommandError(
                "Name a department or a file: make addresses AREA=75, or make addresses FILE=adresses-75.csv.gz"
            )
        if options["file"]:
            path = Path(options["file"])
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
            named = DEPARTMENT.search(path.name)
            self._store(path, named[0] if named else path.name.partition(".")[0])
            return
        for department in options["area"].upper().replace(" ", "").split(","):
            if not DEPARTMENT.fullmatch(department):
                raise CommandError(f"There is no department {department}: use 01 to 95, 2A, 2B or 971 to 988.")
            self.stdout.write(f"Downloading the addresses of department {department}")
            try:
                path = address_download.download(department, address_installation.folder(), self._tell)
            except address_download.Undownloadable as error:
                raise CommandError(str(error)) from error
            self._store(path, department)

    def _store(self, path: Path, department: str) -> None:
        self.stdout.write(f"Storing the addresses of {path.name}")
        try:
            result = national_addresses.import_file(path, f"addresses:{department}"[:40])
        except national_addresses.Unreadable as error:
            raise CommandError(str(error)) from error
        assert result.stored is not None
        if result.bad:
            self.stdout.write(f"{result.bad} rows were left out:")
            for each in result.named:
                self.stdout.write(f"  {each}")
        rows = f"{result.stored.rows:,} streets and house numbers"
        self.stdout.write(
            f"{rows} are stored." if result.stored.changed else f"{rows} were stored before: nothing changes."
        )

    def _tell(self, done: int, total: int) -> None:
        """Show the progress: twice a second in a terminal, otherwise after each tenth of the work."""
        share = 100 * done // total if total else 0
        if self.stdout.isatty():
            if done < total and time.monotonic() - self.last < 0.5:
                return
            self.last = time.monotonic()
            self.stdout.write(
                f"\r{done / 1e6:.1f} of {total / 1e6:.1f} MB, {share} %\033[K", ending="\n" if done == total else ""
            )
            self.stdout.flush()
        elif share // 10 > self.last or done == total:
            self.last = share // 10
            self.stdout.write(f"{done / 1e6:.1f} of {total / 1e6:.1f} MB, {share} %")
