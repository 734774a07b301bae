"""manage.py load_territories: create territories from a file of boundaries."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from mapping.coverage.folding import territory_cells
from mapping.coverage.unseen import hindcasts
from mapping.plans.territory_setup import axis_question
from solidarity.lib.border_files import border_reader, swapped_axes
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.border_files.border_reader import NamedBorder
from volunteers.enums import CountKind, Level
from volunteers.models import Territory
from volunteers.places.territories import people_counts
from volunteers.places.territories.people_counts import PeopleCount


class Command(BaseCommand):
    help = (
        "Create territories from a file of boundaries, which may overlap: GeoJSON, GeoPackage, KML or a zipped "
        "Shapefile. Loading a file again updates them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name-field", required=True, help="the property with each territory's name")
        parser.add_argument("--level", required=True, choices=Level.values)
        parser.add_argument("--parent", metavar="SLUG", help="the territory that contains them")
        parser.add_argument("--root-name", metavar="NAME", help="also create their union as a territory above them")
        parser.add_argument("--root-level", choices=Level.values, default=str(Level.CITY))
        parser.add_argument("--not-zoned", action="store_true", help="without own cells, for overlapping territories")
        parser.add_argument(
            "--expected-persons", type=float, metavar="N",
            help="people counted in all of them together by the last census (stored on the root or the parent)",
        )  # fmt: skip
        parser.add_argument(
            "--count-kind", choices=CountKind.values, default="",
            help="where the number of people comes from; without it the site shows no number of people",
        )  # fmt: skip
        parser.add_argument("--counted-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="day of the count")
        parser.add_argument("--counted-by", default="", metavar="WHO", help="who counted")
        parser.add_argument(
            "--axes", choices=["written", "swapped"],
            help="longitude and latitude as the file is written, or exchanged; asked only if they look swapped",
        )  # fmt: skip
        parser.add_argument("--slug-prefix", default="", metavar="P", help="prefix of each short name")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        boundaries = self._read(path, options["name_field"], options["axes"])
        parent = self._territory(options["parent"]) if options["parent"] else None
        prefix = slugify(options["slug_prefix"])
        if options["root_name"]:
            parent = self._enter(
                options["root_name"],
                territory_cells.outline_of([each.polygon for each in boundaries]),
                Level(options["root_level"]),
                "",
                parent,
                False,
            )
        if options["expected_persons"] is not None:
            if parent is None:
                raise CommandError("--expected-persons needs --root-name or --parent: the territory of the count.")
            count = PeopleCount(
                options["expected_persons"], options["count_kind"], options["counted_on"], options["counted_by"]
            )
            hindcasts.note(parent, count)
            Territory.objects.filter(pk=parent.pk).update(**count.columns())
            parent.refresh_from_db()
        for boundary in boundaries:
            self._enter(
                boundary.name, boundary.polygon, Level(options["level"]), prefix, parent, not options["not_zoned"]
            )
        cells = self._settle(parent, boundaries, prefix)
        mended = sum(each.repaired for each in boundaries)
        joined = sum(each.parts - 1 for each in boundaries)
        self.stdout.write(
            f"{len(boundaries)} territories loaded, {mended} invalid borders repaired, {joined} parts joined to a "
            f"territory of the same name, {cells} cells in their tree."
        )
        if parent is None or not people_counts.has_source(parent):
            self.stdout.write(
                "These territories have no count of people with a source. Until they have one, the site shows no number "
                "of people, only searches and needs. Enter it with --expected-persons and --count-kind, or on the home "
                "page of a coordinator."
            )

    def _read(self, path: Path, name_field: str, axes: str | None) -> list[NamedBorder]:
        """Return the boundaries with unique names. axes: "written" or "swapped"; None asks if they look swapped."""
        try:
            features = border_reader.read(path.read_bytes())
            if axes is None and (readings := axis_question.readings_to_ask(features)) is not None:
                cure = "Nothing is loaded. Choose --axes swapped or --axes written."
                raise CommandError(f"{axis_question.words(readings)} {cure}")
            if axes == "swapped":
                if swapped_axes.readings_of(features) is None:
                    raise CommandError("--axes swapped: the longitudes of this file cannot be latitudes.")
                features = swapped_axes.swapped(features)
            return border_reader.named(features, name_field)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except BordersRefused as refused:
            raise CommandError("\n".join([f"{path.name}: nothing is loaded.", *refused.lines()])) from refused

    def _territory(self, slug: str) -> Territory:
        found = Territory.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no territory {slug!r}.")
        return found

    def _enter(
        self, name: str, polygon: Any, level: Level, prefix: str, parent: Territory | None, zoned: bool
    ) -> Territory:
        slug = self._slug(name, prefix)
        known = Territory.objects.filter(slug=slug).first()
        if known is not None and known.parent_id != (parent.pk if parent else None):
            raise CommandError(f"The short name {slug!r} is taken by {known.path}; choose a --slug-prefix.")
        return territory_cells.save_territory(name, polygon, level, slug=slug, parent=parent, zoned=zoned)

    @staticmethod
    def _slug(name: str, prefix: str) -> str:
        slug = "-".join(part for part in (prefix, slugify(name)) if part)[:80]
        if not slug:
            raise CommandError(f"{name!r} has no letters or digits for a short name; choose a --slug-prefix.")
        return slug

    def _settle(self, parent: Territory | None, boundaries: list[NamedBorder], prefix: str) -> int:
        """Assign the cells of the changed territory trees; return their number."""
        if parent is None:
            roots = list(Territory.objects.filter(slug__in=[self._slug(each.name, prefix) for each in boundaries]))
        else:
            roots = [parent]
            while roots[0].parent is not None:
                roots = [roots[0].parent]
        return sum(territory_cells.assign_cells(root) for root in roots)
