"""Files of a volunteers' release: one archive and one JSON for each territory with assigned volunteers.

Each territory has its own files, because a volunteer sees no other territory. Only people who may read this release of
the territory get the files. A volunteer who is assigned later in the day gets tiles of the same release from the
server.
"""

from typing import Any

from django.contrib.gis.db.models import Extent
from django.db import transaction
from django.utils import translation

from mapping.map.live import tiles
from mapping.map.releases import archives
from mapping.map.wording import rounding
from mapping.models import Release, ReleaseFiles, Zone
from volunteers.enums import Audience
from volunteers.models import Assignment, Territory

FORMAT = "solidarity-volunteer-release/1"
FIRST_ZOOM = 5
FIELDS = {
    "parents": {"status": "Number", "cells": "Number"},
    "zones": {
        "key": "String",
        "status": "Number",
        "territory": "String",
        "overridden": "Boolean",
        "computed": "Number",
    },
}


def make(release: Release) -> list[ReleaseFiles]:
    """Write the files of a volunteers' release for all territories with volunteers; delete files of older releases."""
    assigned = Assignment.objects.current().values("territory")
    made = [_make(release, territory) for territory in Territory.objects.filter(pk__in=assigned).order_by("path")]
    drop_unused()
    return made


def _make(release: Release, territory: Territory) -> ReleaseFiles:
    folder = archives.store(f"{Audience.VOLUNTEER}", data_of(release, territory), _archive(release, territory))
    files, _made = ReleaseFiles.objects.update_or_create(
        release=release, territory=territory, defaults={"folder": folder}
    )
    return files


def drop_unused() -> None:
    """Delete the folders that no release uses any more."""
    used = set(ReleaseFiles.objects.values_list("folder", flat=True))
    here = archives.root() / Audience.VOLUNTEER
    found = [f"{Audience.VOLUNTEER}/{place.name}" for place in here.iterdir()] if here.is_dir() else []
    gone = [folder for folder in found if folder not in used]

    def drop() -> None:
        for folder in gone:
            archives.drop(folder)

    transaction.on_commit(drop)


def data_of(release: Release, territory: Territory) -> dict[str, Any]:
    """Return the zones as volunteers see them: the status, and bands instead of figures. The outlines are in the
    archive."""
    rows = Zone.objects.of_release(release).within(territory).select_related("territory", "model")
    # These words are used as codes, so they are not translated, whatever the active language.
    with translation.override(None):
        zones = [_zone(rounding.figures_of(row)) for row in rows.defer("shape", "territory__polygon").order_by("key")]
    return {"format": FORMAT, "territory": territory.slug, "as_of": release.as_of.isoformat(), "zones": zones}


def _zone(figure: rounding.ZoneFigures) -> dict[str, Any]:
    return {
        "key": figure.key,
        "territory": figure.territory_slug,
        "status": figure.status,
        "people": rounding.persons_band(figure.persons) if figure.counted else None,
        "chance": rounding.chance_band(figure.chance) if figure.counted else None,
        "contested": figure.contested,
    }


def _archive(release: Release, territory: Territory) -> bytes:
    bounds = (
        Zone.objects.of_release(release).within(territory).aggregate(box=Extent("shape"))["box"]
        or territory.polygon.extent
    )

    def draw(z: int, x: int, y: int) -> bytes:
        return tiles.draw(z, x, y, territory.path, release.pk)

    return archives.pack(draw, bounds, FIRST_ZOOM, archives.LAST_ZOOM, "volunteers' release", FIELDS)


def of(release: Release | None, territory: Territory) -> ReleaseFiles | None:
    """Return the files of a release for a territory; None if the territory has no files."""
    if release is None or release.audience != Audience.VOLUNTEER:
        return None
    return ReleaseFiles.objects.filter(release=release, territory=territory).first()
