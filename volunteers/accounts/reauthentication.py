"""Reauthentication before sensitive actions: exports, tokens, roles, erasure, parameters (ADR 23).

A proof of identity (sign-in, password, code, passkey) is valid for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds. Without a
valid proof, the reader is redirected to give one; afterwards, a submitted form continues by itself. Check permission
first: call :func:`require` after the lookup that raises 404.
"""

import time

from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode


def fresh(request: HttpRequest) -> bool:
    """Return whether this session has a valid proof. A request with an API token has no session, so it never has a
    proof."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return bool(time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def require(request: HttpRequest, back: str = "") -> None:
    """Without a valid proof, raise an exception. AccountMiddleware turns it into a redirect to the page that asks for
    one.

    back: the page to open afterwards, instead of repeating the request.
    """
    if fresh(request):
        return
    if back:
        raise ImmediateHttpResponse(_sent(request, f"{_prove()}?{urlencode({REDIRECT_FIELD_NAME: back})}"))
    if request.headers.get("HX-Request"):
        raise ImmediateHttpResponse(_sent(request, reauthentication.suspend_request(request, _prove())["Location"]))
    raise ReauthenticationRequired


def _prove() -> str:
    return reverse("account_reauthenticate")


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect to another page. Without its own header, htmx would show that page inside this one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
