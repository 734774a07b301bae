"""The files of public releases, served before anything asks who is there: no session, no language, nothing to vary by."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from mapping.releases.public.views import path_of, public_file

_ADDRESS = re.compile(r"/map/releases/public/([0-9a-f]{32})/([a-z.]+)\Z")

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def public_files(get_response: GetResponse) -> GetResponse:
    """Middleware: answers the addresses of public releases' files itself, where the file is there."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        found = _ADDRESS.match(request.path_info)
        if found and path_of(*found.groups()) is not None:
            return public_file(request, *found.groups())
        return get_response(request)

    return serve
