"""Publication of the weekly public release: partition and blur, rows, files."""

import hmac
from dataclasses import astuple
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage.cells.cell_states import territory_params_of
from mapping.enums import STATUS_KEYS, Status
from mapping.map.releases import archives
from mapping.map.releases.public import counts, gathering, partition, release_schedule, weekly_figures
from mapping.models import Parameters, PublicPlace, Release
from solidarity.lib import cell_geometry
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.http import kept_pages
from volunteers.enums import Audience
from volunteers.models import Territory

LOCK = "public release"
FORMAT = "solidarity-public-release/1"
FIRST_ZOOM = 4
FIELDS = {"places": {"key": "String", "status": "Number", "coverage": "Number"}}


def secret() -> bytes:
    """Return the secret that blur and noise are computed with. It stays the same as long as the deployment keeps its
    key."""
    return hmac.digest(settings.FIELD_KEY.encode(), b"public release", "sha256")


def publish_due(now: datetime | None = None) -> list[Release]:
    """Make the missing releases, oldest first. Safe to repeat and to run in several processes."""
    moment = now or timezone.now()
    made = []
    with transaction.atomic():
        lock([LOCK])
        newest = Release.objects.public().last()
        for published in release_schedule.due(newest.published_at if newest else None, moment):
            made.append(publish_week(published))
        if made:
            kept_pages.renew()
    return made


def publish_week(published: datetime) -> Release:
    """Make the release of one Monday, in the caller's transaction."""
    as_of = release_schedule.as_of(published)
    recent_days = Parameters.objects.in_force(None).recent_days
    evidence, models = gathering.evidence_at(as_of, recent_days)
    before = Release.objects.public().filter(as_of__lt=as_of).last()
    uncounted = {pk for pk, params in territory_params_of(moment=as_of).items() if not params.counted}
    places, memory = partition.plan(evidence, models, secret(), _remembered(before), uncounted)
    release = Release.objects.create(
        audience=Audience.PUBLIC,
        as_of=as_of,
        published_at=published,
        recent_days=recent_days,
        memory={key: list(astuple(kept)) for key, kept in sorted(memory.items())},
    )
    published_counts = counts.for_release(release, before, [place for place in places if place.level == "8"], secret())
    PublicPlace.objects.bulk_create(_rows(release, places, published_counts), batch_size=2000)
    release.folder = archives.store(Audience.PUBLIC, data_of(release), _archive(release))
    release.save(update_fields=["folder"])
    weekly_figures.publish(release, secret())
    return release


def _remembered(release: Release | None) -> dict[str, partition.Kept]:
    return {key: partition.Kept(*kept) for key, kept in release.memory.items()} if release else {}


def _rows(release: Release, places: list[partition.PartPlace], published_counts: dict[str, int]) -> list[PublicPlace]:
    numbers: dict[int, int] = {}
    rows = []
    for place in places:
        numbers[place.commune] = number = numbers.get(place.commune, 0) + 1
        rows.append(
            PublicPlace(
                release=release,
                key=place.key,
                level=place.level,
                commune_id=place.commune,
                number=number,
                status=int(place.status),
                coverage=place.coverage,
                count=published_counts.get(place.key),
                outline=cell_geometry.dissolve(place.atoms),
            )
        )
    return rows


def data_of(release: Release) -> dict[str, Any]:
    """Return the JSON of the release. The JSON contains all public data of the release except the outlines, which are
    in the archive."""
    rows = release.places.select_related("commune").defer("outline", "commune__polygon").order_by("key")
    return {
        "format": FORMAT,
        "published_at": release.published_at.isoformat(),
        "as_of": release.as_of.isoformat(),
        "next_at": release_schedule.after(release.published_at).isoformat(),
        "recent_days": release.recent_days,
        "places": [
            {
                "key": row.key,
                "level": row.level,
                "commune": row.commune.slug,
                "name": row.commune.name,
                "number": row.number,
                "status": STATUS_KEYS[Status(row.status)],
                "coverage_from": row.coverage,
                **({} if row.count is None else {"count": row.count}),
            }
            for row in rows
        ],
    }


def _archive(release: Release) -> bytes:
    def draw(z: int, x: int, y: int) -> bytes:
        return _tile(release, z, x, y)

    return archives.pack(draw, bounds_of(release), FIRST_ZOOM, archives.LAST_ZOOM, "public release", FIELDS)


def bounds_of(release: Release) -> archives.Bounds:
    """Return west, south, east, north of the shown places, or of all territories if no place is shown."""
    found = (
        release.places.aggregate(box=Extent("outline"))["box"]
        or Territory.objects.aggregate(box=Extent("polygon"))["box"]
    )
    return found or (-1.0, -1.0, 1.0, 1.0)


def _tile(release: Release, z: int, x: int, y: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH box AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box,
                                ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.016), 4326) AS degrees)
            SELECT ST_AsMVT(l, 'places', 4096, 'geom') FROM (
                SELECT p.key, p.status, p.coverage,
                       ST_AsMVTGeom(ST_Transform(p.outline, 3857), b.box, 4096, 64, true) AS geom
                FROM box b, mapping_publicplace p
                WHERE p.release_id = %(release)s AND p.outline && b.degrees ORDER BY p.key
            ) l WHERE geom IS NOT NULL""",
            {"z": z, "x": x, "y": y, "release": release.pk},
        )
        return bytes(cursor.fetchone()[0])
