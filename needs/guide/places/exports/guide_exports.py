"""The export files of the guide. A file is written when somebody asks for it and the guide has changed since the last
writing."""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Max

from needs.guide.places.exports.hsds_document import write_hsds
from needs.guide.places.exports.open_places import OpenPlace, open_places
from needs.guide.places.exports.place_tables import write_csv, write_geojson
from needs.models import Place, PlaceNotice
from solidarity.lib.database.advisory_locks import lock


class GuideFormat(models.TextChoices):
    """A format of the guide's file; the value is the ending of the file's name."""

    HSDS = "json", "HSDS"
    GEOJSON = "geojson", "GeoJSON"
    CSV = "csv", "CSV"


TYPES: dict[GuideFormat, str] = {
    GuideFormat.HSDS: "application/json",
    GuideFormat.GEOJSON: "application/geo+json",
    GuideFormat.CSV: "text/csv; charset=utf-8",
}
_WRITERS: dict[GuideFormat, Callable[[Iterable[OpenPlace], IO[str]], None]] = {
    GuideFormat.HSDS: write_hsds,
    GuideFormat.GEOJSON: write_geojson,
    GuideFormat.CSV: write_csv,
}


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "guide-files"


def file_of(chosen: GuideFormat, now: datetime) -> Path:
    """Return the file of a format, which is written again if an entry or a notice has changed.

    If several requests ask for a changed guide, one of them writes the file and the others wait. Files of older states
    are deleted, so that an address that becomes secret disappears at once.
    """
    path = folder() / f"{_state(now)}.{chosen.value}"
    if path.is_file():
        return path
    with transaction.atomic():
        lock([f"guide file {chosen.value}"])
        path = folder() / f"{_state(now)}.{chosen.value}"
        if not path.is_file():
            _write(chosen, path, now)
    return path


def _write(chosen: GuideFormat, path: Path, now: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as out:
        _WRITERS[chosen](open_places(now), out)
    os.replace(part, path)
    for old in path.parent.glob(f"*.{chosen.value}"):
        if old != path:
            old.unlink(missing_ok=True)


def _state(now: datetime) -> str:
    """Return a name for the state of the guide: its last change, the number of places, and the notices in force."""
    places = Place.objects.listed().aggregate(last=Max("updated_at"), number=Count("pk"), checked=Max("checked_at"))
    notices = PlaceNotice.objects.in_force(now).aggregate(last=Max("pk"), number=Count("pk"), made=Max("made_at"))
    stamps = [
        int(when.timestamp() * 1e6) if when else 0 for when in (places["last"], places["checked"], notices["made"])
    ]
    return "-".join(str(each) for each in (places["number"], *stamps, notices["number"], notices["last"] or 0))
