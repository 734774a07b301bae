"""Middleware that serves public releases: their files, and the latest one at its stable addresses.

It runs before the middlewares for sessions and languages, so responses are the same for everybody.
"""

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import resolve

from mapping.releases.public.views import path_of, public_file

_LATEST = "/public/"
_ADDRESS = re.compile(r"/map/releases/public/([0-9a-f]{32})/([a-z.]+)\Z")

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def public_files(get_response: GetResponse) -> GetResponse:
    """Serve an existing file of a public release, or the latest release; pass other requests on."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        found = _ADDRESS.match(request.path_info)
        if found and path_of(*found.groups()) is not None:
            return public_file(request, *found.groups())
        if request.path_info.startswith(_LATEST):
            try:
                found_view, args, more = resolve(request.path_info)
                answer: HttpResponseBase = found_view(request, *args, **more)
                return answer
            except Http404:
                pass
        return get_response(request)

    return serve
