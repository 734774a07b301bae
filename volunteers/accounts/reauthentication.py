"""Asking once more who it is, before what could hurt many: exports, tokens, roles, erasure, parameters (ADR 23).

A proof (password, code, passkey) is good for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds; signing in counts as one. Where it
is missing the reader is sent to give it, and a form that was sent goes on by itself afterwards. Permission comes first:
call :func:`require` after the look-up that answers 404.
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
    """Whether this session proved lately who it is; never for a request with a token, which has no session's proof."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return bool(time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def require(request: HttpRequest, back: str = "") -> None:
    """Go on only with a fresh proof. back: the page to come to afterwards instead of repeating the request.

    Raises what sends the reader to the proof; AccountMiddleware answers it.
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
    """To another page; a request by htmx is told so in its own way, or it would put that page into a part of this one."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
