"""manage.py install_basemap: the street map."""

import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from volunteers.places.basemap.area_catalogue import AREAS, bounds_of
from volunteers.places.basemap.byte_sources import is_address
from volunteers.places.basemap.installation import Wanted, install
from volunteers.places.basemap.problems import StreetMapError, size_words

STEPS = {
    "read": "Reading",
    "filter": "Filtering",
    "tiles": "Drawing tiles (this takes the longest)",
    "install": "Checking and installing",
    "done": "Done",
}
_BAR = 30  # characters


class Command(BaseCommand):
    help = "Install the street map: an area of the Protomaps build, an archive, or an OpenStreetMap extract."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--area", default="", help="an area of the catalogue: " + ", ".join(AREAS))
        parser.add_argument("--bbox", default="", metavar="W,S,E,N", help="a box in degrees")
        parser.add_argument("--pbf", default="", metavar="FILE|URL", help="an OpenStreetMap extract (.osm.pbf)")
        parser.add_argument("--pmtiles", default="", metavar="FILE|URL", help="an archive in the Protomaps schema")

    def handle(self, *args: Any, **options: Any) -> None:
        self.last, self.step, self.on_line = 0.0, "", False
        try:
            header = install(
                wanted(**{name: options[name] for name in ("area", "bbox", "pbf", "pmtiles")}), self.report_step
            )
        except StreetMapError as error:
            self._end_line()
            what = error.details.get("what", "")
            raise CommandError(str(error) if what in str(error) else f"{error} ({what})") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        west, south, east, north = header.bounds
        self.stdout.write(
            f"The street map is installed: {header.tiles} tiles, zooms {header.min_zoom} to {header.max_zoom}, "
            f"{west:.3f} {south:.3f} to {east:.3f} {north:.3f}, layers: {', '.join(header.layers)}"
        )
        call_command("import_place_names", stdout=self.stdout)

    def report_step(self, step: str, done: int, total: int) -> None:
        """Show the progress: a bar in a terminal, otherwise one line for each step and each tenth of a step."""
        new = step != self.step
        if self.stdout.isatty():
            if not new and done < total and time.monotonic() - self.last < 0.2:
                return
            self._end_line() if new else None
            self.stdout.write(f"\r{self._words(step, done, total)}\033[K", ending="")
            self.stdout.flush()
            self.on_line, self.last = True, time.monotonic()
        elif new or (total and 10 * done // total > self.last):
            self.last = 10 * done // total if total else 0
            self.stdout.write(self._words(step, done, total))
        self.step = step

    def _words(self, step: str, done: int, total: int) -> str:
        words = STEPS[step]
        if total:
            full = _BAR * done // total
            return f"{words} [{'#' * full}{'.' * (_BAR - full)}] {100 * done // total:3} %  {size_words(total)}"
        return f"{words}: {done} objects" if done else words

    def _end_line(self) -> None:
        if self.on_line:
            self.stdout.write("")
            self.on_line = False


def wanted(area: str, bbox: str, pbf: str, pmtiles: str) -> Wanted:
    """Return the installation that the options ask for. Raise ValueError with the reason if they do not fit
    together."""
    if pbf and pmtiles:
        raise ValueError("Name one file: PBF= or PMTILES=.")
    if area and bbox:
        raise ValueError("Name AREA= or BBOX=, not both.")
    if not (area or bbox or pbf or pmtiles):
        raise ValueError("Name an area: make basemap AREA=paris\n" + areas())
    if area and area not in AREAS:
        raise ValueError(f"There is no area {area}. Choose one of these, or BBOX=west,south,east,north.\n{areas()}")
    for source in (pbf, pmtiles):
        if source and not is_address(source) and not Path(source).is_file():
            raise ValueError(f"There is no file {source}.")
    bounds = AREAS[area].bounds if area else bounds_of(bbox) if bbox else None
    return Wanted(name=area, bounds=bounds, pbf=pbf, pmtiles=pmtiles)


def areas() -> str:
    """Return the catalogue, one area per line."""
    return "\n".join(f"  {area.key:<18} {area.name}" for area in AREAS.values())
