"""Map data: vector tiles of zones, files of releases, and borders."""

import gzip

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from mapping.map import borders, tiles
from mapping.releases import archives, release_filter, volunteer_files
from solidarity.lib.http.byte_ranges import ranged
from solidarity.lib.http.conditional_answers import unless_known
from volunteers.accounts.http_types import Request
from volunteers.enums import Audience
from volunteers.territories import access

# Compression does not make responses smaller that are shorter than this.
PACKED_FROM = 600


def _revalidated(request: Request, data: bytes, etag: str, content_type: str) -> HttpResponseBase:
    """Return a private response that the browser caches and revalidates. While the ETag is unchanged, respond 304."""

    def drawn() -> HttpResponse:
        packed = len(data) >= PACKED_FROM and "gzip" in request.headers.get("Accept-Encoding", "")
        answer = HttpResponse(gzip.compress(data, 5, mtime=0) if packed else data, content_type=content_type)
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        return answer

    response = unless_known(request, etag, drawn)
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    return response


def _guard(request: Request) -> None:
    """Raise Http404 for visitors who are not signed in: a map file cannot redirect to the sign-in page."""
    if not request.user.is_authenticated:
        raise Http404


@require_safe
def tile(request: Request, slug: str, z: int, x: int, y: int) -> HttpResponseBase:
    """Serve a tile of the release that the reader may see. Respond 404 for a tile outside the tile pyramid or without
    access."""
    _guard(request)
    territory = access.territory_for(request.viewer, slug)
    there, frozen = release_filter.release_for(request.viewer, territory)
    if not there:
        return HttpResponse(status=204, headers={"Cache-Control": "private, no-cache"})
    try:
        drawn = tiles.tile(z, x, y, territory.path, frozen.pk if frozen else None)
    except ValueError as error:
        raise Http404 from error
    return _revalidated(request, drawn.data, drawn.etag, "application/vnd.mapbox-vector-tile")


@require_safe
def archive(request: Request, slug: str, digest: str, name: str) -> HttpResponseBase:
    """Serve a file of the volunteers' release of a territory to readers of that release; 404 for everybody else."""
    _guard(request)
    territory = access.territory_for(request.viewer, slug)
    there, frozen = release_filter.release_for(request.viewer, territory)
    files = volunteer_files.of(frozen, territory) if there else None
    if files is None or files.folder != f"{Audience.VOLUNTEER}/{digest}" or name not in archives.TYPES:
        raise Http404
    response = ranged(
        request,
        archives.file_of(files.folder, name),
        etag=f'"{digest}"',
        content_type=archives.TYPES[name],
        cache="private, no-cache",
    )
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
def boundaries(request: Request, slug: str) -> HttpResponseBase:
    """Serve the borders of the territory and of the territories below it, as GeoJSON."""
    _guard(request)
    drawn = borders.borders_of(access.territory_for(request.viewer, slug))
    return _revalidated(request, drawn.data, drawn.etag, "application/geo+json")
