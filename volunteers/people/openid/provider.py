"""The OpenID Connect provider of the settings, with stricter checks than allauth's.

The provider is in the settings only (OIDC_*), never in the database. From the provider's answer, the account stores
only the number that the provider gives to the person (``sub``). The e-mail address is used at sign-up.
"""

from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

LONGEST = 191  # maximum number of characters of a person's id that the account can store
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures with a public key. With others, everybody who knows the public key could sign."""


def is_configured() -> bool:
    """Return whether the settings name a provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def configured_app() -> SocialApp:
    """Return the provider of the settings as allauth's model, without storing it.

    Accounts are linked to the issuer. If another provider with the same numbers is configured later, it therefore
    cannot open these accounts.
    """
    options = {"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True}
    return SocialApp(
        provider="openid_connect", provider_id=settings.OIDC_ISSUER, name=settings.OIDC_NAME, client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET, settings=options,
    )  # fmt: skip


def nonce_of(state: str) -> str:
    """Return the nonce of a sign-in, computed from its state. The state is in the session and valid once."""
    return salted_hmac("solidarity.openid.nonce", state, algorithm="sha256").hexdigest()


class Client(OAuth2Client):
    """allauth's client, which also sends a nonce."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        nonce = {"nonce": nonce_of(str(self.state))}
        return str(super().get_redirect_url(authorization_url, scope, {**extra_params, **nonce}))


class Adapter(OpenIDConnectOAuth2Adapter):
    """allauth's adapter, which also checks signature, nonce, issuer and subject. It raises OAuth2Error."""

    client_class = Client

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return the address at SITE_URL, whatever the Host header says."""
        return settings.SITE_URL + reverse("openid_callback")

    @property
    def openid_config(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = super().openid_config
        except (OSError, ValueError) as error:
            raise OAuth2Error("the provider cannot be read") from error
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        if not isinstance(found, dict) or any(not isinstance(found.get(name), str) for name in needed):
            raise OAuth2Error("the provider's configuration is incomplete")
        if found["issuer"].rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("the provider names another issuer")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **more: Any) -> Any:
        response = more["response"]
        if not isinstance(response.get("id_token"), str):
            raise OAuth2Error("there is no ID token")
        try:
            claims = self._decode_id_token(app, response["id_token"])
            about = self._fetch_user_info(token.token)
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the provider's answer cannot be read") from error
        if not constant_time_compare(str(claims.get("nonce", "")), nonce_of(request.GET.get("state", ""))):
            raise OAuth2Error("the ID token belongs to another sign-in")
        number = claims.get("sub")
        if not isinstance(number, str) or not 0 < len(number) <= LONGEST or number != about.get("sub"):
            raise OAuth2Error("the two answers are about different people")
        if not isinstance(about.get("email"), str):
            about["email"] = None
        return self.get_provider().sociallogin_from_response(request, {"userinfo": about, "id_token": claims})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Return the claims. allauth does not check the signature if the token came over TLS; we always check it."""
        if _algorithm_of(id_token) not in ALGORITHMS:
            raise OAuth2Error("the ID token is not signed with a public key")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token, keys_url=self.openid_config["jwks_uri"], issuer=self.openid_config["issuer"],
            audience=app.client_id, lookup_kid=jwtkit.lookup_kid_jwk,
        )  # fmt: skip
        return claims


def _algorithm_of(id_token: str) -> str:
    import jwt

    try:
        return str(jwt.get_unverified_header(id_token).get("alg"))
    except jwt.PyJWTError as error:
        raise OAuth2Error("the ID token cannot be read") from error


class Provider(OpenIDConnectProvider):
    """The provider of the settings. The provider is asked only for the e-mail address, and nothing of its answer is
    stored."""

    oauth2_adapter_class = Adapter

    def get_login_url(self, request: HttpRequest, **more: Any) -> str:
        return reverse("openid_login")

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        return {}

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["id_token"]["sub"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"email": data["userinfo"].get("email")}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """Return the address; it is confirmed only if the provider says exactly ``true``."""
        found: list[Any] = super().extract_email_addresses({"userinfo": data["userinfo"]})
        for address in found:
            address.verified = data["userinfo"].get("email_verified") is True
        return found
