"""Coordinators and administrators work with a second factor, or not at all."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from mapping.access import needs_second_factor

OPEN_TO_ALL = ("/accounts/", "/static/", "/i18n/")


class SecondFactorMiddleware:
    """Sends a coordinator without a second factor to set one up. SOLIDARITY_DEMO relaxes it, and says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MFA_REQUIRED and not request.path.startswith(OPEN_TO_ALL) and request.user.is_authenticated:
            user = request.user
            if needs_second_factor(user) and not is_mfa_enabled(user):
                messages.warning(request, _("Coordinators and administrators need a second factor. Please set one up."))
                return redirect("mfa_index")
        return self.get_response(request)
