"""Forms without a CSRF token, from people who are not signed in.

Pages kept for readers without session (kept_pages.py) are the same for all of them, so their forms contain no token,
and the pages set no cookie.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class OwnPageCsrfMiddleware(CsrfViewMiddleware):
    """Accept a form from a person who is not signed in, if the browser says that one of our pages sent the form.

    The browser says so in ``Origin``, or over HTTPS in ``Referer``, and a page of another site can set neither. All
    other forms, and all forms of people who are signed in, go to Django's own check, which requires the token.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leave the cookie to Django's own check."""

    def process_view(
        self, request: HttpRequest, callback: Callable[..., Any] | None, callback_args: Any, callback_kwargs: Any
    ) -> None:
        if request.method not in SAFE and SESSION_KEY not in request.session and self._is_from_own_page(request):
            self._accept(request)  # type: ignore[attr-defined]  # the stubs leave it out

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave the cookie to Django's own check."""
        return response

    def _is_from_own_page(self, request: HttpRequest) -> bool:
        if "HTTP_ORIGIN" in request.META:
            return bool(self._origin_verified(request))  # type: ignore[attr-defined]
        if not request.is_secure():
            return False
        try:
            self._check_referer(request)  # type: ignore[attr-defined]
        except RejectRequest:
            return False
        return True
