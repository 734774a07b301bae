"""The public map, its list, and the files of releases."""

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from mapping.enums import STATUS_KEYS, Status
from mapping.map.releases import archives
from mapping.map.releases.public import public_page, publishing
from mapping.models import Release
from solidarity.lib.http.byte_ranges import ranged
from solidarity.lib.http.kept_pages import kept
from solidarity.lib.languages import in_public_languages_without_account
from volunteers.enums import Audience
from volunteers.places.basemap import installed

COMMUNES = 30  # number of places on one page of the list
FOREVER = "public, max-age=31536000, immutable"
NOTHING_IN_IT = "default-src 'none'; frame-ancestors 'none'"  # the proxy sends files of releases with the same policy
ADDRESS = re.compile(r"/map/releases/public/([0-9a-f]{32})/([a-z.]+)\Z")
"""Address of a file of a public release."""


@kept
@in_public_languages_without_account
@require_safe
def public_map(request: HttpRequest) -> HttpResponse:
    """Map and list of the latest public release, the same for everybody."""
    release = public_page.latest()
    context: dict[str, Any] = {"page": None}
    if release is not None:
        shown = public_page.page_of(release, request.GET.get("status", ""))
        context = {
            "page": shown,
            "listed": Paginator(shown.communes, COMMUNES).get_page(request.GET.get("page")),
            "data": _address(release, archives.DATA),
            "map": _settings(release, shown.only),
            "recent_days": shown.recent_days,
            "legend": shown.legend,
        }
    return render(request, "mapping/releases/public.html", context)


@require_safe
def public_file(request: HttpRequest, digest: str, name: str) -> HttpResponseBase:
    """Serve a file of a public release; files never change."""
    file = path_of(digest, name)
    if file is None:
        raise Http404
    response = ranged(request, file, etag=f'"{digest}"', content_type=archives.TYPES[name], cache=FOREVER)
    response.headers["Content-Security-Policy"] = NOTHING_IN_IT
    return response


def path_of(digest: str, name: str) -> Path | None:
    """Return the path of a file of a public release; None without such a file."""
    if name not in archives.TYPES:
        return None
    file = place_of(digest, name)
    return Path(file) if os.path.isfile(file) else None


def place_of(digest: str, name: str) -> str:
    """Return the path at which a public release keeps this file, even if there is no such file.

    Formatting a string takes a tenth of the time that joining paths takes.
    """
    return f"{settings.RELEASES_ROOT}/{Audience.PUBLIC}/{digest}/{name}"


def _address(release: Release, name: str) -> str:
    return reverse("mapping:public_file", args=[release.folder.split("/")[1], name])


def _settings(release: Release, only: str) -> dict[str, Any]:
    """Return the settings of the map's script (json_script). only: key of the status to show, or empty."""
    return {
        "bounds": list(publishing.bounds_of(release)),
        "archive": _address(release, archives.MAP),
        "borders": reverse("mapping:boundaries"),
        **installed.map_settings(),
        "services": installed.service_names(),
        "statuses": [int(status) for status, key in STATUS_KEYS.items() if only in ("", key)],
        "letters": {int(Status.UNDER_COVERED): pgettext("letter of under-covered on the map", "U")},
        "words": {
            "Map.Title": _("Public coverage map"),
            "NavigationControl.ZoomIn": _("Zoom in"),
            "NavigationControl.ZoomOut": _("Zoom out"),
            "AttributionControl.ToggleAttribution": _("Sources of the map"),
            "AttributionControl.MapFeedback": _("Report a mistake in the map"),
        },
    }
