"""Addresses that a phone caches to open the reader's own map offline: the page and the last release."""

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from mapping.map.releases import archives, reading, release_filter, volunteer_files
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request

FIRST_ZOOM, LAST_ZOOM = 11, 13
MOST_TILES = 80


@require_safe
def kept(request: Request) -> JsonResponse:
    """Return the addresses of the reader's map page, of the borders, and of the release's archive. If the release has
    no archive, return the addresses of its tiles instead."""
    viewer = request.viewer
    territory = reading.start_of(viewer, request.session.get(reading.SESSION_KEY)) if viewer.account else None
    if territory is None:
        return JsonResponse({"pages": [], "files": []})
    pages = [reverse("mapping:map", args=[territory.slug])]
    return JsonResponse({"pages": pages, "files": _files(request, territory)})


def _files(request: Request, territory: Territory) -> list[str]:
    there, frozen = release_filter.release_for(request.viewer, territory)
    files = volunteer_files.of(frozen, territory) if there else None
    borders = reverse("mapping:boundaries", args=[territory.slug])
    if files is not None:
        digest = files.folder.split("/")[1]
        return [borders, reverse("mapping:archive", args=[territory.slug, digest, archives.MAP])]
    zooms = range(FIRST_ZOOM, LAST_ZOOM + 1) if there else ()
    around = [(z, x, y) for z in zooms for x, y in archives.tiles_of(territory.polygon.extent, z)]
    return [borders, *(reverse("mapping:tile", args=[territory.slug, *tile]) for tile in around[:MOST_TILES])]
