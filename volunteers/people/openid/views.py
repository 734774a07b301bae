"""Sign-in with the provider of the settings, and the connection of an existing account with it."""

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.openid import provider
from volunteers.people.openid.provider import Adapter
from volunteers.people.openid.social_adapter import SocialAdapter


def _ours(request: HttpRequest) -> provider.Provider:
    if not provider.is_configured():
        raise Http404
    found: provider.Provider = SocialAdapter(request).get_provider(request, settings.OIDC_ISSUER)
    return found


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider. Pages link here, because our content security policy does not let a form be redirected
    to the provider."""
    page = request.GET.get(REDIRECT_FIELD_NAME, "")
    inside = page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else None
    return _redirect(request, _ours(request), AuthProcess.LOGIN, inside)


def _redirect(request: HttpRequest, ours: provider.Provider, process: str, page: str | None = None) -> HttpResponse:
    """Return a redirect to the provider, or an error page if its configuration cannot be read."""
    try:
        answer: HttpResponse = ours.redirect(request, process, next_url=page, auth_params={})
    except OAuth2Error as error:
        answer = render_authentication_error(request, ours, exception=error)
    return answer


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Complete a sign-in when the browser returns from the provider."""
    ours = _ours(request)
    view = OAuth2CallbackView.adapter_view(Adapter(request, settings.OIDC_ISSUER))
    try:
        answer: HttpResponse = view(request)
    except OAuth2Error as error:
        answer = render_authentication_error(request, ours, exception=error)
    return answer


@require_POST
def connect(request: Request) -> HttpResponse:
    """Begin to connect the reader's account. Only their own click and a fresh proof of identity may start this, because
    the owner of the connected account can sign in."""
    ours = _ours(request)
    reauthentication.require(request)
    sent = _redirect(request, ours, AuthProcess.CONNECT)
    if "Location" not in sent:
        return sent
    return render(request, "volunteers/openid/connect.html", {"provider": ours, "address": sent["Location"]})


@require_POST
def disconnect(request: Request) -> HttpResponse:
    """Disconnect the reader's account; refuse if they have no password to sign in with."""
    reauthentication.require(request)
    if not request.user.has_usable_password():
        messages.error(request, _("First set a password, so that you can still sign in."))
    elif SocialAccount.objects.filter(user=request.user).delete()[0]:
        messages.success(request, _("The connection is removed."))
    return redirect("volunteers:me")
