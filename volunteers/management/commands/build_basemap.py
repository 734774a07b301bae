"""manage.py build_basemap: the base map from an OpenStreetMap extract."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.basemap import osm_builder


class Command(BaseCommand):
    help = "Build the base map (PMTiles) from an OpenStreetMap extract (.osm.pbf), with osmium-tool and tippecanoe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("extract", type=Path, metavar="FILE.osm.pbf")

    def handle(self, *args: Any, **options: Any) -> None:
        extract: Path = options["extract"]
        if not extract.is_file():
            raise CommandError(f"There is no file {extract}.")
        try:
            header = osm_builder.build(extract, self.stdout.write)
        except osm_builder.Unbuildable as error:
            raise CommandError(str(error)) from error
        west, south, east, north = header.bounds
        self.stdout.write(
            f"{header.tiles} tiles, zooms {header.min_zoom} to {header.max_zoom}, "
            f"{west:.3f} {south:.3f} to {east:.3f} {north:.3f}, layers: {', '.join(header.layers)}"
        )
