"""The second factor, required for dispatchers, coordinators, administrators and staff."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from volunteers.people.roles.standing import needs_second_factor

OPEN_TO_ALL = ("/accounts/", "/static/", "/i18n/")


def may_work(user: Any) -> bool:
    """Return whether a person has the second factor that their role requires, in sessions and with API tokens."""
    return not settings.MFA_REQUIRED or not needs_second_factor(user) or bool(is_mfa_enabled(user))


class SecondFactorMiddleware:
    """Redirect people without a required second factor to its setup page, except in demo mode."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not request.path.startswith(OPEN_TO_ALL) and user.is_authenticated and not may_work(user):
            messages.warning(
                request, _("Dispatchers, coordinators and administrators need a second factor. Please set one up.")
            )
            return redirect("mfa_index")
        return self.get_response(request)
