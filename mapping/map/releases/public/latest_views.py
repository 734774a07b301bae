"""The latest public release at addresses that stay the same, for programs on other sites.

Pages of any site may read these responses, because they contain only the release, which is the same for everybody.
Other sites may read no other responses.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mapping.map.releases.public import latest, public_page
from mapping.models import Release
from solidarity.lib.files import hxl_tags
from solidarity.lib.http.conditional_answers import unless_known

# The time is short, so that a withdrawn release disappears soon. The addresses of tiles contain the hash of the
# release.
SOON = "public, max-age=300"


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """The latest release as GeoJSON; 404 without a release."""
    release = _latest()
    return _answer(request, release, latest.geojson(release), "application/geo+json", "geojson")


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The latest release as CSV; 404 without a release."""
    release = _latest()
    content, part = latest.table(release), "csv"
    if content is not None and hxl_tags.wanted(request):
        content = hxl_tags.with_tags(content, hxl_tags.tags_of("public map", latest.CSV_COLUMNS))
        part = "csv-hxl"
    return _answer(request, release, content, "text/csv; charset=utf-8", part)


@require_safe
def tilejson(request: HttpRequest) -> HttpResponse:
    """The TileJSON of the latest release; 404 without a release."""
    release = _latest()
    return _answer(request, release, latest.tilejson(release), "application/json", "tilejson")


@require_safe
def tile(request: HttpRequest, digest: str, z: int, x: int, y: int) -> HttpResponse:
    """One vector tile of the latest release; 204 for an empty tile, 404 for tiles of any other release."""
    release = _latest()
    if digest != latest.digest_of(release):
        raise Http404
    try:
        content = latest.tile(release, z, x, y)
    except (ValueError, FileNotFoundError):
        raise Http404 from None
    if content is None:
        return _open(HttpResponse(status=204))
    return _answer(request, release, content, "application/vnd.mapbox-vector-tile", f"{z}-{x}-{y}")


def _latest() -> Release:
    release = public_page.latest()
    if release is None:
        raise Http404
    return release


def _answer(request: HttpRequest, release: Release, content: bytes | None, kind: str, part: str) -> HttpResponse:
    if content is None:
        raise Http404
    etag = f'"{latest.digest_of(release)}-{part}"'
    return _open(unless_known(request, etag, lambda: HttpResponse(content, content_type=kind)))


def _open(response: HttpResponse) -> HttpResponse:
    """Let pages of other sites read the answer, and let caches keep it for a short time."""
    response.headers["Cache-Control"] = SOON
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Link"] = f'<{latest.terms_address()}>; rel="license"'
    return response
