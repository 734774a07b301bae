"""Uploaded borders until they are stored: they stay in the cache for an hour, for the uploader only."""

import uuid
from collections.abc import Sequence

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from solidarity.lib import cache
from solidarity.lib.border_files.border_reader import Feature
from volunteers.models import User

SECONDS = 3600


def keep(owner: User, features: Sequence[Feature]) -> uuid.UUID:
    """Keep the features of a file; return their key."""
    draft = uuid.uuid4()
    rows = [(each.number, each.properties, bytes(each.polygon.wkb), each.repaired) for each in features]
    cache.put(cache_key(owner, draft), rows, SECONDS)
    return draft


def find(owner: User, draft: uuid.UUID) -> list[Feature]:
    """Return the features of a draft; [] if the draft is gone or belongs to another person."""
    rows = cache.get(cache_key(owner, draft)) or []
    found = []
    for number, properties, wkb, repaired in rows:
        polygon = GEOSGeometry(memoryview(wkb), srid=4326)
        assert isinstance(polygon, MultiPolygon)
        found.append(Feature(number, properties, polygon, repaired))
    return found


def cache_key(owner: User, draft: uuid.UUID) -> str:
    """Return the key under which an upload is in the cache."""
    return f"border-draft:{owner.pk}:{draft.hex}"
