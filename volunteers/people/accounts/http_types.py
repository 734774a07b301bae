"""Types of requests after the middlewares have run."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from volunteers.models import User
    from volunteers.people.accounts.viewer import Viewer


class Request(HttpRequest):
    """A request with its viewer. On pages that are open to everybody, check ``user.is_authenticated`` first."""

    user: "User"
    viewer: "Viewer"
    htmx: "HtmxDetails"
