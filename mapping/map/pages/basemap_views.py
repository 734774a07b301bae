"""The base map's file, served in byte ranges."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from solidarity.lib.http.byte_ranges import ranged
from volunteers.places.basemap import installed


@require_safe
def basemap_file(request: HttpRequest) -> HttpResponseBase:
    """Serve the file or one byte range of it. Respond 404 if there is no file, and 416 if the range starts after its
    end. The file contains no personal data."""
    file = installed.path()
    if not file.is_file():
        raise Http404
    stat = file.stat()
    return ranged(
        request,
        file,
        etag=f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
        content_type="application/vnd.pmtiles",
        cache="public, max-age=86400",
    )
