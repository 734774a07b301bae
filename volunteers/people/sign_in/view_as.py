"""The view-as mode, in which a coordinator sees the map in the same way as a volunteer or the public.

The session stores the chosen audience, and the middleware puts it into ``request.viewer``. Access is decided in
volunteers.places.territories.access.
"""

from collections.abc import Callable
from typing import cast

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase

from volunteers.enums import Audience
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing

SESSION_KEY = "view_as"
CHOICES = (Audience.VOLUNTEER, Audience.PUBLIC)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def viewer_middleware(get_response: GetResponse) -> GetResponse:
    """Set ``request.viewer``: the user, and the audience that a coordinator chose for “view as”."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        cast("Request", request).viewer = _viewer(request)
        return get_response(request)

    return respond


def _viewer(request: HttpRequest) -> Viewer:
    chosen = request.session.get(SESSION_KEY)
    if chosen in CHOICES and request.user.is_authenticated and standing.is_coordinator(request.user):
        return Viewer(request.user, Audience(chosen))
    return Viewer(request.user)


def switch(session: SessionBase, wanted: str) -> Audience | None:
    """Store the chosen audience in the session and return it. Any other value ends the mode and returns None."""
    if wanted in CHOICES:
        session[SESSION_KEY] = wanted
        return Audience(wanted)
    session.pop(SESSION_KEY, None)
    return None
