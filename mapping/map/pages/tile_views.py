"""Map data: vector tiles of zones, files of releases, and borders."""

import gzip

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from mapping.map.live import map_versions, signed_tiles, tiles
from mapping.map.pages import borders
from mapping.map.releases import archives, release_filter, volunteer_files
from mapping.models import Release
from solidarity.lib.http.byte_ranges import ranged
from solidarity.lib.http.conditional_answers import packed_answer, unless_known
from volunteers.enums import Audience
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


def _revalidated(request: Request, data: bytes, packed: bytes, etag: str, content_type: str) -> HttpResponseBase:
    """Return a private response that the browser caches and revalidates. While the ETag is unchanged, respond 304.
    packed: the compressed data, or empty."""
    response = unless_known(request, etag, lambda: packed_answer(request, data, packed, content_type))
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
        drawn = _drawn(z, x, y, territory, frozen)
    except ValueError as error:
        raise Http404 from error
    return _revalidated(request, drawn.data, drawn.packed, drawn.etag, tiles.TYPE)


def _drawn(z: int, x: int, y: int, territory: Territory, frozen: Release | None) -> tiles.Tile:
    if frozen:
        return tiles.released_tile(z, x, y, territory.path, frozen.pk)
    view = map_versions.of_view(territory.slug)
    if view is None:
        raise Http404
    return tiles.live_tile(z, x, y, view)


@require_safe
def version(request: Request, slug: str) -> HttpResponseBase:
    """Return a right to the tiles of the live map, for readers who may see the live state there; 404 for everybody
    else. ``right`` is for the ``v`` of tile addresses."""
    _guard(request)
    territory = access.territory_for(request.viewer, slug)
    there, frozen = release_filter.release_for(request.viewer, territory)
    view = map_versions.of_view(territory.slug)
    if not there or frozen is not None or view is None:
        raise Http404
    return signed_tiles.answer_with(signed_tiles.Right.now(slug, view, signed_tiles.access_before(request)))


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
    packed = gzip.compress(drawn.data, 5, mtime=0) if len(drawn.data) >= tiles.PACKED_FROM else b""
    return _revalidated(request, drawn.data, packed, drawn.etag, "application/geo+json")
