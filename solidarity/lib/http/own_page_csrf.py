"""The CSRF check: Django's tokens for signed-in people, the browser's word for everybody else.

Pages kept for readers without session (kept_pages.py) are the same for all of them, so their forms carry no token and
they set no cookie.
"""

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class OwnPageCsrfMiddleware(CsrfViewMiddleware):
    """Django's check, except that a form of somebody who is not signed in needs no token if the browser says that one of
    our pages sent it.

    The browser says so in ``Origin``, or over HTTPS in ``Referer``; Django has compared either with this site before it
    looks at the token, and a page of another site can set neither. Somebody who is signed in always needs the token.
    """

    def _check_token(self, request: HttpRequest) -> None:
        if says_where_from(request) and SESSION_KEY not in request.session:
            return
        super()._check_token(request)  # type: ignore[misc]  # the stubs leave it out


def says_where_from(request: HttpRequest) -> bool:
    """Return whether the request names the page that sent it, in a header that Django's check has already compared."""
    return "HTTP_ORIGIN" in request.META or request.is_secure()
