"""A coordinator looks at the map as somebody else: kept in the session, told to the release filter by the user object.

Nothing is decided here. ``user.looks_as`` holds the audience, and volunteers.territories.access, from which the release filter takes
whose release it is, answers as it would that audience.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from volunteers.enums import Audience
from volunteers.territories import access

SESSION_KEY = "look_as"
CHOICES = (Audience.VOLUNTEER, Audience.PUBLIC)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def look_as(get_response: GetResponse) -> GetResponse:
    """Middleware: puts the audience of the session on the user, for those who may look as somebody else."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        wanted = request.session.get(SESSION_KEY)
        user: Any = request.user
        if wanted in CHOICES and user.is_authenticated and access.is_coordinator(user):
            user.looks_as = Audience(wanted)
        return get_response(request)

    return answer


def switch(session: Any, wanted: str) -> Audience | None:
    """Look as an audience from now on, or as oneself (anything else); whom one looks as."""
    if wanted in CHOICES:
        session[SESSION_KEY] = wanted
        return Audience(wanted)
    session.pop(SESSION_KEY, None)
    return None
