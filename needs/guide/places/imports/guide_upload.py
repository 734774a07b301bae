"""Files of other guides: their conversion in a process with limited memory and time, and the rows that it wrote."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from needs.reports.importers.any_table.uploaded_tables import TableRefused, run_limited

_PROGRAM = Path("needs") / "guide" / "places" / "imports" / "guide_converter.py"


class Guide(models.TextChoices):
    """Guides of places that can be read."""

    HSDS = "hsds", _("HSDS 3 (Human Services Data Specification)")
    DATA_INCLUSION = "data_inclusion", _("data·inclusion")
    SOLIGUIDE = "soliguide", _("Soliguide")
    OSM = "osm", _("OpenStreetMap extract")
    PARIS_FOUNTAINS = "paris_fountains", _("drinking fountains of Paris")
    PARIS_TOILETS = "paris_toilets", _("public toilets of Paris")
    SOLIDARITY = "solidarity", _("a file exported by Solidarity")


@dataclass(frozen=True, slots=True)
class GuideFile:
    """A converted file. path: path of the file with the guide as JSON lines."""

    guide: Guide
    rows: int
    path: Path


def convert(source: Path, target: Path) -> GuideFile:
    """Recognise a file and write its rows as JSON lines. Raises TableRefused."""
    said = run_limited(settings.ROOT / _PROGRAM, [], source, target)
    try:
        return GuideFile(Guide(said["kind"]), int(said["rows"]), target)
    except (KeyError, ValueError):
        raise TableRefused("broken") from None


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (number from 1, values) of the rows of a converted file."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield number, json.loads(line)
