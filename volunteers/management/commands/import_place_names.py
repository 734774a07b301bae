"""manage.py import_place_names: names from the installed street map, for the address search."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from volunteers.places.place_names.imports import street_map_names


class Command(BaseCommand):
    help = "Import names of streets, house numbers and places from the installed street map, for the address search."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            stored = street_map_names.import_installed()
        except street_map_names.NoStreetMap as error:
            raise CommandError(str(error)) from error
        if stored.changed:
            self.stdout.write(f"{stored.rows:,} names of the street map can be searched.")
        else:
            self.stdout.write(f"{stored.rows:,} names of the street map were stored before: nothing changes.")
