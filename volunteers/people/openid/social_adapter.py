"""allauth's adapter for accounts of other organisations: one provider, and the rules of our sign-up."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse

from solidarity.lib.http import outgoing
from volunteers.people.administrators import sign_up
from volunteers.people.openid import provider

SECONDS = 10


class SocialAdapter(DefaultSocialAccountAdapter):
    """One provider at most, from the settings. Nobody gets into an existing account by its e-mail address."""

    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        return _apps()

    def get_provider(self, request: Any, provider: Any, client_id: Any = None) -> Any:
        return _provider(request)

    def list_providers(self, request: Any) -> list[Any]:
        return [_provider(request)] if _apps() else []

    def get_requests_session(self) -> Any:
        """Return a session for public addresses only (solidarity.lib.http.outgoing), with a time limit."""
        session = outgoing.session()
        call = session.request

        def limited(method: Any, url: Any, **more: Any) -> Any:
            return call(method, url, **({"timeout": SECONDS} | more))

        session.request = limited  # type: ignore[assignment, method-assign]
        return session

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Raise ImmediateHttpResponse with a page that says why this person gets no new account."""
        addresses = sociallogin.email_addresses
        if not addresses:
            page = render(request, "volunteers/openid/no_address.html", {"provider": sociallogin.provider}, status=403)
            raise ImmediateHttpResponse(page)
        if not sign_up.is_open_to(request.session) or not sign_up.accepts(request.session, addresses[0].email):
            page = render(request, "account/signup_closed.html", {"ask": sign_up.whom_to_ask()}, status=403)
            raise ImmediateHttpResponse(page)
        return True

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("volunteers:me")


def _apps() -> list[SocialApp]:
    return [provider.configured_app()] if provider.is_configured() else []


def _provider(request: Any) -> provider.Provider:
    """Return the provider; raise SocialApp.DoesNotExist if the settings name none."""
    if not provider.is_configured():
        raise SocialApp.DoesNotExist
    return provider.Provider(request, app=provider.configured_app())
