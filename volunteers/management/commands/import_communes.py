"""manage.py import_communes: the official borders of communes, from which territories are chosen."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.places.commune_borders import commune_download, departments
from volunteers.places.commune_borders.commune_download import Undownloadable
from volunteers.places.commune_borders.models import Commune


class Command(BaseCommand):
    help = "Download the official borders of communes into the list from which territories are chosen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--country", default="fr", choices=sorted(departments.AREAS), help="two letters")
        parser.add_argument("--area", default="", help="areas only, separated by commas; in France departments: 93,75")
        parser.add_argument("--file", default="", help="a file of borders that was downloaded before")

    def handle(self, *args: Any, **options: Any) -> None:
        country = options["country"]
        try:
            number = self._from_file(country, options["file"]) if options["file"] else self._download(**options)
        except Undownloadable as error:
            raise CommandError(str(error)) from error
        stored = Commune.objects.filter(country=country).count()
        self.stdout.write(f"{number:,} communes are stored now, {stored:,} in all.")

    def _from_file(self, country: str, name: str) -> int:
        path = Path(name)
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        return commune_download.store(country, "", commune_download.features_in(path.read_bytes(), path.name))

    def _download(self, country: str, area: str, **_options: Any) -> int:
        try:
            areas = departments.areas_in(country, area) if area else commune_download.missing(country)
        except ValueError as error:
            raise CommandError(
                f"There is no area {error}. In France, name departments: 01 to 95, 2A, 2B, 971."
            ) from None
        if not areas:
            self.stdout.write("Every area is stored. To download some anew, name them: make borders COUNTRY=fr AREA=93")
            return 0
        commune_download.ask(country, areas)
        return commune_download.work(country, self._tell)

    def _tell(self, area: str, done: int, total: int) -> None:
        self.stdout.write(f"Area {area} ({done + 1} of {total})")
