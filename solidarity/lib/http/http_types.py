"""Requests as our views see them."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request that passed AuthenticationMiddleware and HtmxMiddleware."""

    user: Any
    htmx: "HtmxDetails"


class SignedIn(Request):
    """A request by somebody who is signed in."""

    user: "AbstractBaseUser"
