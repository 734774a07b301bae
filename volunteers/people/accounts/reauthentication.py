"""Reauthentication before sensitive actions: exports, tokens, roles, erasure, parameters (ADR 23).

A proof of identity (sign-in, password, code, passkey) is valid for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds. Without a
valid proof, the reader is redirected to a page that asks for one. After that, a form that the reader had submitted is
sent again automatically. Check the permission first: call :func:`require` after the lookup that raises Http404.
"""

import time
from urllib.parse import urlsplit

from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


def fresh(request: HttpRequest) -> bool:
    """Return whether this session has a valid proof of identity. A request with an API token has no session, so it
    never has a valid proof of identity."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return bool(time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def require(request: HttpRequest, back: str = "") -> None:
    """Raise an exception if the session has no valid proof of identity. AccountMiddleware turns the exception into a
    redirect to the page that asks for a proof.

    back: the page to open after the proof; without it, the request is repeated.
    """
    if fresh(request):
        return
    if not reauthentication.get_reauthentication_flows(request.user):  # neither password nor second factor
        raise ImmediateHttpResponse(_sent(request, _sign_in_elsewhere(request, back)))
    if back:
        raise ImmediateHttpResponse(_sent(request, f"{_prove()}?{urlencode({REDIRECT_FIELD_NAME: back})}"))
    if request.headers.get("HX-Request"):
        raise ImmediateHttpResponse(_sent(request, reauthentication.suspend_request(request, _prove())["Location"]))
    raise ReauthenticationRequired


def _prove() -> str:
    return reverse("account_reauthenticate")


def _sign_in_elsewhere(request: HttpRequest, back: str) -> str:
    """Return the page on which people prove their identity if they sign in with another organisation's account."""
    page = request.path if request.method == "GET" else urlsplit(request.headers.get("Referer", "")).path
    return f"{reverse('openid_login')}?{urlencode({REDIRECT_FIELD_NAME: back or page or reverse('home')})}"


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect to another page. htmx needs a special header; without it, htmx would show the other page inside the
    current page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
