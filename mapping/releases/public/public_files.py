"""Middlewares that serve public releases: their files, and the latest one at its stable addresses.

They run before the middlewares for sessions and languages, so responses are the same for everybody.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import resolve

from mapping.releases.public.views import ADDRESS, path_of, public_file

_LATEST = "/public/"

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def release_files(get_response: GetResponse) -> GetResponse:
    """Serve an existing file of a public release; pass other requests on. A map asks for many small ranges, so only the
    middlewares that set headers come before."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        found = ADDRESS.match(request.path_info)
        if found and path_of(*found.groups()) is not None:
            return public_file(request, *found.groups())
        return get_response(request)

    return serve


def public_files(get_response: GetResponse) -> GetResponse:
    """Serve the latest public release; pass other requests on."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_LATEST):
            try:
                found_view, args, more = resolve(request.path_info)
                answer: HttpResponseBase = found_view(request, *args, **more)
                return answer
            except Http404:
                pass
        return get_response(request)

    return serve
