"""Defects of a file of borders. For each defect, a sentence says what is wrong and how to correct it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_LINES = 30

SENTENCES: dict[str, str | Promise] = {
    "too_large": gettext_lazy("The file is larger than %(most)s MB. Simplify the borders, or divide the file."),
    "unknown_format": gettext_lazy(
        "This is not GeoJSON, GeoPackage, KML or a zipped Shapefile. Export the borders again in one of these formats."
    ),
    "unreadable": gettext_lazy("The file cannot be read: it is damaged or incomplete. Export it again."),
    "too_much": gettext_lazy("The file takes too long to read. Simplify the borders, or divide the file."),
    "encoding": gettext_lazy("The text of the file is not in UTF-8. Export it again with the encoding UTF-8."),
    "deep": gettext_lazy("The file is nested too deeply. Export the borders again."),
    "no_collection": gettext_lazy("The file has no list of features. Export the borders as a FeatureCollection."),
    "no_features": gettext_lazy("The file has no boundaries."),
    "too_many_features": gettext_lazy("The file has more than %(most)s areas. Choose the areas that you need first."),
    "too_many_points": gettext_lazy("The borders have more than %(most)s points. Simplify them."),
    "zip_unsafe": gettext_lazy(
        "The archive holds links, passwords or unusual paths. Make a new one with the files only."
    ),
    "zip_bomb": gettext_lazy("The archive is far larger unpacked than packed. Send the files in another format."),
    "zip_several": gettext_lazy("The archive holds several files of borders. Send one at a time."),
    "zip_nothing": gettext_lazy("The archive holds no file of borders."),
    "zip_parts": gettext_lazy("The archive needs the .shp, .shx, .dbf and .prj files of the Shapefile together."),
    "crs_missing": gettext_lazy(
        "The file does not say its coordinate system. Export it again in WGS 84 (EPSG:4326); a Shapefile needs its .prj "
        "file."
    ),
    "crs_unknown": gettext_lazy("The coordinate system of the file is unknown. Export it again in WGS 84 (EPSG:4326)."),
    "no_feature": gettext_lazy("is not a feature with a border"),
    "no_geometry": gettext_lazy("has no border"),
    "empty": gettext_lazy("has an empty border"),
    "no_polygon": gettext_lazy("has only points or lines; a border is a closed surface"),
    "crossing": gettext_lazy("has a border that crosses itself too often to be repaired"),
    "no_area": gettext_lazy("has a border without a surface"),
    "position": gettext_lazy("has a point that is not two numbers"),
    "ring": gettext_lazy("has a border that is not closed, or has fewer than four points"),
    "out_of_range": gettext_lazy(
        "has coordinates that are not degrees of longitude and latitude; export the file again in WGS 84 (EPSG:4326)"
    ),
    "name_missing": gettext_lazy("has no “%(property)s”"),
    "name_long": gettext_lazy("has a name of more than %(most)s characters"),
    "name_characters": gettext_lazy("has a name with characters that cannot be stored"),
}


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect. code: a key of SENTENCES. number: number of the feature in the file, from 1; None for a defect of the
    whole file."""

    code: str
    number: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the defect in the reader's language."""
        words = str(SENTENCES.get(self.code, SENTENCES["unreadable"]))
        words = words % self.details if self.details else words
        if self.number is None:
            return words
        return _("Feature %(number)s %(problem)s.") % {"number": self.number, "problem": words}


class BordersRefused(Exception):
    """The whole file is refused."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__(", ".join(f"{each.number}:{each.code}" for each in defects[:5]))
        self.defects = list(defects)

    def lines(self) -> list[str]:
        """Return one line per defect, at most MOST_LINES, then a line with the number of further defects."""
        shown = [each.sentence() for each in self.defects[:MOST_LINES]]
        if rest := len(self.defects) - len(shown):
            shown.append(_("And %(number)s more.") % {"number": rest})
        return shown
